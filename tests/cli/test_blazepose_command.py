"""`sameperson priors make` with a small network of BlazePose's outputs whose answers are known, and with the real one.

In the small one, even landmarks lie in the middle of what is red, odd ones in the middle of what is green, the mask is
both, and a picture with anything blue shows nobody.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from sameperson.cli.main import main
from sameperson.config import Data
from sameperson.data.readers.pictures import read_pictures
from sameperson.priors.keypoints import load_keypoints
from sameperson.priors.load import open_priors
from sameperson.priors.locations import find_priors
from sameperson.priors.masks import load_masks
from sameperson.priors.skeletons import COCO
from sameperson.retrieval.user_network import UserNetwork
from sameperson.types import Samples

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

SIDE = 40


def small_network(path: Path) -> Path:
    middles = np.arange(SIDE) + 0.5
    at = {0: np.broadcast_to(middles, (SIDE, SIDE)), 1: np.broadcast_to(middles[:, None], (SIDE, SIDE))}
    top, bottom = np.zeros((2, 3, SIDE, SIDE, 39, 5), np.float32)
    for landmark in range(39):
        for value in (0, 1):
            top[landmark % 2, :, :, landmark, value] = at[value]
    for landmark in range(39):
        bottom[landmark % 2, :, :, landmark] = 1
    logits = np.zeros((39, 5), np.float32)
    logits[:, 3] = 2
    blue = np.zeros((3, SIDE, SIDE, 1), np.float32)
    blue[2] = -1
    weights = {
        "top": top.reshape(-1, 195), "bottom": bottom.reshape(-1, 195), "logits": logits.reshape(1, 195),
        "blue": blue.reshape(-1, 1), "one": np.ones((1, 1), np.float32),
        "both": np.array([1, 1, 0], np.float32).reshape(1, 3, 1, 1), "half": np.full(1, -0.5, np.float32),
        "little": np.full((1, 1), 1e-6, np.float32),
    }  # fmt: skip
    make = onnx.helper.make_node
    nodes = [
        make("Flatten", ["images"], ["flat"]),
        make("MatMul", ["flat", "top"], ["sums"]),
        make("MatMul", ["flat", "bottom"], ["bare"]),
        make("Add", ["bare", "little"], ["amounts"]),
        make("Div", ["sums", "amounts"], ["middles"]),
        make("Add", ["middles", "logits"], ["points"]),
        make("MatMul", ["flat", "blue"], ["no"]),
        make("Add", ["no", "one"], ["flag"]),
        make("Conv", ["images", "both", "half"], ["map"]),
        make("Transpose", ["map"], ["mask"], perm=[0, 2, 3, 1]),
    ]
    kind = onnx.TensorProto.FLOAT
    shapes = {"points": ["b", 195], "flag": ["b", 1], "mask": ["b", SIDE, SIDE, 1]}
    graph = onnx.helper.make_graph(
        nodes,
        "net",
        [onnx.helper.make_tensor_value_info("images", kind, ["b", 3, SIDE, SIDE])],
        [onnx.helper.make_tensor_value_info(name, kind, shape) for name, shape in shapes.items()],
        [onnx.numpy_helper.from_array(values, name) for name, values in weights.items()],
    )
    opset = [onnx.helper.make_opsetid("", 17)]
    onnx.save(onnx.helper.make_model(graph, opset_imports=opset, ir_version=8), path)
    return path


@pytest.fixture
def people(tmp_path: Path) -> Path:
    """Two pictures of 64 x 32, which the square of 80 halves; one of 128 x 100; one with blue in it; a broken one."""
    root = tmp_path / "people"
    root.mkdir()
    for name, size in {"a.png": (64, 32), "b.png": (64, 32), "c.png": (128, 100), "nobody.png": (64, 32)}.items():
        picture = np.zeros((*size, 3), np.uint8)
        picture[16:24, 8:16, 0] = 255
        picture[40:48, 16:24, 1] = 255
        if name == "nobody.png":
            picture[30:40, 10:20, 2] = 255
        Image.fromarray(picture).save(root / name)
    (root / "broken.jpg").write_bytes(b"\xff\xd8\xff")
    return root


def run(*words: Any) -> int:
    return main([*map(str, words)])


def opened(root: Path, name: str) -> tuple[Samples, Any]:
    samples = read_pictures(root)
    samples = Samples.of(samples.path, samples.pid, root=root, priors=find_priors(root))
    return samples, open_priors(samples, [name], Data())[name]


def test_keypoints(tmp_path: Path, people: Path, capsys: pytest.CaptureFixture) -> None:
    model = small_network(tmp_path / "small.onnx")
    assert run("priors", "make", "keypoints", people, "--model", model, "--scale", "1/255") == 0
    assert capsys.readouterr().out == f"{people / 'keypoints.json'}: keypoints of 3 of 5 pictures\n"
    written = [entry["image_id"] for entry in json.loads((people / "keypoints.json").read_text())]
    assert written == ["a.png", "b.png", "c.png"]
    samples, bodies = opened(people, "keypoints")
    assert dict(zip(map(str, samples.path), bodies.valid.tolist(), strict=True)) == {
        "a.png": True, "b.png": True, "broken.jpg": False, "c.png": True, "nobody.png": False,
    }  # fmt: skip
    # Of COCO's joints: nose, left eye, right ear, right shoulder, ... are even landmarks.
    even = [0, 1, 4, 6, 8, 10, 12, 14, 16]
    odd = [joint for joint in range(17) if joint not in even]
    for row, near in ((0, 1e-3), (1, 1e-3), (3, 0.6)):
        assert np.abs(bodies.values[row, even, :2] - (12, 20)).max() < near
        assert np.abs(bodies.values[row, odd, :2] - (20, 44)).max() < near
        assert bodies.values[row, :, 2] == pytest.approx(1 / (1 + np.exp(-2)), abs=1e-3)


def test_masks(tmp_path: Path, people: Path, capsys: pytest.CaptureFixture) -> None:
    model = small_network(tmp_path / "small.onnx")
    assert run("priors", "make", "mask", people, "--model", model, "--scale", "1/255") == 0
    assert capsys.readouterr().out == f"{people / 'masks'}: mask of 3 of 5 pictures\n"
    assert sorted(path.name for path in (people / "masks").iterdir()) == ["a.png", "b.png", "c.png"]
    for name, size in {"a.png": (64, 32), "c.png": (128, 100)}.items():
        with Image.open(people / "masks" / name) as picture:
            assert picture.mode == "L"
            found = np.array(picture)
        assert found.shape == size and set(np.unique(found)) == {0, 255}
        sure, near = np.zeros(size, bool), np.zeros(size, bool)
        sure[18:22, 10:14] = sure[42:46, 18:22] = True
        near[13:27, 5:19] = near[37:51, 13:27] = True
        assert (found[sure] == 255).all() and not found[~near].any()
    _, masks = opened(people, "mask")
    assert masks.valid.tolist() == [True, True, False, True, False]


@pytest.mark.parametrize(("kind", "made"), [("keypoints", "keypoints.json"), ("mask", "masks/c.png")])
def test_a_killed_run_goes_on(
    tmp_path: Path, people: Path, monkeypatch: pytest.MonkeyPatch, kind: str, made: str
) -> None:
    model = small_network(tmp_path / "small.onnx")
    (people / "nobody.png").unlink()
    words = ["priors", "make", kind, people, "--model", model, "--scale", "1/255", "--batch", 1, "--workers", 0]
    assert run(*words, "--out", tmp_path / "whole") == 0
    seen: list[int] = []
    answer = UserNetwork.outputs

    def counted(self: UserNetwork, images: np.ndarray) -> list:
        if len(seen) == 2:
            raise KeyboardInterrupt
        seen.append(len(images))
        return answer(self, images)

    monkeypatch.setattr(UserNetwork, "outputs", counted)
    assert run(*words, "--out", tmp_path / "killed") == 130
    assert not find_priors(tmp_path / "killed")
    monkeypatch.setattr(UserNetwork, "outputs", lambda self, images: seen.append(len(images)) or answer(self, images))
    assert run(*words, "--out", tmp_path / "killed") == 0
    assert len(seen) == 3
    assert (tmp_path / "killed" / made).read_bytes() == (tmp_path / "whole" / made).read_bytes()


def test_true_masks_of_a_tree(tmp_path: Path, people: Path) -> None:
    (tmp_path / "tree" / "masks" / "query").mkdir(parents=True)
    Image.fromarray(np.eye(4, dtype=np.uint8) * 255).save(tmp_path / "tree" / "masks" / "query" / "a.png")
    assert run("priors", "make", "mask", people, "--from", tmp_path / "tree") == 0
    _, masks = opened(people, "mask")
    assert masks.valid.tolist() == [True, False, False, False, False]
    assert masks.read(0).tolist() == np.eye(4).tolist()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--model", "blazpose"], "did you mean blazepose"),
        (["--model", "blazepose"], "type `sameperson models get blazepose`"),
        (["--model", "efficientnet-lite0"], "no such file"),
        (["--model", "damaged.tflite"], "not a TensorFlow Lite network"),
    ],
)
def test_what_does_not_fit_is_one_line(
    tmp_path: Path, people: Path, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch, words: list, says: str
) -> None:
    monkeypatch.setenv("SAMEPERSON_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    Path("damaged.tflite").write_bytes(b"TFL3" * 9)
    assert run("priors", "make", "keypoints", people, *words) == 2
    error = capsys.readouterr().err
    assert says in error and error.count("\n") == 1
    assert not find_priors(people)


def test_pictures_of_nobody_are_said(tmp_path: Path, people: Path, capsys: pytest.CaptureFixture) -> None:
    for name in ("a.png", "b.png", "c.png", "broken.jpg"):
        (people / name).unlink()
    model = small_network(tmp_path / "small.onnx")
    for kind in ("keypoints", "mask"):
        assert run("priors", "make", kind, people, "--model", model, "--scale", "1/255") == 2
        assert ("no person seen in any of 1" if kind == "keypoints" else "not one map") in capsys.readouterr().err
    assert not find_priors(people)


@pytest.mark.slow
def test_the_real_one_finds_rendered_people(tmp_path: Path, fetched) -> None:
    """Fetched from the package index, where it is there; the bounds leave room to what benchmarks/blazepose.py says."""
    pytest.importorskip("openvino")
    pytest.importorskip("warp")
    fetched("blazepose")
    tree, made = tmp_path / "tree", tmp_path / "made"
    words = ["--people", 20, "--cameras", 2, "--shots", 1, "--seed", 5, "--labels", "keypoints,masks"]
    assert run("world", "make", tree, *words) == 0
    for kind in ("keypoints", "mask"):
        assert run("priors", "make", kind, tree, "--model", "blazepose", "--out", made) == 0
    samples = read_pictures(tree)
    found, masks = load_keypoints(made / "keypoints.json", samples), load_masks(made / "masks", samples)
    true_masks = load_masks(tree / "masks", samples)
    assert found.valid.mean() > 0.85
    right, overlaps = [], []
    for row, path in enumerate(map(str, samples.path)):
        if not found.valid[row]:
            continue
        part = path.split("/")[0]
        one = Samples.of([path], [0], root=tree)
        truth = load_keypoints(tree / "keypoints" / f"{part}.json", one).values[0]
        torso = np.linalg.norm(truth[5, :2] - truth[12, :2])
        visible = truth[:, 2] == 1
        ways = [
            np.linalg.norm(body[:, :2] - truth[:, :2], axis=1)[visible] < 0.2 * torso
            for body in (found.values[row], found.values[row][list(COCO.swap)])
        ]
        right.append(max(ways, key=np.sum))
        one_mask, true_mask = masks.read(row) > 0, true_masks.read(row) > 0
        overlaps.append((one_mask & true_mask).sum() / (one_mask | true_mask).sum())
    assert np.concatenate(right).mean() > 0.7
    assert np.mean(overlaps) > 0.75
