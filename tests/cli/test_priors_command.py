"""`sameperson priors make` with small real networks whose answer is known: red is one thing, green another."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from sameperson.cli.main import main
from sameperson.config import Data, Parsing
from sameperson.data.readers.pictures import read_pictures
from sameperson.priors import make as making
from sameperson.priors.keypoints import load_keypoints
from sameperson.priors.label_sets import LIP
from sameperson.priors.load import open_priors
from sameperson.priors.locations import find_priors
from sameperson.retrieval.user_network import UserNetwork
from sameperson.types import Samples

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

UPPER, PANTS = LIP.labels.index("upper-clothes"), LIP.labels.index("pants")


def save_network(path: Path, nodes: list[Any], weights: dict[str, np.ndarray], outputs: list[str], shape: list) -> Path:
    kind = onnx.TensorProto.FLOAT
    graph = onnx.helper.make_graph(
        nodes,
        "net",
        [onnx.helper.make_tensor_value_info("images", kind, shape)],
        [onnx.helper.make_tensor_value_info(name, kind, None) for name in outputs],
        [onnx.numpy_helper.from_array(values, name) for name, values in weights.items()],
    )
    opset = [onnx.helper.make_opsetid("", 17)]
    onnx.save(onnx.helper.make_model(graph, opset_imports=opset, ir_version=8), path)
    return path


def pose_network(path: Path, joints: int = 17, simcc: bool = False, batch: Any = "b") -> Path:
    """Even joints are where it is red, odd ones where it is green; cells of 4 x 4 pixels."""
    weight = np.zeros((joints, 3, 1, 1), np.float32)
    weight[0::2, 0] = weight[1::2, 1] = 1
    make = onnx.helper.make_node
    nodes = [
        make("AveragePool", ["images"], ["cells"], kernel_shape=[4, 4], strides=[4, 4]),
        make("Conv", ["cells", "weight"], ["heatmaps"]),
    ]
    outputs = ["heatmaps"]
    if simcc:
        nodes += [
            make("ReduceMax", ["heatmaps"], ["x"], axes=[2], keepdims=0),
            make("ReduceMax", ["heatmaps"], ["y"], axes=[3], keepdims=0),
        ]
        outputs = ["x", "y"]
    return save_network(path, nodes, {"weight": weight}, outputs, [batch, 3, 32, 16])


def parsing_network(path: Path, labels: bool = False) -> Path:
    """Red is upper clothes, green is pants, and the rest background."""
    weight, bias = np.zeros((20, 3, 1, 1), np.float32), np.full(20, -1, np.float32)
    weight[UPPER, 0] = weight[PANTS, 1] = 1
    bias[[0, UPPER, PANTS]] = 0.25, 0, 0
    nodes = [onnx.helper.make_node("Conv", ["images", "weight", "bias"], ["scores"])]
    if labels:
        nodes += [
            onnx.helper.make_node("ArgMax", ["scores"], ["best"], axis=1, keepdims=0),
            onnx.helper.make_node("Cast", ["best"], ["labels"], to=onnx.TensorProto.FLOAT),
        ]
    outputs = ["labels" if labels else "scores"]
    return save_network(path, nodes, {"weight": weight, "bias": bias}, outputs, ["b", 3, 32, 16])


@pytest.fixture
def people(tmp_path: Path) -> Path:
    """Pictures of twice the network's size, one of another shape, and one that is none."""
    root = tmp_path / "people"
    for name, size in {"1/c1/a.png": (64, 32), "1/c2/b.png": (64, 32), "2/c1/a.png": (64, 64)}.items():
        picture = np.zeros((*size, 3), np.uint8)
        picture[16:24, 8:16, 0] = 255
        picture[40:48, 16:24, 1] = 255
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture).save(root / name)
    (root / "2" / "c2").mkdir()
    (root / "2" / "c2" / "broken.jpg").write_bytes(b"\xff\xd8\xff")
    return root


def run(*words: Any) -> int:
    return main([*map(str, words)])


def opened(root: Path, name: str, **data: Any) -> tuple[Samples, Any]:
    samples = read_pictures(root)
    samples = Samples.of(samples.path, samples.pid, root=root, priors=find_priors(root))
    return samples, open_priors(samples, [name], Data(**data))[name]


@pytest.mark.parametrize(("joints", "simcc"), [(17, False), (18, False), (17, True)])
def test_keypoints(tmp_path: Path, people: Path, capsys: pytest.CaptureFixture, joints: int, simcc: bool) -> None:
    model = pose_network(tmp_path / "pose.onnx", joints, simcc)
    figures = tmp_path / "figures.json"
    assert run("priors", "make", "keypoints", people, "--model", model, "--scale", "1/255", "--json", figures) == 0
    printed = capsys.readouterr()
    assert printed.out == f"{people / 'keypoints.json'}: keypoints of 3 of 4 pictures\n"
    assert "left out 1 broken: 2/c2/broken.jpg" in printed.err
    assert json.loads(figures.read_text())["broken_files"] == ["2/c2/broken.jpg"]
    samples, keypoints = opened(people, "keypoints", skeleton="coco" if joints == 17 else "openpose")
    assert [str(path) for path in samples.path] == ["1/c1/a.png", "1/c2/b.png", "2/c1/a.png", "2/c2/broken.jpg"]
    assert keypoints.valid.tolist() == [True, True, True, False]
    for row in range(2):
        assert keypoints.values[row, 0::2, :2].tolist() == [[12, 20]] * len(range(0, joints, 2))
        assert keypoints.values[row, 1::2, :2].tolist() == [[20, 44]] * len(range(1, joints, 2))
        # halved with antialias, the square's rim is 7/8 as bright, in each direction
        assert keypoints.values[row, :, 2] == pytest.approx((15 / 16) ** 2, abs=5e-3)
    assert not list(people.glob(".*"))


def test_a_picture_of_another_shape_keeps_it(tmp_path: Path, people: Path) -> None:
    """64 x 64 is padded: it becomes 16 x 16 in the middle of 32 x 16, where cells are 16 pixels of the picture."""
    model = pose_network(tmp_path / "pose.onnx")
    assert run("priors", "make", "keypoints", people, "--model", model, "--scale", "1/255") == 0
    _, keypoints = opened(people, "keypoints")
    x, y, _ = keypoints.values[2, 0]
    assert np.hypot(x - 12, y - 20) <= 8 * np.sqrt(2)
    assert (
        run("priors", "make", "keypoints", people, "--model", model, "--out", tmp_path / "s", "--fit", "stretch") == 0
    )
    stretched = load_keypoints(tmp_path / "s" / "keypoints.json", read_pictures(people))
    assert stretched.values[2, 1, 1] == 44


@pytest.mark.parametrize("labels", [False, True])
def test_parsing(tmp_path: Path, people: Path, labels: bool) -> None:
    model = parsing_network(tmp_path / "parse.onnx", labels)
    assert run("priors", "make", "parsing", people, "--model", model, "--scale", "1/255") == 0
    _, maps = opened(people, "parsing")
    assert maps.valid.tolist() == [True, True, True, False]
    for row in range(2):
        found = maps.read(row)
        assert found.shape == (64, 32)
        assert (found[17:23, 9:15] == UPPER).all()
        assert (found[41:47, 17:23] == PANTS).all()
        far = np.ones((64, 32), bool)
        far[14:26, 6:18] = far[38:50, 14:26] = False
        assert not found[far].any()
    assert maps.read(2).shape == (64, 64)
    with Image.open(people / "parsing" / "1" / "c1" / "a.png") as picture:
        assert picture.mode == "P"
        assert tuple(picture.getpalette()[3 * UPPER : 3 * UPPER + 3]) == tuple(LIP.colours[UPPER])
    _, merged = opened(people, "parsing", parsing=Parsing(merge="study-7"))
    assert set(np.unique(merged.read(0))) == {0, 2}
    assert not list(people.glob(".*"))


@pytest.mark.parametrize("kind", ["keypoints", "parsing"])
def test_a_killed_run_goes_on_and_ends_as_if_it_had_not_been(
    tmp_path: Path, people: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    maker = {"keypoints": pose_network, "parsing": parsing_network}[kind]
    model = maker(tmp_path / "net.onnx")
    words = ["priors", "make", kind, people, "--model", model, "--batch", 1, "--workers", 0]
    assert run(*words, "--out", tmp_path / "whole") == 0
    seen: list[int] = []
    answer = UserNetwork.outputs

    def counted(self: UserNetwork, images: np.ndarray, stop: int = 2) -> list:
        if len(images) and self is not None and len(seen) == stop:
            raise KeyboardInterrupt
        seen.append(len(images))
        return answer(self, images)

    monkeypatch.setattr(UserNetwork, "outputs", counted)
    out = tmp_path / "killed"
    assert run(*words, "--out", out) == 130
    assert not find_priors(out)
    assert len(seen) == 2
    if kind == "keypoints":
        with (out / ".keypoints.jsonl").open("a") as journal:
            journal.write('{"name": "2/c1/a.png", "keypo')  # what a kill may leave of a line
    monkeypatch.setattr(UserNetwork, "outputs", lambda self, images: seen.append(0) or answer(self, images))
    assert run(*words, "--out", out) == 0
    assert len(seen) == 3  # only the third picture
    for file in sorted((tmp_path / "whole").rglob("*")):
        if file.is_file():
            assert (out / file.relative_to(tmp_path / "whole")).read_bytes() == file.read_bytes()
    assert sorted(p.name for p in out.rglob("*")) == sorted(p.name for p in (tmp_path / "whole").rglob("*"))


def test_another_network_begins_anew(tmp_path: Path, people: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "out"
    words = ["priors", "make", "keypoints", people, "--out", out, "--batch", 2]
    monkeypatch.setattr(making, "joints_of", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    assert run(*words, "--model", pose_network(tmp_path / "a.onnx")) == 130
    monkeypatch.undo()
    assert (out / ".keypoints.jsonl").exists()
    assert run(*words, "--model", pose_network(tmp_path / "b.onnx", 18)) == 0
    assert all(len(body["keypoints"]) == 54 for body in json.loads((out / "keypoints.json").read_text()))


@pytest.mark.parametrize("kind", ["keypoints", "parsing"])
def test_true_labels_of_a_tree(tmp_path: Path, people: Path, kind: str) -> None:
    tree = tmp_path / "tree"
    for name, x in (("a", 1.0), ("c", 3.0)):
        (tree / "keypoints").mkdir(parents=True, exist_ok=True)
        body = {"image_id": f"{name}.png", "keypoints": [x, 2, 0.5] * 17, "score": 0.5, "box": [0, 0, 1, 1]}
        (tree / "keypoints" / f"{name}.json").write_text(json.dumps([body]))
        (tree / "parsing" / "query").mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((4, 2), int(x), np.uint8)).save(tree / "parsing" / "query" / f"{name}.png")
    crops = tmp_path / "crops"
    crops.mkdir()
    for name in "abc":
        Image.fromarray(np.zeros((4, 2, 3), np.uint8)).save(crops / f"{name}.png")
    if kind == "parsing":
        (tree / "parsing" / "query" / "a.png").rename(tree / "parsing" / "a.png")
    assert run("priors", "make", kind, crops, "--from", tree) == 0
    _, prior = opened(crops, kind)
    assert prior.valid.tolist() == [True, False, True]
    first = [prior.read(row).ravel()[0] for row in (0, 2)]
    assert first == [1, 3]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "neither --model nor --from"),
        (["--model", "MODEL", "--from", "TREE"], "both --model and --from"),
        (["--from", "TREE", "--scale", "1/255"], "--scale with --from"),
        (["--from", "TREE"], "no such folder"),
        (["--model", "gone.onnx"], "gone.onnx: no such file"),
        (["--model", "PARSE", "--scale", "1"], "outputs of shape (3, 20, 32, 16); expected heatmaps"),
        (["--model", "MODEL", "--std", "0"], "--std of 0"),
        (["--model", "MODEL", "--labels", "lap"], "did you mean lip"),
    ],
)
def test_what_does_not_fit_is_one_line_and_leaves_nothing(
    tmp_path: Path, people: Path, capsys: pytest.CaptureFixture, words: list[str], says: str
) -> None:
    files = {"MODEL": pose_network(tmp_path / "m.onnx"), "PARSE": parsing_network(tmp_path / "p.onnx")}
    files["TREE"] = tmp_path / "tree"
    assert run("priors", "make", "keypoints", people, *(files.get(word, word) for word in words)) == 2
    error = capsys.readouterr().err
    assert says in error
    assert error.count("\n") == 1
    assert not find_priors(people)


def test_priors_that_are_there_already_stay(tmp_path: Path, people: Path, capsys: pytest.CaptureFixture) -> None:
    (people / "parsing").mkdir()
    assert run("priors", "make", "parsing", people, "--model", parsing_network(tmp_path / "p.onnx")) == 2
    assert "parsing already" in capsys.readouterr().err
    Image.fromarray(np.zeros((4, 2, 3), np.uint8)).save(people / "1" / "c1" / "a.bmp")
    out = tmp_path / "o"
    assert run("priors", "make", "parsing", people, "--out", out, "--model", parsing_network(tmp_path / "p.onnx")) == 2
    assert "1/c1/a.bmp and 1/c1/a.png" in capsys.readouterr().err


def test_a_table_with_paths_outside_its_folder(tmp_path: Path, people: Path, capsys: pytest.CaptureFixture) -> None:
    (tmp_path / "lists").mkdir()
    table = tmp_path / "lists" / "table.csv"
    table.write_text("path\n../people/1/c1/a.png\n")
    assert run("priors", "make", "parsing", table, "--model", parsing_network(tmp_path / "p.onnx")) == 2
    assert "a picture at ../people/1/c1/a.png" in capsys.readouterr().err
    assert not (tmp_path / "people" / "1" / "c1" / "a.txt").exists()
    assert run("priors", "make", "keypoints", table, "--model", pose_network(tmp_path / "k.onnx")) == 0


def test_only_broken_pictures(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    crops = tmp_path / "crops"
    crops.mkdir()
    (crops / "a.jpg").write_bytes(b"")
    for kind, model in (("keypoints", pose_network(tmp_path / "k.onnx")), ("parsing", parsing_network(tmp_path / "p"))):
        renamed = model.rename(tmp_path / f"{kind}.onnx")
        assert run("priors", "make", kind, crops, "--model", renamed, "--scale", "1") == 2
        assert capsys.readouterr().err.count("\n") == 1
        assert not find_priors(crops)
