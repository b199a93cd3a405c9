"""`sameperson parse` on pictures whose maps are known."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sameperson.cli.main import main
from sameperson.priors.label_sets import LIP
from sameperson.priors.part_groups import part_set


def save(file: Path, values: np.ndarray) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(values.astype(np.uint8)).save(file)


@pytest.fixture
def people(tmp_path: Path) -> Path:
    """Six pictures of three people, their true maps beside them, and parts found of five; one map has no picture."""
    rng = np.random.default_rng(0)
    for number in range(6):
        name = f"{1 + number // 2:04d}_c{1 + number % 2}s1_{number:06d}_00"
        save(tmp_path / "people" / "query" / f"{name}.jpg", rng.integers(0, 256, (32, 16, 3)))
        true = np.zeros((32, 16))
        true[4:8, 4:12], true[8:20, 4:12], true[20:28, 4:12], true[28:, 4:12] = 13, 5, 9, 18
        save(tmp_path / "people" / "parsing" / "query" / f"{name}.png", true)
        parts = np.zeros((8, 4))
        parts[1, 1:3], parts[2:5, 1:3], parts[5:7, 1:3], parts[7, 1:3] = 1, 2, 4, 6
        if number == 5:
            parts[:] = 0
        if number != 4:
            save(tmp_path / "parts" / "query" / f"{name}.png", parts)
    save(tmp_path / "parts" / "query" / "0009_c1s1_000000_00.png", np.zeros((8, 4)))
    return tmp_path


def run(*words: object) -> int:
    return main([*map(str, words)])


def test_overlays_of_what_lies_beside(people: Path, capsys: pytest.CaptureFixture, tmp_path: Path) -> None:
    figures, out = tmp_path / "f.json", tmp_path / "sheet.png"
    assert run("parse", "overlay", people / "people", "--out", out, "--json", figures, "--share", "0") == 0
    assert capsys.readouterr().out == f"{out}: 6 of 6 pictures with maps of parsing\n"
    found = json.loads(figures.read_text())
    assert (found["pictures"], found["with_maps"], len(found["shown"]), found["sets"]) == (6, 6, 6, ["lip"])
    colours = {tuple(colour) for colour in np.unique(np.asarray(Image.open(out)).reshape(-1, 3), axis=0).tolist()}
    assert {LIP.colours[label] for label in (5, 9, 13, 18)} <= colours


def test_overlays_of_parts_beside_true_ones_a_file_each(people: Path, tmp_path: Path) -> None:
    out = tmp_path / "each"
    words = ("--labels", people / "parts", "--set", "isp-7", "--true", people / "people" / "parsing")
    assert run("parse", "overlay", people / "people", *words, "--share", "1", "--out", out) == 0
    files = sorted(out.rglob("*.png"))
    assert [file.relative_to(out).as_posix() for file in files] == [
        f"query/{1 + number // 2:04d}_c{1 + number % 2}s1_{number:06d}_00.png" for number in (0, 1, 2, 3, 5)
    ]
    pixels = np.asarray(Image.open(files[0]))
    assert pixels.shape == (32, 2 * 16, 3)
    for y, part, true in ((5, 1, 13), (10, 2, 5), (24, 4, 9), (30, 6, 18)):
        assert tuple(pixels[y, 6]) == part_set(7).colours[part]
        assert tuple(pixels[y, 16 + 6]) == LIP.colours[true]


def test_overlays_before_a_broken_picture_are_removed(people: Path, tmp_path: Path) -> None:
    last = sorted((people / "people" / "query").iterdir())[-1]
    last.write_bytes(b"no picture")
    out = tmp_path / "overlays"
    words = ("parse", "overlay", people / "people" / "query", "--out", out)
    assert run(*words) == 2
    assert not out.exists()
    assert run(*words, "--skip-broken") == 0
    before = {file.name: file.read_bytes() for file in out.iterdir()}
    assert len(before) == 5
    assert run(*words) == 2  # what was there before stays
    assert {file.name: file.read_bytes() for file in out.iterdir()} == before


def test_a_folder_of_the_tree_has_its_own_parsing(people: Path, capsys: pytest.CaptureFixture, tmp_path: Path) -> None:
    assert run("parse", "overlay", people / "people" / "query", "--out", tmp_path / "sheet.png") == 0
    assert "6 of 6 pictures with maps of query" in capsys.readouterr().out


def test_maps_that_the_world_writes_are_no_pictures(people: Path, tmp_path: Path) -> None:
    (people / "people" / "parsing").rename(people / "people" / "parts")
    figures = tmp_path / "f.json"
    words = ("--labels", people / "people" / "parts", "--set", "world", "--out", tmp_path / "s.png", "--json", figures)
    assert run("parse", "overlay", people / "people", *words) == 0
    found = json.loads(figures.read_text())
    assert (found["pictures"], found["with_maps"]) == (6, 6)


def test_few_of_many_are_spread(people: Path, tmp_path: Path) -> None:
    figures = tmp_path / "f.json"
    words = ("--count", "3", "--out", tmp_path / "s.jpg", "--json", figures)
    assert run("parse", "overlay", people / "people", *words) == 0
    assert json.loads(figures.read_text())["shown"] == [
        f"query/{pid:04d}_c1s1_{2 * (pid - 1):06d}_00.jpg" for pid in (1, 2, 3)
    ]


def test_one_picture(people: Path, tmp_path: Path) -> None:
    picture = people / "people" / "query" / "0001_c1s1_000000_00.jpg"
    labels = people / "people" / "parsing"
    assert run("parse", "overlay", picture, "--labels", labels, "--out", tmp_path / "one") == 0
    assert [file.name for file in (tmp_path / "one").iterdir()] == ["0001_c1s1_000000_00.png"]


def test_measured(people: Path, capsys: pytest.CaptureFixture, tmp_path: Path) -> None:
    """Four of five people are found whole; of the fifth nothing. All parts are right but for the missing one's."""
    figures = tmp_path / "f.json"
    assert run("parse", "evaluate", people / "parts", people / "people" / "parsing", "--json", figures) == 0
    found = json.loads(figures.read_text())
    for name in ("foreground", "head", "legs", "shoes"):
        assert found["tasks"][name]["class_iou"]["value"] == pytest.approx(4 / 5)
    head = found["tasks"]["head"]
    assert head["pixels"] == 5 * 2
    rest = (5 * 32 - 10) / (5 * 32 - 8)
    assert head["two_class_iou"]["value"] == pytest.approx((4 / 5 + rest) / 2)
    assert (found["pictures"], found["without"], found["groups"], found["by"]) == (5, 1, 3, "person")
    assert (found["labels_a"], found["labels_b"], found["classes"]) == ("isp-7", "lip", None)
    printed = capsys.readouterr().out
    assert "head  80.0 % (" in printed
    assert "1 of 6 pictures have no true map (left out)" in printed


@pytest.mark.parametrize(("at", "pixels"), [("coarser", 10), ("finer", 160), ("16x8", 40)])
def test_sizes_and_own_tasks(people: Path, tmp_path: Path, at: str, pixels: int) -> None:
    figures = tmp_path / "f.json"
    words = ("--at", at, "--task", "cap=1:13", "--by", "picture", "--resamples", "50", "--json", figures)
    assert run("parse", "evaluate", people / "parts", people / "people" / "parsing", *words) == 0
    found = json.loads(figures.read_text())
    assert found["tasks"]["cap"]["pixels"] == pixels
    assert found["tasks"]["cap"]["class_iou"] == found["tasks"]["head"]["class_iou"]
    assert found["groups"] == 5


def test_masks_are_the_foreground(people: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    """A mask's person is 255, which in label maps means that nothing is known."""
    for file in (people / "people" / "parsing").rglob("*.png"):
        save(people / "masks" / file.name, 255 * (np.asarray(Image.open(file)) > 0))
    figures = tmp_path / "f.json"
    words = ("parse", "evaluate", people / "parts", people / "masks", "--json", figures)
    assert run(*words, "--labels-b", "foreground") == 0
    found = json.loads(figures.read_text())
    assert found["tasks"]["foreground"]["class_iou"]["value"] == pytest.approx(4 / 5) and found["ignored"] == 0
    assert run(*words) == 2
    assert "if these are masks, give --labels-b foreground" in capsys.readouterr().err


def test_pixels_that_nobody_knows_are_told(people: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    for file in (people / "people" / "parsing").rglob("*.png"):
        true = np.asarray(Image.open(file)).copy()
        true[:8] = 255  # a quarter
        save(file, true)
    figures = tmp_path / "f.json"
    words = ("parse", "evaluate", people / "parts", people / "people" / "parsing", "--json", figures)
    assert run(*words) == 0
    assert json.loads(figures.read_text())["ignored"] == 0.25
    assert "25.0 % of the pixels are labelled 255 (left out)" in capsys.readouterr().out


@pytest.mark.parametrize("job", ["sheet", "each"])
def test_broken_pictures_are_named_or_left_out(
    people: Path, tmp_path: Path, capsys: pytest.CaptureFixture, job: str
) -> None:
    picture = people / "people" / "query" / "0002_c1s1_000002_00.jpg"
    picture.write_bytes(picture.read_bytes()[:300])
    out, figures = tmp_path / ("o.png" if job == "sheet" else "o"), tmp_path / "f.json"
    words = ("parse", "overlay", people / "people", "--out", out, "--json", figures)
    assert run(*words) == 2
    printed = capsys.readouterr().err
    assert picture.name in printed and printed.count("\n") == 1 and not out.is_file()
    assert run(*words, "--skip-broken") == 0
    found = json.loads(figures.read_text())
    assert (found["with_maps"], found["broken"], found["broken_files"]) == (5, 1, [f"query/{picture.name}"])


def test_all_labels_of_a_parser(people: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    """A perfect parser of a coarser set."""
    for file in (people / "people" / "parsing").rglob("*.png"):
        true = np.asarray(Image.open(file))
        save(people / "seven" / file.name, np.select([true == 13, true == 18, true > 0], [1, 5, 2]))
    figures = tmp_path / "f.json"
    words = ("--labels-a", "study-7", "--json", figures)
    assert run("parse", "evaluate", people / "seven", people / "people" / "parsing", *words) == 0
    found = json.loads(figures.read_text())["classes"]
    assert {name: share["value"] for name, share in found["iou"].items()} == dict.fromkeys(
        ["background", "head", "clothes", "left-leg"], 1.0
    )
    assert found["mean_iou"]["value"] == 1.0
    assert "all labels  mean IoU 100.0 %" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("overlay", "nowhere"), "nowhere: no such file or folder"),
        (("overlay", "unnamed"), "no parsing beside the pictures"),
        (("overlay", "people", "--labels", "empty"), "maps of none of the 6 pictures"),
        (("overlay", "people", "--labels", "people/parsing", "--set", "isp-7"), "label 13 is none of isp-7's 0 to 6"),
        (("overlay", "people", "--labels", "parts", "--set", "isp7"), "did you mean isp-7?"),
        (("overlay", "people", "--out", "x.gif"), "expected a sheet that ends in .png or .jpg, or a folder; try x.png"),
        (("export", "people", "--out", "z"), "people: no training run"),
        (("export", "nowhere", "--out", "z"), "nowhere: no such folder"),
        (("overlay", "people", "--share", "2"), "'2' is no number from 0 to 1"),
        (("overlay", "people", "--weights", "none.safetensors"), "none.safetensors: no such file"),
        (("overlay", "people", "--weights", "x", "--labels", "y"), "not allowed with"),
        (("overlay", "people", "--labels", "run"), "a run that found no parts"),
        (("evaluate", "parts", "empty"), "maps of none of the 6 pictures"),
        (("evaluate", "parts", "people/parsing", "--task", "head:1=2"), "is no NAME=A:B"),
        (("evaluate", "parts", "people/parsing", "--task", "bag=1:20"), "--task bag: label 20"),
        (("evaluate", "parts", "people/parsing", "--at", "big"), "'big' is no HEIGHTxWIDTH"),
        (("evaluate", "run", "people/parsing"), "a run that found no parts"),
        (("evaluate", "unnamed", "unnamed", "--labels-a", "lip", "--by", "person"), "does not say who is on its"),
    ],
)
def test_what_a_user_can_mend_is_one_line(
    people: Path, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], says: str
) -> None:
    monkeypatch.chdir(people)
    for folder in ("empty", "run"):
        (people / folder).mkdir()
    (people / "run" / "recipe.yaml").write_text("name: x\n")
    save(people / "unnamed" / "a.png", np.zeros((4, 2)))
    assert run("parse", *words) == 2
    printed = capsys.readouterr()
    assert says in printed.err
    assert printed.err.count("\n") == 1
    assert not list(people.glob("overlays.png"))


def test_weights_that_say_nothing_of_pixels(people: Path, capsys: pytest.CaptureFixture) -> None:
    from sameperson.methods.load import shipped_weights

    assert run("parse", "overlay", people / "people", "--weights", shipped_weights()) == 2
    printed = capsys.readouterr()
    assert "says nothing of pixels" in printed.err
    assert printed.err.count("\n") == 1
