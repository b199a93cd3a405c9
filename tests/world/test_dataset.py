"""A world on disk: the bytes depend on the arguments alone, and the labels say what the pictures show."""

import csv
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from sameperson.checks import InputError
from sameperson.cli.main import main
from sameperson.data.readers.market1501 import market_name
from sameperson.world.dataset import make_world
from sameperson.world.plan import WorldPlan

PLAN = WorldPlan(people=5, test_people=2, cameras=2, outfits=2, shots=2, seed=3, size=(64, 32))


def digest(tree: Path) -> dict[str, str]:
    return {
        str(path.relative_to(tree)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(tree.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    out = tmp_path_factory.mktemp("world") / "one"
    assert make_world(out, PLAN, workers=1) == 40
    return out


@pytest.fixture(scope="module")
def rows(tree):
    with (tree / "labels.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_four_workers_write_the_same_bytes(tree, tmp_path):
    told = []
    make_world(tmp_path / "four", PLAN, workers=4, progress=lambda *x: told.append(x))
    assert digest(tmp_path / "four") == digest(tree)
    assert told[-1] == (5, 5)


def test_another_seed_is_another_world(tree, tmp_path):
    make_world(tmp_path / "other", WorldPlan(2, 1, 1, seed=4, size=(64, 32)))
    ours = {Path(name).name for name in digest(tree)}
    theirs = {Path(name).name for name in digest(tmp_path / "other") if name.endswith(".jpg")}
    assert not ours & theirs


def test_every_picture_has_its_labels(tree, rows):
    assert len(rows) == 40
    for row in rows:
        picture = Image.open(tree / row["path"])
        stem = Path(row["path"]).with_suffix(".png")
        parsing = np.asarray(Image.open(tree / "parsing" / stem))
        mask = np.asarray(Image.open(tree / "masks" / stem))
        assert (picture.format, picture.size) == ("JPEG", (32, 64))
        assert set(np.unique(mask)) <= {0, 255}
        assert 0.1 < (mask > 0).mean() < 0.9
        assert parsing.max() < 20
        assert not (parsing[mask == 0]).any()
        assert (parsing > 0).sum() > 0.5 * (mask > 0).sum()  # the rest is a bag, which LIP has no class for


def test_names_are_those_of_market1501(rows):
    for row in rows:
        pid, camera = market_name(row["path"])
        assert (pid, camera) == (int(row["pid"]), int(row["camid"]))


def test_people_to_test_on_are_never_trained_on(rows):
    people = {split: {row["pid"] for row in rows if row["split"] == split} for split in ("train", "query", "gallery")}
    assert people["train"] == {"1", "2", "3"}
    assert people["query"] == people["gallery"] == {"4", "5"}
    queries = [(row["pid"], row["camid"]) for row in rows if row["split"] == "query"]
    assert sorted(queries) == [(p, c) for p in ("4", "5") for c in ("0", "1")]


def test_clothes_and_tracks_belong_to_one_person(rows):
    for column, count in (("clothes_id", 10), ("track_id", 20)):
        owner = {(row[column], row["pid"]) for row in rows}
        assert len(owner) == len({row[column] for row in rows}) == count
    for track in {row["track_id"] for row in rows}:
        frames = [int(row["frame"]) for row in rows if row["track_id"] == track]
        assert frames == sorted(set(frames))


@pytest.mark.parametrize("folder", ["bounding_box_train", "query", "bounding_box_test"])
def test_keypoints_lie_on_the_person(tree, rows, folder):
    entries = {entry["image_id"]: entry for entry in json.loads((tree / "keypoints" / f"{folder}.json").read_text())}
    inside = []
    for row in rows:
        if Path(row["path"]).parent.name != folder:
            continue
        entry = entries.pop(Path(row["path"]).name)
        mask = np.asarray(Image.open(tree / "masks" / Path(row["path"]).with_suffix(".png"))) > 0
        points = np.array(entry["keypoints"]).reshape(17, 3)
        assert set(points[:, 2]) <= {0.0, 0.5, 1.0}
        x, y = points[points[:, 2] == 1, :2].astype(int).T
        near = cv2.dilate(mask.astype(np.uint8), np.ones((3, 3)))  # a nose in profile stands half a pixel out
        inside += near[y.clip(0, 63), x.clip(0, 31)].tolist()
        left, top, width, height = entry["box"]
        assert mask[top : top + height, left : left + width].sum() == mask.sum()
    assert not entries
    assert np.mean(inside) > 0.97


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--people", "1"], "--people 1"),
        (["--test-people", "12"], "fewer test people"),
        (["--cameras", "0"], "--cameras 0"),
        (["--cameras", "1000"], "at most 999"),
        (["--cameras", "5", "--seen-in", "6"], "1 to the 5 cameras"),
        (["--people", "10000"], "at most 9999"),
        (["--condition", "dance", "--group", "13"], "at most 12"),
        (["--condition", "foggy"], "--condition"),
        (["--degree", "1.5"], "0 to 1"),
        (["--labels", "masks,smell"], "--labels"),
        (["--condition", "clothes", "--outfits", "1"], "at least 2 for --condition clothes"),
        (["--size", "8x8"], "--size 8x8"),
        (["--size", "big"], "256x128"),
        (["--workers", "0"], "--workers 0"),
        (["--cameras", "1", "--shots", "1"], "to be found again"),
        (["--seed", "-1"], "--seed: '-1' is no whole number from 0"),
    ],
)
def test_a_world_that_cannot_be_is_one_line(words, says, tmp_path, capsys):
    assert main(["world", "make", str(tmp_path / "out"), "--people", "12", *words]) == 2
    error = capsys.readouterr().err
    assert says in error
    assert error.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_a_taken_folder_stays_as_it_is(tmp_path):
    (tmp_path / "mine.txt").write_text("keep")
    with pytest.raises(InputError, match="there already"):
        make_world(tmp_path, PLAN)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_an_output_below_a_file_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        make_world(tmp_path / "file" / "world", PLAN)


def test_a_killed_run_goes_on_where_it_was(tree, tmp_path):
    out = tmp_path / "killed"
    words = ["--people", "5", "--test-people", "2", "--cameras", "2", "--outfits", "2", "--shots", "2", "--seed", "3"]
    command = [sys.executable, "-m", "sameperson", "world", "make", str(out), *words, "--size", "64x32"]
    process = subprocess.Popen([*command, "--workers", "2"], start_new_session=True)
    done = tmp_path / ".killed.part" / ".done"
    while not list(done.glob("[0-9]*.json")) and process.poll() is None:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert not out.exists()
    finished = {path.name: path.stat().st_mtime_ns for path in done.glob("[0-9]*.json")}
    assert finished
    drawn_again = []
    make_world(out, PLAN, progress=lambda now, _: drawn_again.append(now))
    assert len(drawn_again) == 5 - len(finished)
    assert digest(out) == digest(tree)
    assert [path.name for path in tmp_path.iterdir()] == ["killed"]


def test_a_growing_tree_of_another_plan_is_not_used(tmp_path, tree):
    left = tmp_path / ".out.part"
    (left / ".done").mkdir(parents=True)
    (left / ".done" / "0001.json").write_text("[]")
    (left / "world.json").write_text(json.dumps(WorldPlan(9, 1, 1).as_json()))
    make_world(tmp_path / "out", PLAN)
    assert digest(tmp_path / "out") == digest(tree)


def test_the_preview_is_people_by_cameras(tmp_path):
    assert (
        main(["world", "preview", str(tmp_path / "p.png"), "--people", "2", "--cameras", "3", "--size", "64x32"]) == 0
    )
    assert Image.open(tmp_path / "p.png").size == (3 * 32, 2 * 64)
    assert main(["world", "preview", str(tmp_path / "p.txt")]) == 2
