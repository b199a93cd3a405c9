"""How commands name a network: what is said on stderr, and where weights and networks are confused."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sameperson.cli.main import main, parsed, parser
from sameperson.retrieval.store import read_store

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

Capture = pytest.CaptureFixture[str]


def save(path: Path, nodes: list[Any], outputs: tuple[str, ...] = ("feature",), **props: str) -> Path:
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("images", kind, ["n", 3, 32, 16])],
        [helper.make_tensor_value_info(name, kind, None) for name in outputs],
        [onnx.numpy_helper.from_array(np.array([1, 3 * 8 * 4], np.int64), "row")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(model, props)
    onnx.save(model, path)
    return path


def pool(path: Path, **props: str) -> Path:
    return save(path, [onnx.helper.make_node("GlobalAveragePool", ["images"], ["feature"])], **props)


def cells(reshape: bool = False) -> list[Any]:
    """The means of cells of 4 x 4 pixels; reshape: with a batch of one baked in."""
    make = onnx.helper.make_node
    average = make("AveragePool", ["images"], ["cells"], kernel_shape=[4, 4], strides=[4, 4])
    return [
        average,
        make("Reshape", ["cells", "row"], ["feature"]) if reshape else make("Flatten", ["cells"], ["feature"]),
    ]


def run(*words: Any) -> int:
    return main([str(word) for word in words])


def refused(capsys: Capture, *words: Any) -> str:
    assert run(*words) == 2
    said = capsys.readouterr().err
    assert said.startswith("sameperson: ") and said.count("\n") == 1
    return said


def test_what_the_file_says_is_taken_and_told(shots: Path, tmp_path: Path, capsys: Capture) -> None:
    out, network = tmp_path / "e.parquet", pool(tmp_path / "n.onnx", channels="BGR", scale="1/255")
    assert run("embed", shots, "--out", out, "--network", network) == 0
    assert f"note: {network}: takes BGR, scale 1/255, as the file says\n" in capsys.readouterr().err
    blue_first = read_store(out).embeddings.features
    assert run("embed", shots, "--out", out, "--network", network, "--channels", "RGB", "--scale", "1/255") == 0
    assert "as the file says" not in capsys.readouterr().err
    assert np.allclose(read_store(out).embeddings.features, blue_first[:, ::-1], atol=1e-5)


def test_what_nothing_says_is_told_once(shots: Path, tmp_path: Path, capsys: Capture) -> None:
    words = ["embed", shots, "--out", tmp_path / "e.parquet", "--network", pool(tmp_path / "n.onnx")]
    assert run(*words) == 0
    assert capsys.readouterr().err.count("nothing says its channel order and its scale") == 1
    assert run(*words, "--channels", "RGB") == 0
    assert "note:" not in capsys.readouterr().err


@pytest.mark.parametrize("command", ["embed", "compare", "search", "evaluate"])
def test_a_baked_batch_is_run_one_by_one_and_told(shots: Path, tmp_path: Path, capsys: Capture, command: str) -> None:
    baked, free = save(tmp_path / "baked.onnx", cells(reshape=True)), save(tmp_path / "free.onnx", cells())
    one, other = sorted(shots.rglob("*.png"))[:2]
    words = {
        "embed": [shots, "--out", tmp_path / "e.parquet"],
        "compare": [one, other],
        "search": [one, shots, "--out", tmp_path / "r.png"],
        "evaluate": [shots, "--resamples", "20"],
    }[command]
    told = []
    for network in (baked, free):
        assert run(command, *words, "--network", network, "--channels", "RGB") == 0
        printed = capsys.readouterr()
        told.append(printed.out.split("fingerprint")[0].replace(str(network), "n.onnx"))
        assert ("fixed at 1 by the export, so pictures go one by one" in printed.err) == (network == baked)
    assert told[0] == told[1]


@pytest.mark.parametrize("command", ["embed", "evaluate"])
def test_a_mixed_batch_is_one_line_and_its_advice_works(
    shots: Path, tmp_path: Path, capsys: Capture, command: str
) -> None:
    make = onnx.helper.make_node
    turned = [make("Transpose", ["images"], ["t"], perm=[1, 0, 2, 3]), make("Reshape", ["t", "rows"], ["feature"])]
    path = save(tmp_path / "n.onnx", turned)
    model = onnx.load(path)
    model.graph.initializer.append(onnx.numpy_helper.from_array(np.array([-1, 3 * 32 * 16], np.int64), "rows"))
    onnx.save(model, path)
    words = [command, shots, "--network", path, *(["--out", tmp_path / "e.parquet"] if command == "embed" else [])]
    said = refused(capsys, *words)
    assert "mixes the pictures of a batch" in said and said.rstrip().endswith("--batch 1")
    assert run(*words, "--batch", "1") == 0
    assert "pictures go one by one, as --batch 1 asks" in capsys.readouterr().err


def test_one_of_several_outputs(shots: Path, tmp_path: Path, capsys: Capture) -> None:
    make = onnx.helper.make_node
    nodes = [make("GlobalAveragePool", ["images"], ["mean"]), make("GlobalMaxPool", ["images"], ["most"])]
    network = save(tmp_path / "n.onnx", nodes, ("mean", "most"))
    words = ["embed", shots, "--out", tmp_path / "e.parquet", "--network", network]
    said = refused(capsys, *words)
    assert "mean (1, 3, 1, 1), most (1, 3, 1, 1)" in said and "--output mean" in said
    assert run(*words, "--output", "mean") == 0
    capsys.readouterr()
    assert "did you mean most?" in refused(capsys, *words, "--output", "mots")
    assert "--output without --network" in refused(capsys, *words[:4], "--output", "mean")


# Weights where networks are expected, and the other way round.


@pytest.mark.parametrize("name", ["n.onnx", "my net.onnx", "N.ONNX"])
@pytest.mark.parametrize("command", ["embed", "compare", "search", "evaluate", "doctor"])
def test_a_network_given_as_weights_is_pointed_to_its_option(
    shots: Path, tmp_path: Path, capsys: Capture, command: str, name: str
) -> None:
    network = pool(tmp_path / name)
    one = min(shots.rglob("*.png"))
    words, options = {
        "embed": ([shots], ["--out", tmp_path / "e.parquet"]),
        "compare": ([one, one], []),
        "search": ([one, shots], ["--out", tmp_path / "r.png"]),
        "evaluate": ([shots], ["--resamples", "20"]),
        "doctor": ([shots], ["--no-pictures"]),
    }[command]
    given = [network, *words] if command == "evaluate" else [*words, "--weights", network]
    said = refused(capsys, command, *given, *options)
    advice = shlex.split(said[said.index("--network") :])
    assert advice == ["--network", str(network)]
    assert run(command, *words, *advice, *options) == 0, "the advice works when typed"


def test_the_weights_of_an_openvino_file_point_to_it(shots: Path, tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "n.bin").write_bytes(b"")
    (tmp_path / "n.xml").write_text("<net/>")
    said = refused(capsys, "embed", shots, "--out", tmp_path / "e.parquet", "--weights", tmp_path / "n.bin")
    assert said.rstrip().endswith(f"--network {tmp_path / 'n.xml'}")
    said = refused(capsys, "embed", shots, "--out", tmp_path / "e.parquet", "--network", tmp_path / "n.bin")
    assert said.rstrip().endswith(f"give {tmp_path / 'n.xml'}")


@pytest.mark.parametrize(
    "words", [["A.onnx", "B.safetensors", "DATA", "--compare"], ["A.onnx", "B.xml", "DATA", "--compare"]]
)
def test_a_network_among_weights_to_compare(shots: Path, capsys: Capture, words: list[str]) -> None:
    said = refused(capsys, "evaluate", *(str(shots) if word == "DATA" else word for word in words))
    assert "A.onnx: a network file, not weights" in said and "--network A.onnx" in said


@pytest.mark.parametrize("name", ["w.safetensors", "w.pth", "checkpoint.pth.tar", "run"])
def test_weights_given_as_a_network_are_pointed_to_theirs(
    shots: Path, tmp_path: Path, capsys: Capture, name: str
) -> None:
    path = tmp_path / name
    if name == "run":
        path.mkdir()
    (path / "best.safetensors" if name == "run" else path).write_bytes(b"")
    said = refused(capsys, "embed", shots, "--out", tmp_path / "e.parquet", "--network", path)
    assert said.rstrip().endswith(f"give it as --weights {path}")
    said = refused(capsys, "evaluate", shots, "--network", path)
    assert f"give {path} before the dataset, without --network" in said and "--weights" not in said


@pytest.mark.parametrize(
    ("option", "text"),
    [
        ("--scale", "1e400"), ("--scale", "nan"), ("--scale", "inf"), ("--scale", "1/0"), ("--scale", "1e999999999"),
        ("--mean", "nan"), ("--mean", "1,2,1e400"), ("--std", "1/1e400"), ("--std", ""), ("--input-size", "0x5"),
    ],
)  # fmt: skip
def test_numbers_out_of_range(shots: Path, tmp_path: Path, capsys: Capture, option: str, text: str) -> None:
    words = ["embed", shots, "--out", tmp_path / "e.parquet", "--network", pool(tmp_path / "n.onnx")]
    assert option in refused(capsys, *words, option, text)


@pytest.mark.parametrize(("option", "text"), [("--scale", "0"), ("--std", "1,0,1"), ("--std", "0")])
def test_zeros_that_leave_nothing(shots: Path, tmp_path: Path, capsys: Capture, option: str, text: str) -> None:
    words = ["embed", shots, "--out", tmp_path / "e.parquet", "--network", pool(tmp_path / "n.onnx")]
    assert f"{option} of 0" in refused(capsys, *words, option, text)


def test_the_commands_of_the_page_on_weights_parse() -> None:
    page = (Path(__file__).parents[2] / "docs" / "weights.md").read_text(encoding="utf-8")
    commands = [line.strip() for line in page.splitlines() if line.startswith("    sameperson ")]
    assert len(commands) >= 6
    for command in commands:
        words = shlex.split(command)[1:]
        options = parsed(parser((words[0],)), words)
        assert options.command == words[0]
