"""Networks made here, small enough to be computed by numpy beside them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from sameperson.checks import InputError
from sameperson.retrieval.user_network import Preprocessing, open_network

onnx = pytest.importorskip("onnx")
ort = pytest.importorskip("onnxruntime")
ov = pytest.importorskip("openvino")


def save_onnx(path: Path, shape: Sequence[Any], nodes: Sequence[Any], outputs: Sequence[str] = ("feature",)) -> Path:
    """An ONNX file with the input `images`."""
    kind = onnx.TensorProto.FLOAT
    graph = onnx.helper.make_graph(
        list(nodes),
        "net",
        [onnx.helper.make_tensor_value_info("images", kind, list(shape))],
        [onnx.helper.make_tensor_value_info(name, kind, None) for name in outputs],
    )
    opset = [onnx.helper.make_opsetid("", 17)]
    onnx.save(onnx.helper.make_model(graph, opset_imports=opset, ir_version=8), path)
    return path


def node(kind: str, inputs: Sequence[str], output: str, **settings: Any) -> Any:
    return onnx.helper.make_node(kind, list(inputs), [output], **settings)


def pool(path: Path, shape: Sequence[Any] = ("b", 3, "h", "w")) -> Path:
    """The mean of each channel, as (B, 3, 1, 1)."""
    return save_onnx(path, shape, [node("GlobalAveragePool", ["images"], "feature")])


def pictures(count: int = 3, height: int = 8, width: int = 4) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, 3, height, width), dtype=np.uint8)


def features(network: Any, images: np.ndarray) -> np.ndarray:
    return network.features(torch.from_numpy(images)).features.numpy()


def test_untouched_pixels_by_default(tmp_path: Path) -> None:
    network = open_network(pool(tmp_path / "n.onnx"), Preprocessing(size=(8, 4)))
    got = features(network, pictures())
    assert got.shape == (3, 3) and got.dtype == np.float32
    assert np.allclose(got, pictures().mean(axis=(2, 3)), atol=1e-3)


def test_channel_order_scale_mean_and_std_are_applied(tmp_path: Path) -> None:
    how = Preprocessing((8, 4), "BGR", mean=(0.1, 0.2, 0.3), std=(0.5, 0.25, 2.0), scale=1 / 255)
    got = features(open_network(pool(tmp_path / "n.onnx"), how), pictures())
    red, green, blue = pictures().mean(axis=(2, 3)).T / 255
    expected = np.stack([(blue - 0.1) / 0.5, (green - 0.2) / 0.25, (red - 0.3) / 2.0], axis=1)
    assert np.allclose(got, expected, atol=1e-5)


@pytest.mark.parametrize("batch", [1, 2])
def test_a_file_with_a_fixed_batch_takes_any_number(tmp_path: Path, batch: int) -> None:
    network = open_network(pool(tmp_path / "n.onnx", (batch, 3, 8, 4)), Preprocessing())
    assert network.size == (8, 4)
    assert np.allclose(features(network, pictures(5)), pictures(5).mean(axis=(2, 3)), atol=1e-3)


def test_openvino_computes_the_same(tmp_path: Path) -> None:
    ov.save_model(ov.Core().read_model(str(pool(tmp_path / "n.onnx", (1, 3, 8, 4)))), str(tmp_path / "n.xml"))
    network = open_network(tmp_path / "n.xml", Preprocessing(channels="BGR"))
    assert network.size == (8, 4)
    assert np.allclose(features(network, pictures(5)), pictures(5).mean(axis=(2, 3))[:, ::-1], atol=1e-3)


def test_signals_are_survived_after_openvino_networks_come_and_go(tmp_path: Path) -> None:
    """OpenVINO once left the main thread a signal stack in freed memory: the end of a child then killed the process."""
    ov.save_model(ov.Core().read_model(str(pool(tmp_path / "n.onnx", (1, 3, 8, 4)))), str(tmp_path / "n.xml"))
    program = """if True:
        import gc, signal, subprocess, sys
        from sameperson.retrieval.runtimes import open_engine
        first, second = (open_engine(sys.argv[1]) for _ in range(2))
        del first
        gc.collect()
        del second
        gc.collect()
        heard = []
        signal.signal(signal.SIGCHLD, lambda *_: heard.append(1))
        subprocess.run([sys.executable, "-c", ""])
        assert heard
    """
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path / "n.xml")], capture_output=True, text=True)
    assert done.returncode == 0, f"{done.returncode} {done.stderr}"


def test_openvino_stays_in_float32(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    weights = onnx.numpy_helper.from_array(rng.normal(size=(96, 64)).astype(np.float32), "w")
    constant = onnx.helper.make_node("Constant", [], ["w"], value=weights)
    layers = [constant, node("Flatten", ["images"], "flat"), node("MatMul", ["flat", "w"], "feature")]
    path = save_onnx(tmp_path / "n.onnx", (1, 3, 8, 4), layers)
    ov.save_model(ov.Core().read_model(str(path)), str(tmp_path / "n.xml"), compress_to_fp16=False)
    how = Preprocessing(scale=1 / 255)
    expected = how.apply(pictures()).reshape(3, -1) @ onnx.numpy_helper.to_array(weights)
    assert np.allclose(features(open_network(tmp_path / "n.xml", how), pictures()), expected, atol=1e-4)


def test_the_fingerprint_tells_files_and_preparations_apart(tmp_path: Path) -> None:
    path = pool(tmp_path / "n.onnx")
    other = save_onnx(tmp_path / "m.onnx", ("b", 3, "h", "w"), [node("GlobalMaxPool", ["images"], "feature")])
    how = [Preprocessing((8, 4)), Preprocessing((8, 4), "BGR"), Preprocessing((16, 4)), Preprocessing((8, 4), scale=2)]
    prints = {open_network(path, one).fingerprint for one in how} | {open_network(other, how[0]).fingerprint}
    assert len(prints) == 5
    assert open_network(path, how[0]).fingerprint in prints


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"hello", "n.onnx"),
        (b"", "n.onnx"),
        (b"hello", "n.xml"),
        (b"<net", "n.xml"),
        (b"<html/>", "n.xml"),
        (b"", "n.pth"),
    ],
)
def test_a_file_that_is_no_network_is_named_in_one_line(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], content: bytes, name: str
) -> None:
    (tmp_path / name).write_bytes(content)
    (tmp_path / "n.bin").write_bytes(b"")
    with pytest.raises(InputError) as caught:
        open_network(tmp_path / name, Preprocessing((8, 4)))
    assert Path(name).suffix in str(caught.value)
    assert "\n" not in str(caught.value)
    assert capfd.readouterr() == ("", "")


def test_half_a_network_is_refused(tmp_path: Path) -> None:
    whole = pool(tmp_path / "n.onnx").read_bytes()
    (tmp_path / "half.onnx").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match=r"half\.onnx: not an ONNX network"):
        open_network(tmp_path / "half.onnx", Preprocessing((8, 4)))


def test_an_xml_without_its_weights_names_the_missing_file(tmp_path: Path) -> None:
    (tmp_path / "n.xml").write_text("<net/>")
    with pytest.raises(InputError, match=r"n\.bin: no such file"):
        open_network(tmp_path / "n.xml", Preprocessing())


def test_an_open_size_must_be_given(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--input-size"):
        open_network(pool(tmp_path / "n.onnx"), Preprocessing())


def test_a_fixed_size_cannot_be_changed(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="made for 8x4, not 16x8"):
        open_network(pool(tmp_path / "n.onnx", (1, 3, 8, 4)), Preprocessing((16, 8)))


def test_a_size_the_layers_do_not_fit_is_refused(tmp_path: Path) -> None:
    weights = onnx.numpy_helper.from_array(np.ones((96, 2), np.float32), "w")
    constant = onnx.helper.make_node("Constant", [], ["w"], value=weights)
    layers = [constant, node("Flatten", ["images"], "flat"), node("MatMul", ["flat", "w"], "feature")]
    path = save_onnx(tmp_path / "n.onnx", ("b", 3, "h", "w"), layers)
    with pytest.raises(InputError, match="does not run on pictures of 16x8"):
        open_network(path, Preprocessing((16, 8)))


def test_two_outputs_are_listed(tmp_path: Path) -> None:
    layers = [node("GlobalAveragePool", ["images"], "mean"), node("GlobalMaxPool", ["images"], "most")]
    path = save_onnx(tmp_path / "n.onnx", ("b", 3, "h", "w"), layers, ("mean", "most"))
    with pytest.raises(InputError, match=r"mean \(1, 3, 1, 1\), most \(1, 3, 1, 1\)"):
        open_network(path, Preprocessing((8, 4)))


def test_a_map_is_no_feature(tmp_path: Path) -> None:
    path = save_onnx(tmp_path / "n.onnx", ("b", 3, "h", "w"), [node("Relu", ["images"], "map")], ("map",))
    with pytest.raises(InputError, match=r"map \(1, 3, 8, 4\)"):
        open_network(path, Preprocessing((8, 4)))


def test_an_input_that_takes_no_pictures_is_listed(tmp_path: Path) -> None:
    path = save_onnx(tmp_path / "n.onnx", ("b", 8, 4, 1), [node("Flatten", ["images"], "feature")])
    with pytest.raises(InputError, match=r"images \(\?, 8, 4, 1\)"):
        open_network(path, Preprocessing((8, 4)))


@pytest.mark.parametrize(("module", "name"), [("onnxruntime", "n.onnx"), ("openvino", "n.xml")])
def test_a_missing_runtime_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str, name: str
) -> None:
    (tmp_path / name).write_bytes(b"<net/>")
    monkeypatch.setitem(__import__("sys").modules, module, None)
    with pytest.raises(InputError, match=r"pip install 'sameperson\[networks\]'"):
        open_network(tmp_path / name, Preprocessing())
