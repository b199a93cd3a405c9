"""A command killed at any moment and typed again ends as if it had been left alone: the same files, and no others."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

CLOCKS = ("seconds", "images_per_second")
MANY = pytest.param({"count": 6, "last": 4}, marks=pytest.mark.slow)
SMALL = {"people": 3, "test-people": 1, "cameras": 1, "shots": 2, "size": "32x16", "workers": 1, "seed": 4}
WORLD = [word for key, value in SMALL.items() for word in (f"--{key}", str(value))]


@pytest.mark.parametrize("moments", [{"count": 2, "last": 3}, MANY])
def test_world_make(kill, files_of, moments):
    words = ["world", "make", "{root}/tree", *WORLD, "--labels", "keypoints,parsing"]
    whole, killed = kill(words, ["sameperson.world.dataset"], warm=True, **moments)
    for root in killed:
        assert files_of(root) == files_of(whole)


@pytest.mark.slow
def test_world_make_as_another_layout(kill, files_of):
    words = ["world", "make", "{root}/tree", *WORLD, "--layout", "market1501"]
    whole, killed = kill(words, ["sameperson.data.miniatures.make"], warm=True, count=5, last=3)
    for root in killed:
        assert files_of(root) == files_of(whole)


@pytest.mark.slow
def test_world_scene(kill, files_of):
    small = {"people": 2, "cameras": 1, "seconds": 2, "fps": 4, "workers": 1, "size": "64x64"}
    words = ["world", "scene", "{root}/film", *(word for key in small for word in (f"--{key}", small[key]))]
    whole, killed = kill(words, ["sameperson.world.films.write"], warm=True, count=5, last=3)
    for root in killed:
        assert files_of(root) == files_of(whole)


@pytest.fixture
def people(tmp_path: Path) -> Path:
    """2,500 pictures, two of which are broken: three shards."""
    root, rng = tmp_path / "people", np.random.default_rng(3)
    root.mkdir()
    for number in range(2500):
        Image.fromarray(rng.integers(0, 256, (8, 4, 3), np.uint8)).save(root / f"{number:04d}.bmp")
    for number in (700, 1500):
        (root / f"{number:04d}.bmp").write_bytes(b"BM")
    return root


def mean_network(path: Path) -> Path:
    """A network whose feature is each channel's mean."""
    onnx = pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT
    shapes = (["b", 3, 16, 8], None)
    graph = helper.make_graph(
        [helper.make_node("GlobalAveragePool", ["images"], ["feature"])],
        "net",
        [helper.make_tensor_value_info("images", kind, shapes[0])],
        [helper.make_tensor_value_info("feature", kind, shapes[1])],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return path


@pytest.mark.parametrize("moments", [{"count": 2, "last": 3}, MANY])
def test_embed(kill, files_of, people, tmp_path, moments):
    words = ["embed", people, "--out", "{root}/e.parquet", "--network", mean_network(tmp_path / "net.onnx")]
    imports = ["sameperson.retrieval.store", "sameperson.retrieval.user_network", "sameperson.evaluation.embed"]
    whole, killed = kill([*words, "--skip-broken", "--batch", "100"], imports, **moments)
    assert list(files_of(whole)) == ["e.parquet"]
    for root in killed:
        assert files_of(root) == files_of(whole)


@pytest.mark.parametrize("kind", ["keypoints", "parsing"])
@pytest.mark.parametrize("moments", [{"count": 1, "last": 3}, MANY])
def test_priors_make(kill, files_of, people, tmp_path, kind, moments):
    onnx = pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    make, number = onnx.helper.make_node, onnx.TensorProto.FLOAT
    weight = np.random.default_rng(1).normal(size=(17 if kind == "keypoints" else 20, 3, 1, 1)).astype(np.float32)
    graph = onnx.helper.make_graph(
        [make("Conv", ["images", "weight"], ["maps"])],
        "net",
        [onnx.helper.make_tensor_value_info("images", number, ["b", 3, 16, 8])],
        [onnx.helper.make_tensor_value_info("maps", number, None)],
        [onnx.numpy_helper.from_array(weight, "weight")],
    )
    opset = [onnx.helper.make_opsetid("", 17)]
    onnx.save(onnx.helper.make_model(graph, opset_imports=opset, ir_version=8), tmp_path / "net.onnx")
    for file in sorted(people.iterdir())[40:]:
        file.unlink()
    words = ["priors", "make", kind, people, "--out", "{root}/priors", "--model", tmp_path / "net.onnx", "--batch", "8"]
    whole, killed = kill(words, ["sameperson.priors.make", "sameperson.retrieval.user_network"], **moments)
    assert len(files_of(whole)) == (2 if kind == "keypoints" else 42)
    for root in killed:
        assert files_of(root) == files_of(whole)


def as_trained(files: dict[str, bytes | None]) -> dict[str, object]:
    """The files of a run without the time it took; the checkpoint, which holds times too, by its name only."""
    found: dict[str, object] = dict(files)
    for name, content in files.items():
        if name.endswith("checkpoint.pt"):
            found[name] = None
        elif name.endswith("metrics.jsonl"):
            lines = [json.loads(line) for line in content.decode().splitlines()]
            found[name] = [{key: value for key, value in line.items() if key not in CLOCKS} for line in lines]
        elif name.endswith("result.json"):
            found[name] = {**json.loads(content), "seconds": None}
    return found


@pytest.mark.parametrize(
    "moments", [{"count": 1, "last": 2}, pytest.param({"count": 2, "last": 4}, marks=pytest.mark.slow)]
)
def test_train(kill, files_of, small_words, tmp_path, moments):
    (tmp_path / "small.yaml").write_text("name: small\n")
    knobs = small_words(train__epochs=3, train__validate_every=2, train__checkpoint_steps=1)
    words = ["train", tmp_path / "small.yaml", *knobs, "data.val_fraction=0.25", "--out", "{root}/run"]
    imports = ["sameperson.api", "sameperson.training.loop"]
    whole, killed = kill(words, imports, resume=["run", ["--resume"]], **moments)
    for root in killed:
        assert as_trained(files_of(root)) == as_trained(files_of(whole))
