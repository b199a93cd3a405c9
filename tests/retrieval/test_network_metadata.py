"""What network files say of their input, against a table by hand and features computed beside."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from sameperson.checks import InputError
from sameperson.retrieval.network_metadata import Declared, declared
from sameperson.retrieval.preprocessing import Preprocessing, Values
from sameperson.retrieval.user_network import UserNetwork, open_network

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")
ov = pytest.importorskip("openvino")

IMAGENET, ITS_STD = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)
CAFFE = (104.0, 117.0, 123.0)
NORMAL = Values(1.0, IMAGENET, ITS_STD)
PLAIN = Values()

CONVERTED: list[tuple[dict[str, str], Declared]] = [
    (
        {
            "mean_values": "data[123.675,116.28,103.53]",
            "reverse_input_channels": "True",
            "scale_values": "data[58.395,57.12,57.375]",
        },
        Declared("BGR", PLAIN, inside=True),
    ),
    ({"reverse_input_channels": "True"}, Declared("BGR")),
    ({"reverse_input_channels": "False"}, Declared()),
    ({"mean_values": "[123.675,116.28,103.53]", "reverse_input_channels": "False"}, Declared("RGB", PLAIN, True)),
    ({"mean_values": "(104,117,123)"}, Declared("BGR", PLAIN, True)),
    ({"mean_values": "input.1[104,117,123]", "reverse_input_channels": "True"}, Declared("RGB", PLAIN, True)),
    ({"scale": "255"}, Declared(None, PLAIN, True)),
    ({"mean_values": "()", "scale_values": "{}", "framework": "onnx"}, Declared()),
]
MODEL_INFO: list[tuple[dict[str, str], Declared]] = [
    (
        {
            "reverse_input_channels": "YES",
            "mean_values": "123.675 116.28 103.53",
            "scale_values": "58.395 57.12 57.375",
        },
        Declared("RGB", NORMAL),
    ),
    ({"reverse_input_channels": "True", "scale_values": "255"}, Declared("RGB", Values(std=(255.0, 255.0, 255.0)))),
    ({"reverse_input_channels": "NO"}, Declared("BGR")),
    ({"mean_values": "104 117 123"}, Declared("BGR", Values(mean=CAFFE))),
    (
        {"mean_values": "123.675 116.28 103.53", "embedded_processing": "True", "reverse_input_channels": "True"},
        Declared("BGR", PLAIN, inside=True),
    ),
    ({"embedded_processing": "YES"}, Declared("BGR", PLAIN, inside=True)),
    ({"model_type": "ReID", "labels": "a b c"}, Declared()),
]
PROPS: list[tuple[dict[str, str], Declared]] = [
    (
        {"channels": "RGB", "mean": "0.485,0.456,0.406", "std": "0.229,0.224,0.225", "scale": "1/255"},
        Declared("RGB", Values(1 / 255, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225))),
    ),
    ({"mean": "[0.5, 0.5, 0.5]", "std": "[0.5, 0.5, 0.5]"}, Declared(None, Values(1 / 255, (0.5,) * 3, (0.5,) * 3))),
    ({"channel_order": "bgr", "mean": "127.5", "std": "128"}, Declared("BGR", Values(1.0, (127.5,) * 3, (128.0,) * 3))),
    (
        {"image_mean": "[0.48, 0.45, 0.4]", "rescale_factor": "0.00392"},
        Declared("RGB", Values(0.00392, (0.48, 0.45, 0.4))),
    ),
    ({"Image.BitmapPixelFormat": "Bgr8", "Image.NominalPixelRange": "NominalRange_0_255"}, Declared("BGR", PLAIN)),
    (
        {"Image.BitmapPixelFormat": "RGB8", "Image.NominalPixelRange": "Normalized_0_1"},
        Declared("RGB", Values(1 / 255)),
    ),
    ({"Image.NominalPixelRange": "Normalized_1_1"}, Declared(None, Values(1.0, (127.5,) * 3, (127.5,) * 3))),
    (
        {"model_info reverse_input_channels": "True", "model_info mean_values": "123.675 116.28 103.53"},
        Declared("RGB", Values(mean=IMAGENET)),
    ),
    # What cannot be read, and what means something else, counts as not said.
    ({"channels": "3", "stride": "32", "names": "{0: 'person'}", "imgsz": "[256, 128]"}, Declared()),
    ({"mean": "nan", "std": "0,0,0", "scale": "0"}, Declared()),
    ({"mean": "1,2", "std": "about one"}, Declared()),
    ({"Image.BitmapPixelFormat": "Gray8", "Image.NominalPixelRange": "NominalRange_16_235"}, Declared()),
    ({}, Declared()),
]


@pytest.mark.parametrize(
    ("section", "record", "says"),
    [
        *(("conversion_parameters", *row) for row in CONVERTED),
        *(("model_info", *row) for row in MODEL_INFO),
        *(("metadata_props", *row) for row in PROPS),
    ],
)
def test_what_a_record_says(section: str, record: dict[str, str], says: Declared) -> None:
    assert declared({section: record}) == says


def test_the_model_api_comes_before_the_converter() -> None:
    both = {"conversion_parameters": {"reverse_input_channels": "True"}, "model_info": {"mean_values": "1 1 1"}}
    assert declared(both) == Declared("BGR", Values(mean=(1.0, 1.0, 1.0)))


def pool(path: Path, props: Mapping[str, str] | None = None, kind: int = onnx.TensorProto.FLOAT) -> Path:
    """The mean of each channel, with these metadata_props."""
    helper = onnx.helper
    nodes = [
        helper.make_node("Cast", ["images"], ["x"], to=onnx.TensorProto.FLOAT),
        helper.make_node("GlobalAveragePool", ["x"], ["feature"]),
    ]
    inputs = [helper.make_tensor_value_info("images", kind, ["n", 3, 8, 4])]
    outputs = [helper.make_tensor_value_info("feature", onnx.TensorProto.FLOAT, None)]
    graph = helper.make_graph(nodes, "net", inputs, outputs)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(model, dict(props or {}))
    onnx.save(model, path)
    return path


def openvino(path: Path, record: Mapping[tuple[str, str], Any], built_in: bool = False) -> Path:
    """The same as an OpenVINO file; built_in: reverses channels, takes off ImageNet's mean and divides, by itself."""
    from openvino.preprocess import ColorFormat, PrePostProcessor

    model = ov.Core().read_model(str(pool(path.with_suffix(".onnx"))))
    if built_in:
        steps = PrePostProcessor(model)
        steps.input().tensor().set_color_format(ColorFormat.BGR)
        steps.input().model().set_layout(ov.Layout("NCHW"))
        steps.input().tensor().set_layout(ov.Layout("NCHW"))
        steps.input().preprocess().convert_color(ColorFormat.RGB).mean(list(IMAGENET)).scale(list(ITS_STD))
        model = steps.build()
    for key, value in record.items():
        model.set_rt_info(value, list(key))
    ov.save_model(model, str(path), compress_to_fp16=False)
    return path


def means(network: UserNetwork) -> np.ndarray:
    return network.features(torch.from_numpy(IMAGES)).features.numpy()


IMAGES = np.random.default_rng(0).integers(0, 256, (3, 3, 8, 4), dtype=np.uint8)
MEANS = IMAGES.mean(axis=(2, 3))
CONVERTER = {
    ("conversion_parameters", "reverse_input_channels"): "True",
    ("conversion_parameters", "mean_values"): "data[123.675,116.28,103.53]",
    ("conversion_parameters", "scale_values"): "data[58.395,57.12,57.375]",
}
MODEL_API = {
    ("model_info", "reverse_input_channels"): True,
    ("model_info", "mean_values"): list(IMAGENET),
    ("model_info", "scale_values"): list(ITS_STD),
}


def test_what_the_converter_built_in_is_not_done_again(tmp_path: Path) -> None:
    """The file reverses BGR and normalises; all that is left to do is to hand over BGR."""
    network = open_network(openvino(tmp_path / "n.xml", CONVERTER, built_in=True), Preprocessing())
    assert network.preprocessing == Preprocessing((8, 4), "BGR", (0.0,) * 3, (1.0,) * 3, 1.0)
    assert np.allclose(means(network), (MEANS - IMAGENET) / ITS_STD, atol=1e-4)
    assert any("BGR" in note and "built in" in note and "as the file says" in note for note in network.notes)


def test_what_the_model_api_would_do_is_done(tmp_path: Path) -> None:
    network = open_network(openvino(tmp_path / "n.xml", MODEL_API), Preprocessing())
    assert np.allclose(means(network), (MEANS - IMAGENET) / ITS_STD, atol=1e-4)
    assert any("RGB, mean 123.675,116.28,103.53, std 58.395,57.12,57.375" in note for note in network.notes)


def test_an_older_file_keeps_its_record_elsewhere(tmp_path: Path) -> None:
    path = openvino(tmp_path / "n.xml", {})
    record = '<meta_data><cli_parameters><reverse_input_channels value="True"/></cli_parameters></meta_data>'
    path.write_text(path.read_text().replace("</net>", f"{record}</net>"))
    assert np.allclose(means(open_network(path, Preprocessing())), MEANS[:, ::-1], atol=1e-3)


@pytest.mark.parametrize(
    ("props", "expected"),
    [
        ({"channels": "BGR"}, MEANS[:, ::-1]),
        ({"mean": "0.5,0.5,0.5", "std": "0.5,0.25,0.5"}, (MEANS / 255 - 0.5) / (0.5, 0.25, 0.5)),
        ({"Image.BitmapPixelFormat": "Bgr8", "Image.NominalPixelRange": "Normalized_0_1"}, MEANS[:, ::-1] / 255),
        ({"model_info scale_values": "58.395 57.12 57.375"}, MEANS / ITS_STD),
        ({"channels": "bgr", "mean": "103.53,116.28,123.675"}, MEANS[:, ::-1] - (103.53, 116.28, 123.675)),
    ],
)
def test_an_onnx_file_gets_what_it_asks_for(tmp_path: Path, props: dict[str, str], expected: np.ndarray) -> None:
    network = open_network(pool(tmp_path / "n.onnx", props), Preprocessing())
    assert np.allclose(means(network), expected, atol=1e-3)
    assert any("as the file says" in note for note in network.notes)


def test_options_come_before_the_file(tmp_path: Path) -> None:
    path = pool(tmp_path / "n.onnx", {"channels": "BGR", "mean": "100,110,120", "std": "10,11,12"})
    assert np.allclose(means(open_network(path, Preprocessing(channels="RGB", std=(1.0,) * 3))), MEANS, atol=1e-3)
    scaled = open_network(path, Preprocessing(scale=1 / 255))
    assert np.allclose(means(scaled), MEANS[:, ::-1] / 255, atol=1e-5), "one of the three closes all three"
    assert open_network(path, Preprocessing()).fingerprint == (
        open_network(path, Preprocessing(None, "BGR", (100.0, 110.0, 120.0), (10.0, 11.0, 12.0))).fingerprint
    )


def test_a_scale_of_the_users_before_one_that_is_built_in_is_told(tmp_path: Path) -> None:
    network = open_network(openvino(tmp_path / "n.xml", CONVERTER, built_in=True), Preprocessing(scale=1 / 255))
    assert any("built in" in note and "scale 1/255" in note for note in network.notes)


@pytest.mark.parametrize(
    ("props", "how", "unsaid"),
    [
        ({}, {}, "its channel order and its scale, so it gets RGB pixels of 0 to 255"),
        ({"channels": "RGB"}, {}, "its scale, so it gets pixels of 0 to 255"),
        ({"scale": "1/255"}, {}, "its channel order, so it gets RGB;"),
        ({}, {"channels": "RGB"}, None),
        ({}, {"scale": 1 / 255}, None),
        ({"channels": "RGB", "scale": "1"}, {}, None),
    ],
)
def test_what_nothing_says_is_told(tmp_path: Path, props: dict[str, str], how: dict[str, Any], unsaid: str) -> None:
    notes = open_network(pool(tmp_path / "n.onnx", props), Preprocessing(**how)).notes
    told = [note for note in notes if "nothing says" in note]
    assert len(told) == (unsaid is not None)
    assert unsaid is None or unsaid in told[0]


def test_whole_numbers_need_no_scale(tmp_path: Path) -> None:
    (note,) = open_network(pool(tmp_path / "n.onnx", kind=onnx.TensorProto.UINT8), Preprocessing()).notes
    assert "nothing says its channel order, so it gets RGB;" in note and "--scale" not in note


def test_a_mean_of_small_pixels_without_their_scale_is_told(tmp_path: Path) -> None:
    how = Preprocessing(mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225))
    assert any("--scale 1/255" in note for note in open_network(pool(tmp_path / "n.onnx"), how).notes)


@pytest.mark.parametrize("text", ['<?xml version="1.0" encoding="klingon"?><net/>', "<net>&lol;</net>", "\x00<net/>"])
def test_an_xml_that_cannot_be_read_is_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "n.xml").write_text(text)
    (tmp_path / "n.bin").write_bytes(b"")
    with pytest.raises(InputError, match=r"n\.xml: not an OpenVINO network"):
        open_network(tmp_path / "n.xml", Preprocessing())
