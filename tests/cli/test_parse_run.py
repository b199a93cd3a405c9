"""`sameperson parse` on a real, small run of ISP: the parts it found, and what its network sees."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from sameperson.cli.main import main
from sameperson.evaluation.segmentation import Confusion, agreement, nearest, shared_tasks
from sameperson.images.decode import read_picture
from sameperson.images.geometry import resize
from sameperson.methods.load import load_network
from sameperson.priors.label_sets import LIP
from sameperson.priors.part_groups import part_set
from sameperson.training.metrics import read_metrics

NAMES = [f"{pid:04d}_c{camera}s1_{10 * pid + camera:06d}_00" for pid in (1, 2, 3) for camera in (1, 2)]
FOUR = part_set(4)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of two epochs on six pictures of three people with true maps beside them, and one of them to ask for."""
    root = tmp_path_factory.mktemp("isp")
    rng = np.random.default_rng(0)
    for number, name in enumerate(NAMES):
        pixels, true = rng.integers(0, 40, (64, 32, 3)), np.zeros((64, 32), np.uint8)
        for top, colour, label in ((8, 90, 13), (16, 150, 5), (40, 220, 9)):
            pixels[top : top + 24, 8:24] = colour + rng.integers(0, 30, 3) + 5 * (number // 2)
            true[top : top + 24, 8:24] = label
        folders = {"bounding_box_train": "00", **({"query": "01", "bounding_box_test": "02"} if number < 2 else {})}
        for folder, box in folders.items():
            stem = f"{folder}/{name[:-2]}{box}"
            for file, values in ((f"{stem}.jpg", pixels), (f"parsing/{stem}.png", true)):
                (root / "tree" / file).parent.mkdir(parents=True, exist_ok=True)
                Image.fromarray(values.astype(np.uint8)).save(root / "tree" / file)
    words = (
        "method.name=isp method.classes=4 method.channels=16 backbone.name=osnet_x0_25 data.size=64,32 "
        f"data.reader=market1501 data.root={root / 'tree'} data.val_fraction=0 sampler.people=3 sampler.pictures=2 "
        "data.workers=0 train.epochs=2 train.device=cpu optim.warmup_epochs=0 method.period=1"
    ).split()
    recipe = root / "recipe.yaml"
    recipe.write_text("name: parts\n")
    assert main(["train", str(recipe), *words, "--out", str(root / "run")]) == 0
    return root


def run(*words: object) -> int:
    return main(["parse", *map(str, words)])


def pictures(folder: Path) -> dict[str, np.ndarray]:
    return {file.relative_to(folder).as_posix(): np.asarray(Image.open(file)) for file in folder.rglob("*.png")}


def test_exported_parts_are_the_runs(place: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    out = tmp_path / "parts"
    assert run("export", place / "run", "--out", out) == 0
    assert capsys.readouterr().out == f"{out}: 6 pictures, labels isp-4, found before epoch 2\n"
    array = np.load(place / "run" / "part_labels.npy")
    found = pictures(out)
    assert sorted(found) == [f"bounding_box_train/{name}.png" for name in NAMES]
    for row, name in enumerate(NAMES):
        assert (found[f"bounding_box_train/{name}.png"] == array[row]).all()
    assert run("export", place / "run", "--out", out) == 2
    assert "there already" in capsys.readouterr().err


def test_predicted_parts_are_the_networks(place: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    out, figures = tmp_path / "seen", tmp_path / "f.json"
    words = ("predict", place / "tree", "--weights", place / "run", "--out", out, "--json", figures, "--cells")
    assert run(*words) == 0
    network = load_network(place / "run" / "best.safetensors", device="cpu")
    assert json.loads(figures.read_text())["made_by"] == network.fingerprint
    found = pictures(out)
    assert len(found) == 6 + 2 + 2
    for name in NAMES:
        picture = resize(read_picture(place / "tree" / "bounding_box_train" / f"{name}.jpg"), network.size)
        mean, std = (torch.tensor(values).view(3, 1, 1) for values in (network.card.mean, network.card.std))
        images = (torch.from_numpy(picture).permute(2, 0, 1) / 255 - mean) / std
        with torch.no_grad():
            scores = network.method.parse(images[None])[0].numpy()
        seen = found[f"bounding_box_train/{name}.png"]
        assert seen.shape == scores.shape[1:] == (16, 8)
        two_best = np.sort(scores, axis=0)[-2:]
        sure = two_best[1] - two_best[0] > 1e-3  # of near ties either label will do
        assert (seen == scores.argmax(axis=0))[sure].all() and sure.mean() > 0.9
    capsys.readouterr()
    assert run(*words) == 2
    assert "there already" in capsys.readouterr().err


def test_overlays_of_a_run_and_of_its_network(place: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    out = tmp_path / "each"
    assert run("overlay", place / "tree", "--labels", place / "run", "--out", out, "--share", "1") == 0
    array = np.load(place / "run" / "part_labels.npy")
    found = pictures(out)
    assert len(found) == 6  # of what it learns from, not of the queries
    for row, name in enumerate(NAMES):
        labels = nearest(array[row], (64, 32))
        pixels = found[f"bounding_box_train/{name}.png"]
        for label in range(1, 4):
            assert (pixels[labels == label] == FOUR.colours[label]).all()
    words = ("--weights", place / "run", "--true", place / "tree" / "parsing", "--out", tmp_path / "sheet.png")
    assert run("overlay", place / "tree" / "query", *words) == 0
    assert "2 of 2 pictures with maps of run, parsing" in capsys.readouterr().out


def test_a_run_is_measured_as_its_own_metrics_say(place: Path, tmp_path: Path) -> None:
    figures = tmp_path / "f.json"
    true = place / "tree" / "parsing"
    assert run("evaluate", place / "run", true, "--json", figures) == 0
    found = json.loads(figures.read_text())
    confusion = Confusion(FOUR, LIP)
    for row, labels in enumerate(np.load(place / "run" / "part_labels.npy")):
        whole = np.asarray(Image.open(true / "bounding_box_train" / f"{NAMES[row]}.png"))
        confusion.add(labels, whole[2::4, 2::4], row)
    expected = agreement(confusion.counts, shared_tasks(FOUR, LIP))["foreground"].class_iou.value
    assert found["tasks"]["foreground"]["class_iou"]["value"] == pytest.approx(expected)
    assert (found["labels_a"], found["pictures"], found["groups"]) == ("isp-4", 6, 3)
    lines = [line for line in read_metrics(place / "run") if "parsing/foreground" in line]
    assert [line["epoch"] for line in lines] == [0, 1]
    assert lines[-1]["parsing/foreground"] == pytest.approx(expected, abs=1e-4)


def test_a_set_that_is_not_the_runs_is_refused(place: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    out = tmp_path / "s.png"
    for words in (
        ("overlay", place / "tree", "--labels", place / "run", "--out", out, "--set", "isp-7"),
        ("overlay", place / "tree", "--weights", place / "run", "--out", out, "--set", "isp-7"),
        ("evaluate", place / "run", place / "tree" / "parsing", "--labels-a", "isp-7"),
    ):
        assert run(*words) == 2
        printed = capsys.readouterr().err
        assert "isp-7, yet the labels of run are isp-4" in printed and printed.count("\n") == 1
        assert run(*words[:-1], "isp-4") == 0


def test_a_dataset_that_has_moved(place: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    tree, moved = place / "tree", tmp_path / "moved"
    jobs = {
        "overlay": ("overlay", moved, "--labels", place / "run", "--out", tmp_path / "s.png"),
        "evaluate": ("evaluate", place / "run", moved / "parsing"),
        "export": ("export", place / "run", "--out", tmp_path / "parts"),
    }
    tree.rename(moved)
    try:
        for words in jobs.values():
            assert run(*words) == 2
            printed = capsys.readouterr().err
            assert f"learned from {tree}, which is not there" in printed and "give --root" in printed
            assert run(*words, "--root", tmp_path / "nowhere") == 2
            assert "nowhere: no such dataset" in capsys.readouterr().err
            assert run(*words, "--root", moved) == 0
    finally:
        moved.rename(tree)
    assert len(pictures(tmp_path / "parts")) == 6


def test_pictures_that_a_run_does_not_learn_from(place: Path, capsys: pytest.CaptureFixture, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    Image.fromarray(np.zeros((8, 4, 3), np.uint8)).save(other / "x.jpg")
    assert run("overlay", other, "--labels", place / "run", "--out", tmp_path / "s.png") == 2
    printed = capsys.readouterr().err
    assert "parts of none of the 1 pictures" in printed
    assert printed.count("\n") == 1


def test_the_report_shows_the_parts_over_the_epochs(place: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    assert main(["report", str(place / "run"), "--out", str(page)]) == 0
    assert "Parts found, against true ones (IoU)" in page.read_text()
