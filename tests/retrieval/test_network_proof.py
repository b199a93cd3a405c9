"""Networks that exports got wrong, made here: each is refused, or run so that its features are right."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from sameperson.checks import InputError
from sameperson.retrieval.preprocessing import Preprocessing
from sameperson.retrieval.user_network import UserNetwork, open_network

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")
ov = pytest.importorskip("openvino")

SIZE = (8, 4)
WEIGHTS = np.random.default_rng(3).normal(size=(96, 5)).astype(np.float32)
KINDS = {
    "float32": onnx.TensorProto.FLOAT,
    "float16": onnx.TensorProto.FLOAT16,
    "float64": onnx.TensorProto.DOUBLE,
    "bfloat16": onnx.TensorProto.BFLOAT16,
    **{
        kind: getattr(onnx.TensorProto, kind.upper())
        for kind in ("uint8", "int8", "uint16", "int32", "int64", "string")
    },
}
Nodes = Sequence[Any]


def node(kind: str, inputs: Sequence[str], output: str, **settings: Any) -> Any:
    return onnx.helper.make_node(kind, list(inputs), [output], **settings)


def save(
    path: Path,
    nodes: Nodes,
    shape: Sequence[Any] | None = ("n", 3, *SIZE),
    kind: str = "float32",
    outputs: Sequence[str] = ("feature",),
    **tables: Any,
) -> Path:
    """An ONNX file with the input `images`; `x` is the same in float32."""
    helper = onnx.helper
    tables = {"W": WEIGHTS, **tables}
    first = [node("Cast", ["images"], "x", to=KINDS["float32"])]
    graph = helper.make_graph(
        [*first, *nodes],
        "net",
        [helper.make_tensor_value_info("images", KINDS[kind], shape and list(shape))],
        [helper.make_tensor_value_info(name, KINDS["float32"], None) for name in outputs],
        [onnx.numpy_helper.from_array(np.asarray(table), name) for name, table in tables.items()],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return path


def linear(*after: Any, reshape: Sequence[int] = (-1, 96), out: str = "feature", x: str = "x") -> dict[str, Any]:
    """All pixels times W as `out`, and what comes after; reshape: what makes rows of the pixels."""
    nodes = [node("Reshape", [x, "rows"], "flat"), node("MatMul", ["flat", "W"], out), *after]
    return {"nodes": nodes, "rows": np.array(reshape, np.int64)}


def as_openvino(path: Path) -> Path:
    ov.save_model(ov.Core().read_model(str(path)), str(path.with_suffix(".xml")), compress_to_fp16=False)
    return path.with_suffix(".xml")


def pictures(count: int) -> np.ndarray:
    return np.random.default_rng(count).integers(0, 256, (count, 3, *SIZE), dtype=np.uint8)


def features(network: UserNetwork, images: np.ndarray) -> np.ndarray:
    return network.features(torch.from_numpy(images)).features.numpy()


def expected(images: np.ndarray) -> np.ndarray:
    """Picture by picture, in float64."""
    return np.stack([image.reshape(96).astype(np.float64) @ WEIGHTS for image in images])


def opened(path: Path, batch: int | None = 64, **how: Any) -> UserNetwork:
    return open_network(path, Preprocessing(SIZE, **how), batch=batch)


def refusal(path: Path, **how: Any) -> str:
    with pytest.raises(InputError) as caught:
        opened(path, **how)
    assert "\n" not in str(caught.value) and path.name in str(caught.value)
    return str(caught.value)


def same(got: np.ndarray, wanted: np.ndarray, tolerance: float = 1e-5) -> None:
    assert got.shape == wanted.shape and got.dtype == np.float32
    assert (np.linalg.norm(got - wanted, axis=1) <= tolerance * np.linalg.norm(wanted, axis=1)).all()


# The batch size is baked in: pictures go in blocks, and a note says so.


@pytest.mark.parametrize("count", [1, 2, 5, 9])
@pytest.mark.parametrize(
    ("reshape", "block"),
    [((1, 96), 1), ((1, -1), 1), ((2, 96), 2), ((4, -1), 4), ((32, 96), 32)],
)
def test_a_batch_baked_into_a_reshape_is_run_in_blocks(
    tmp_path: Path, reshape: tuple[int, int], block: int, count: int
) -> None:
    network = opened(save(tmp_path / "n.onnx", **linear(reshape=reshape)))
    assert network.batch == block
    said = "one by one" if block == 1 else f"in blocks of {block}"
    assert any(f"fixed at {block}" in note and said in note for note in network.notes)
    same(features(network, pictures(count)), expected(pictures(count)))


def test_a_reshape_that_gives_one_row_for_all_is_run_one_by_one(tmp_path: Path) -> None:
    nodes = [node("Reshape", ["x", "rows"], "feature")]
    network = opened(save(tmp_path / "n.onnx", nodes, rows=np.array([1, -1], np.int64)))
    assert network.batch == 1
    same(features(network, pictures(3)), pictures(3).reshape(3, 96).astype(np.float64))


@pytest.mark.parametrize("rows", [1, 3])
def test_a_batch_that_the_input_fixes_is_said_too(tmp_path: Path, rows: int) -> None:
    path = save(tmp_path / "n.onnx", shape=(rows, 3, *SIZE), **linear())
    for file in (path, as_openvino(path)):
        network = opened(file)
        assert network.batch == rows
        assert any(f"fixed at {rows}" in note for note in network.notes)
        same(features(network, pictures(7)), expected(pictures(7)))


@pytest.mark.parametrize("reshape", [(1, -1), (1, 96)])
def test_openvino_with_a_baked_batch(tmp_path: Path, reshape: tuple[int, int]) -> None:
    """It may find the reshape needless, and then runs any number; what counts is that the features are right."""
    network = opened(as_openvino(save(tmp_path / "n.onnx", **linear(reshape=reshape))))
    same(features(network, pictures(3)), expected(pictures(3)))
    nodes = [node("Reshape", ["x", "rows"], "feature")]
    network = opened(as_openvino(save(tmp_path / "m.onnx", nodes, rows=np.array(reshape, np.int64))))
    assert network.batch == 1
    same(features(network, pictures(3)), pictures(3).reshape(3, 96).astype(np.float64))


def test_a_squeezed_feature_of_one_picture_is_a_row(tmp_path: Path) -> None:
    network = opened(save(tmp_path / "n.onnx", **linear(node("Squeeze", ["y"], "feature"), out="y")))
    assert network.batch is None and not any("fixed" in note for note in network.notes)
    for count in (1, 4):
        same(features(network, pictures(count)), expected(pictures(count)))


def test_a_batch_too_large_for_the_network_is_one_line(tmp_path: Path) -> None:
    """A table of eight places, read at the number of pictures: the ninth is a fault of the runtime."""
    after = [
        node("Shape", ["y"], "shape"),
        node("Gather", ["shape", "zero"], "count"),
        node("Gather", ["table", "count"], "nothing"),
        node("Add", ["y", "nothing"], "feature"),
    ]
    tables = {"zero": ZERO, "table": np.zeros(9, np.float32)}
    path = save(tmp_path / "n.onnx", **linear(*after, out="y"), **tables)
    assert "does not run on 64 pictures at once" in refusal(path)
    network = opened(path, batch=8)
    same(features(network, pictures(8)), expected(pictures(8)))
    with pytest.raises(InputError, match=r"does not run on 20 pictures at once .*--batch"):
        features(network, pictures(20))


# The batch is mixed: refused, whatever the batch size.

BATCH_NORM = [
    node("ReduceMean", ["x"], "mean", axes=[0, 2, 3]),
    node("Sub", ["x", "mean"], "centred"),
    node("Mul", ["centred", "centred"], "squares"),
    node("ReduceMean", ["squares"], "variance", axes=[0, 2, 3]),
    node("Sqrt", ["variance"], "deviation"),
    node("Div", ["centred", "deviation"], "normal"),
]
ATTENTION = [
    node("Transpose", ["y"], "turned", perm=[1, 0]),
    node("MatMul", ["y", "turned"], "scores"),
    node("MatMul", ["scores", "y"], "feature"),
]
LARGEST = [node("ReduceMax", ["y"], "most", axes=[0], keepdims=1), node("Div", ["y", "most"], "feature")]
FIRST_OFF = [
    node("Gather", ["y", "first"], "one"),
    node("Mul", ["one", "hundredth"], "part"),
    node("Sub", ["y", "part"], "feature"),
]
ZERO = np.array(0, np.int64)


def before(steps: Nodes, last: str) -> dict[str, Any]:
    """These steps on the pixels, and then all of `last` times W."""
    spec = linear(x=last)
    return {**spec, "nodes": [*steps, *spec["nodes"]]}


MIXING: dict[str, dict[str, Any]] = {
    "axes swapped": before([node("Transpose", ["x"], "t", perm=[1, 0, 2, 3])], "t"),
    "training batch norm": before(BATCH_NORM, "normal"),
    "attention to the batch": linear(*ATTENTION, out="y"),
    "sum of those before": {**linear(node("CumSum", ["y", "zero"], "feature"), out="y"), "zero": ZERO},
    "sum of those after": {**linear(node("CumSum", ["y", "zero"], "feature", reverse=1), out="y"), "zero": ZERO},
    "the first taken off": {
        **linear(*FIRST_OFF, out="y"),
        "first": np.array([0], np.int64),
        "hundredth": np.float32(0.01),
    },
}
CONSTANT_ALONE: dict[str, dict[str, Any]] = {
    "softmax over the batch": linear(node("Softmax", ["y"], "feature", axis=0), out="y"),
    "share of the largest": linear(*LARGEST, out="y"),
    "less the mean of the batch": linear(
        node("ReduceMean", ["y"], "m", axes=[0], keepdims=1), node("Sub", ["y", "m"], "feature"), out="y"
    ),
}


@pytest.mark.parametrize("runtime", ["onnx", "openvino"])
@pytest.mark.parametrize("name", MIXING)
def test_a_network_that_mixes_its_batch_is_refused(tmp_path: Path, name: str, runtime: str) -> None:
    path = save(tmp_path / "n.onnx", **MIXING[name])
    path = as_openvino(path) if runtime == "openvino" else path
    for batch in (None, 2, 64):
        said = refusal(path, batch=batch)
        assert "mixes the pictures of a batch" in said
        assert ("--batch 1" in said) == (batch is not None)


def test_one_by_one_it_runs_where_the_user_asks_so(tmp_path: Path) -> None:
    network = opened(save(tmp_path / "n.onnx", **MIXING["axes swapped"]), batch=1)
    assert network.batch == 1
    assert any("mixes" in note and "one by one" in note for note in network.notes)
    same(features(network, pictures(5)), expected(pictures(5)))


@pytest.mark.parametrize("name", CONSTANT_ALONE)
def test_one_that_says_nothing_of_a_picture_alone_has_no_way_out(tmp_path: Path, name: str) -> None:
    path = save(tmp_path / "n.onnx", **CONSTANT_ALONE[name])
    for file in (path, as_openvino(path)):
        for batch in (1, 64):
            said = refusal(file, batch=batch)
            assert "mixes the pictures" in said and "--batch 1" not in said


def test_a_fixed_batch_that_is_mixed_is_refused(tmp_path: Path) -> None:
    path = save(tmp_path / "n.onnx", shape=(4, 3, *SIZE), **CONSTANT_ALONE["softmax over the batch"])
    for file in (path, as_openvino(path)):
        assert "mixes the pictures" in refusal(file, batch=1)


def test_what_changes_only_in_a_large_batch_is_found_there(tmp_path: Path) -> None:
    """From the fifth picture on, the sum of all is added."""
    after = [
        node("Shape", ["y"], "shape"),
        node("Gather", ["shape", "zero"], "count"),
        node("Cast", ["count"], "number", to=KINDS["float32"]),
        node("Sub", ["number", "four"], "over"),
        node("Relu", ["over"], "gate"),
        node("ReduceSum", ["y", "axis"], "all", keepdims=1),
        node("Mul", ["all", "gate"], "more"),
        node("Add", ["y", "more"], "feature"),
    ]
    tables = {"zero": ZERO, "four": np.array(4, np.float32), "axis": np.array([0], np.int64)}
    path = save(tmp_path / "n.onnx", **linear(*after, out="y"), **tables)
    assert "mixes the pictures" in refusal(path, batch=16)
    network = opened(path, batch=4)
    same(features(network, pictures(4)), expected(pictures(4)))
    with pytest.raises(InputError, match=r"mixes the pictures of a batch .* among 5"):
        features(network, pictures(5))


def test_a_network_that_draws_at_random_is_named_so(tmp_path: Path) -> None:
    after = [node("RandomNormalLike", ["y"], "noise", scale=50.0), node("Add", ["y", "noise"], "feature")]
    assert "another feature at each run" in refusal(save(tmp_path / "n.onnx", **linear(*after, out="y")))


# Features that are none.


@pytest.mark.parametrize(
    ("nodes", "tables", "said"),
    [
        ([node("Mul", ["y", "zero"], "feature")], {"zero": np.zeros(1, np.float32)}, "one and the same feature"),
        (
            [node("Mul", ["y", "zero"], "o"), node("Add", ["o", "b"], "feature")],
            {"zero": np.zeros(1, np.float32), "b": np.arange(5, dtype=np.float32)},
            "one and the same feature",
        ),
        ([node("Clip", ["y", "low", "low"], "feature")], {"low": np.float32(7)}, "one and the same feature"),
        ([node("Log", ["y"], "feature")], {}, "not finite"),
        ([node("Exp", ["y"], "feature")], {}, "not finite"),
        ([node("Sub", ["y", "y"], "o"), node("Div", ["o", "o"], "feature")], {}, "not finite"),
    ],
)
def test_features_that_are_none(tmp_path: Path, nodes: Nodes, tables: dict[str, Any], said: str) -> None:
    path = save(tmp_path / "n.onnx", **linear(*nodes, out="y"), **tables)
    assert said in refusal(path)
    assert said in refusal(path, batch=1)


def test_a_picture_whose_feature_is_not_finite_is_refused_when_it_comes(tmp_path: Path) -> None:
    network = opened(save(tmp_path / "n.onnx", [node("GlobalAveragePool", ["x"], "m"), node("Log", ["m"], "feature")]))
    features(network, pictures(2))
    with pytest.raises(InputError, match="not finite"):
        features(network, np.zeros((2, 3, *SIZE), np.uint8))


# Pixels are handed over in the type and layout that the file asks for.


@pytest.mark.parametrize("runtime", ["onnx", "openvino"])
@pytest.mark.parametrize("kind", ["float32", "float16", "float64", "uint8", "uint16", "int32", "int64"])
def test_each_type_gets_its_pixels(tmp_path: Path, kind: str, runtime: str) -> None:
    path = save(tmp_path / "n.onnx", kind=kind, **linear())
    network = opened(as_openvino(path) if runtime == "openvino" else path, channels="BGR")
    same(features(network, pictures(5)), expected(pictures(5)[:, ::-1]))


@pytest.mark.parametrize("kind", ["float16", "float64"])
def test_scaled_pixels_in_other_floats(tmp_path: Path, kind: str) -> None:
    how: dict[str, Any] = {"scale": 1 / 255, "mean": (0.5, 0.4, 0.3), "std": (0.2, 0.3, 0.4)}
    got = features(opened(save(tmp_path / "n.onnx", kind=kind, **linear()), **how), pictures(5))
    mean, std = (np.reshape(how[name], (3, 1, 1)) for name in ("mean", "std"))
    same(got, expected((pictures(5) / 255 - mean) / std), 2e-3 if kind == "float16" else 1e-5)


@pytest.mark.parametrize("how", [{"scale": 1 / 255}, {"mean": (1.0, 2.0, 3.0)}, {"std": (2.0, 2.0, 2.0)}])
def test_whole_numbers_are_not_scaled(tmp_path: Path, how: dict[str, Any]) -> None:
    said = refusal(save(tmp_path / "n.onnx", kind="uint8", **linear()), **how)
    assert "uint8" in said and "leave --scale, --mean and --std out" in said


@pytest.mark.parametrize("kind", ["int8", "bfloat16"])
def test_a_type_that_holds_no_pixels_is_named(tmp_path: Path, kind: str) -> None:
    path = save(tmp_path / "n.onnx", kind=kind, **linear())
    assert f"takes its pictures as {kind}" in refusal(path)
    assert f"takes its pictures as {'bf16' if kind == 'bfloat16' else kind}" in refusal(as_openvino(path))


@pytest.mark.parametrize("shape", [("n", *SIZE, 3), (1, *SIZE, 3), ("n", "h", "w", 3), ("n", None, None, 3)])
@pytest.mark.parametrize("kind", ["float32", "uint8"])
def test_channels_last(tmp_path: Path, shape: Sequence[Any], kind: str) -> None:
    nodes = [node("Transpose", ["x"], "turned", perm=[0, 3, 1, 2])]
    spec = linear(x="turned")
    path = save(tmp_path / "n.onnx", [*nodes, *spec.pop("nodes")], shape, kind, **spec)
    for file in (path, as_openvino(path)):
        same(features(opened(file), pictures(5)), expected(pictures(5)))


def test_openvino_says_its_layout(tmp_path: Path) -> None:
    from openvino.preprocess import PrePostProcessor

    pool = [node("GlobalAveragePool", ["x"], "feature")]
    steps = PrePostProcessor(ov.Core().read_model(str(save(tmp_path / "n.onnx", pool, ("n", 3, 3, 32)))))
    steps.input().tensor().set_element_type(ov.Type.u8).set_layout(ov.Layout("NHWC"))
    steps.input().model().set_layout(ov.Layout("NCHW"))
    ov.save_model(steps.build(), str(tmp_path / "n.xml"), compress_to_fp16=False)
    network = open_network(tmp_path / "n.xml", Preprocessing())
    assert network.size == (3, 32)
    images = np.random.default_rng(0).integers(0, 256, (4, 3, 3, 32), dtype=np.uint8)
    same(features(network, images), images.mean(axis=(2, 3)))


def test_three_rows_of_three_channels_are_channels_first(tmp_path: Path) -> None:
    path = save(tmp_path / "n.onnx", [node("GlobalAveragePool", ["x"], "feature")], ("n", 3, 32, 3))
    assert open_network(path, Preprocessing((32, 3))).size == (32, 3)


def test_an_input_of_any_rank_is_listed(tmp_path: Path) -> None:
    path = save(tmp_path / "n.onnx", [node("Flatten", ["x"], "feature")], shape=None)
    assert "inputs images" in refusal(path)


@pytest.mark.parametrize("size", [(50_000, 50_000), (10**9, 1)])
def test_a_size_beyond_reason_is_told_before_it_is_allocated(tmp_path: Path, size: tuple[int, int]) -> None:
    path = save(tmp_path / "n.onnx", [node("GlobalAveragePool", ["x"], "feature")], ("n", 3, "h", "w"))
    with pytest.raises(InputError, match=f"pictures of {size[0]}x{size[1]}; expected at most"):
        open_network(path, Preprocessing(size))


@pytest.mark.parametrize(
    ("nodes", "tables", "said"),
    [
        ([node("ReduceMean", ["x"], "feature", keepdims=0)], {}, "the outputs feature ()"),
        ([node("Slice", ["x", "zero", "zero"], "feature")], {"zero": np.array([0])}, "feature (0, 3, 8, 4)"),
        ([node("Flatten", ["x"], "f"), node("Transpose", ["f"], "feature")], {}, "mixes the pictures"),
        ([node("Cast", ["x"], "feature", to=KINDS["string"])], {}, "feature (1, 3, 8, 4)"),
        ([node("Cast", ["x"], "feature", to=KINDS["bfloat16"])], {}, "a network that its runtime can run"),
        ([node("Reshape", ["x", "seven"], "feature")], {"seven": np.array([-1, 7])}, "a network that its runtime can"),
        ([node("SequenceConstruct", ["x"], "s"), node("SequenceAt", ["s", "nine"], "feature")],
         {"nine": np.array(9)}, "a network that its runtime can run"),
    ],
)  # fmt: skip
def test_outputs_that_are_no_features_and_faults_are_one_line(
    tmp_path: Path, nodes: Nodes, tables: dict[str, Any], said: str
) -> None:
    path = save(tmp_path / "n.onnx", nodes, **tables)
    model = onnx.load(path)
    for kind in ("string", "bfloat16"):
        if nodes[-1].attribute and nodes[-1].attribute[0].i == KINDS[kind]:
            model.graph.output[0].type.tensor_type.elem_type = KINDS[kind]
    onnx.save(model, path)
    with pytest.raises(InputError) as caught:
        opened(path)
    told = str(caught.value)
    assert said in told and not any(useless in told for useless in ("--input-size", "--batch 1", "\n"))


def test_maps_of_another_shape_for_each_picture_are_refused(tmp_path: Path) -> None:
    nodes = [node("Sub", ["x", "middle"], "d"), node("Relu", ["d"], "r"), node("NonZero", ["r"], "z"),
             node("Unsqueeze", ["z", "axis"], "zz"), node("Cast", ["zz"], "feature", to=KINDS["float32"])]  # fmt: skip
    path = save(tmp_path / "n.onnx", nodes, axis=np.array([0]), middle=np.float32(100))
    with pytest.raises(InputError, match="another shape for each picture"):
        open_network(path, Preprocessing(SIZE), features=False)


# Several outputs.


def several(path: Path) -> Path:
    after = [node("GlobalAveragePool", ["x"], "pooled"), node("Relu", ["x"], "map")]
    return save(path, **linear(*after), outputs=("map", "pooled", "feature"))


def test_one_of_several_outputs_is_chosen_by_name(tmp_path: Path) -> None:
    for path in (several(tmp_path / "n.onnx"), as_openvino(tmp_path / "n.onnx")):
        network = open_network(path, Preprocessing(SIZE), output="feature", batch=64)
        same(features(network, pictures(3)), expected(pictures(3)))
        pooled = open_network(path, Preprocessing(SIZE), output="pooled")
        same(features(pooled, pictures(3)), pictures(3).mean(axis=(2, 3)))
        assert pooled.fingerprint != network.fingerprint


def test_without_a_name_they_are_listed_with_their_shapes(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        open_network(several(tmp_path / "n.onnx"), Preprocessing(SIZE))
    assert "map (1, 3, 8, 4), pooled (1, 3, 1, 1), feature (1, 5)" in str(caught.value)
    assert "--output" in str(caught.value)


@pytest.mark.parametrize(
    ("output", "said"),
    [("featur", "did you mean feature?"), ("map", r"map \(1, 3, 8, 4\)"), ("", "no output ''")],
)
def test_a_name_that_is_none_or_no_feature(tmp_path: Path, output: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        open_network(several(tmp_path / "n.onnx"), Preprocessing(SIZE), output=output)


def test_the_name_of_the_only_output_changes_nothing(tmp_path: Path) -> None:
    path = save(tmp_path / "n.onnx", **linear())
    named = open_network(path, Preprocessing(SIZE), output="feature")
    assert named.fingerprint == opened(path).fingerprint


# Networks of maps and points are proved too.


def test_maps_that_mix_are_refused_and_labels_may_be_constant(tmp_path: Path) -> None:
    nodes = [node("ArgMax", ["x"], "best", axis=1, keepdims=0), node("Mul", ["best", "zero"], "feature")]
    labels = save(tmp_path / "l.onnx", nodes, zero=ZERO)
    model = onnx.load(labels)
    model.graph.output[0].type.tensor_type.elem_type = KINDS["int64"]
    onnx.save(model, labels)
    network = open_network(labels, Preprocessing(SIZE), features=False, batch=16)
    assert network.outputs(pictures(3))[0].tolist() == np.zeros((3, *SIZE)).tolist()
    mixed = save(tmp_path / "m.onnx", [node("Softmax", ["x"], "feature", axis=0)])
    with pytest.raises(InputError, match="mixes the pictures"):
        open_network(mixed, Preprocessing(SIZE), features=False, batch=16)


def test_maps_with_a_baked_batch_come_one_by_one(tmp_path: Path) -> None:
    path = save(tmp_path / "m.onnx", [node("Reshape", ["x", "s"], "feature")], s=np.array([1, 3, *SIZE], np.int64))
    network = open_network(path, Preprocessing(SIZE), features=False, batch=16)
    assert network.batch == 1
    assert np.array_equal(network.outputs(pictures(3))[0], pictures(3))
