"""A film on disk: its ground truth says what its frames show, and its bytes depend on the plan alone."""

import csv
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from configparser import ConfigParser
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from sameperson.checks import InputError
from sameperson.cli.main import main
from sameperson.world.body.pose import stride_length
from sameperson.world.films.actors import figures_at, leg_of, motion_of, outfit_at, paths_of
from sameperson.world.films.plan import FilmPlan, film_cameras, ground_of, sees
from sameperson.world.films.write import make_film
from sameperson.world.pictures.annotations import tight_box
from sameperson.world.pictures.scene import PosedScenes, Scene
from sameperson.world.plan import WorldPlan
from sameperson.world.population import identity_of

PLAN = FilmPlan(people=6, cameras=2, seconds=2.0, fps=10, seed=4, size=(192, 108), place="indoors")


def digest(tree: Path) -> dict[str, str]:
    return {
        str(path.relative_to(tree)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(tree.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    out = tmp_path_factory.mktemp("film") / "one"
    assert make_film(out, PLAN, workers=1) == 40
    return out


def table(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def boxes(tree, camera):
    """(frame, id) -> left, top, width, height from 0, visibility."""
    lines = np.loadtxt(tree / f"cam{camera}" / "gt" / "gt.txt", delimiter=",", ndmin=2)
    assert (lines[:, 6:8] == 1).all()
    return {(int(f), int(i)): (int(x) - 1, int(y) - 1, int(w), int(h), v) for f, i, x, y, w, h, _, _, v in lines}


def read(tree, camera, kind, frame):
    return np.asarray(Image.open(tree / f"cam{camera}" / kind / f"{frame:06d}.png"))


def test_boxes_and_visibility_are_those_of_each_person_drawn_alone(tree):
    hidden = 0
    for camera in (1, 2):
        told = boxes(tree, camera)
        for frame in (1, 8, 14, 20):
            instances = read(tree, camera, "instances", frame)
            for pid, figure in figures_at(PLAN, frame - 1).items():
                staged = PosedScenes([Scene(film_cameras(PLAN)[camera - 1], (figure,))])
                alone = staged.draw([staged.view(0, (0, 0, 192, 108), (108, 192))], (108, 192))[0].instances == 1
                shows = instances == pid
                whole = alone | shows
                if not whole.any():
                    assert (frame, pid) not in told
                    continue
                *box, visible = told.pop((frame, pid))
                assert box == tight_box(whole)
                assert visible == pytest.approx(shows.sum() / whole.sum(), abs=1e-4)
                assert (shows & ~alone).sum() <= 0.05 * shows.sum() + 6  # where three meet in a pixel
                hidden += visible < 0.9
        assert not [key for key in told if key[0] in (1, 8, 14, 20)]
    assert hidden


def test_boxes_enclose_what_shows(tree):
    for camera in (1, 2):
        told = boxes(tree, camera)
        for frame in range(1, 21):
            instances = read(tree, camera, "instances", frame)
            there = {pid for f, pid in told if f == frame}
            assert set(np.unique(instances)) - {0} <= there
            for pid in there:
                left, top, width, height, visible = told[frame, pid]
                inside = instances[top : top + height, left : left + width] == pid
                assert inside.sum() == (instances == pid).sum()
                assert inside.any() == (visible > 0)


def test_positions_and_calibration_lead_into_the_boxes(tree):
    cameras = json.loads((tree / "calibration.json").read_text())
    assert list(cameras) == ["cam1", "cam2"]
    rows = table(tree / "positions.csv")
    where = {(int(row["frame"]), int(row["id"])): (float(row["x"]), float(row["y"])) for row in rows}
    checked = 0
    for number, (name, camera) in enumerate(cameras.items(), start=1):
        assert camera["size"] == [192, 108]
        for key, (left, top, width, height, _) in boxes(tree, number).items():
            if left == 0 or left + width == 192 or top == 0 or top + height == 108:
                continue
            middle = np.array([*where[key], 0.8])
            x, y, z = np.array(camera["K"]) @ (np.array(camera["R"]) @ middle + camera["T"])
            assert left <= x / z <= left + width and top <= y / z <= top + height, (name, key)
            checked += 1
    assert checked > 10


def test_maps_and_keypoints_agree(tree):
    on = []
    for camera in (1, 2):
        entries = json.loads((tree / f"cam{camera}" / "keypoints.json").read_text())
        assert len(entries) == len(boxes(tree, camera))
        for frame in range(1, 21):
            instances, parsing, depth = (read(tree, camera, kind, frame) for kind in ("instances", "parsing", "depth"))
            assert depth.dtype == np.uint16
            assert not parsing[instances == 0].any()
            assert (parsing[instances > 0] > 0).mean() > 0.7  # the rest are bags
            picture = Image.open(tree / f"cam{camera}" / "img1" / f"{frame:06d}.jpg")
            assert picture.size == (192, 108)
            for entry in entries:
                if entry["image_id"] == f"{frame:06d}.jpg":
                    points = np.array(entry["keypoints"]).reshape(17, 3)
                    x, y = points[points[:, 2] == 1, :2].astype(int).T
                    near = cv2.dilate((instances == entry["idx"]).astype(np.uint8), np.ones((3, 3)))
                    on += near[y, x].tolist()  # a nose in profile stands half a pixel out
    assert np.mean(on) > 0.97


def test_depth_is_how_far_people_are(tree):
    camera = film_cameras(PLAN)[0]
    instances, depth = read(tree, 1, "instances", 3), read(tree, 1, "depth", 3) / 1000
    seen = [pid for pid in np.unique(instances) if pid and (instances == pid).sum() > 100]
    assert seen
    for pid in seen:
        place = np.array([*paths_of(PLAN).position[2, pid - 1], 0.9])
        assert np.median(depth[instances == pid]) == pytest.approx((camera.R @ place + camera.T)[2], abs=0.5)


def test_visits_cover_every_box_once(tree):
    rows = table(tree / "visits.csv")
    for camera in (1, 2):
        for frame, pid in boxes(tree, camera):
            mine = [r for r in rows if (int(r["id"]), int(r["camera"])) == (pid, camera)]
            assert sum(int(r["first_frame"]) <= frame <= int(r["last_frame"]) for r in mine) == 1
    length = sum(int(row["last_frame"]) - int(row["first_frame"]) + 1 for row in rows)
    assert length == len(boxes(tree, 1)) + len(boxes(tree, 2))


def test_sequences_and_people_are_described(tree):
    info = ConfigParser()
    info.optionxform = str  # type: ignore[assignment, method-assign]
    info.read(tree / "cam2" / "seqinfo.ini")
    assert dict(info["Sequence"]) == {
        "name": "cam2", "imDir": "img1", "frameRate": "10", "seqLength": "20",
        "imWidth": "192", "imHeight": "108", "imExt": ".jpg",
    }  # fmt: skip
    assert [row["pid"] for row in table(tree / "people.csv")] == [str(pid) for pid in range(1, 7)]
    assert json.loads((tree / "scene.json").read_text()) == PLAN.as_json()


@pytest.mark.parametrize("workers", [2, 4])  # of four pieces
def test_more_workers_write_the_same_bytes(tree, tmp_path, workers):
    told = []
    make_film(tmp_path / "more", PLAN, workers=workers, progress=lambda *x: told.append(x))
    assert digest(tmp_path / "more") == digest(tree)
    assert told[-1] == (20, 20)


def test_a_killed_run_goes_on_and_ends_in_the_same_tree(tree, tmp_path):
    out, growing = tmp_path / "one", tmp_path / ".one.part"
    words = "world scene one --people 6 --cameras 2 --seconds 2 --fps 10 --seed 4 --size 192x108 --place indoors"
    command = [sys.executable, "-m", "sameperson", *words.split(), "--workers", "1"]
    process = subprocess.Popen(command, cwd=tmp_path, start_new_session=True)
    while not list(growing.glob(".done/*.json")) and process.poll() is None:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert not out.exists() and 1 <= len(list(growing.glob(".done/*.json"))) < 4
    old = (growing / "cam1" / "img1" / "000001.jpg").stat().st_mtime_ns
    make_film(out, PLAN)
    assert digest(out) == digest(tree)
    assert (out / "cam1" / "img1" / "000001.jpg").stat().st_mtime_ns == old
    assert not growing.exists()


def test_only_the_labels_asked_for_are_written_and_they_change_no_frame(tree, tmp_path):
    make_film(tmp_path / "bare", replace(PLAN, labels=()))
    bare, full = digest(tmp_path / "bare"), digest(tree)
    assert not {Path(name).parts[1] for name in bare if "/" in name} & {
        "instances",
        "parsing",
        "depth",
        "keypoints.json",
    }
    assert all(full[name] == bare[name] for name in bare if name != "scene.json")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--people 1", "--people"), ("--cameras 0", "--cameras"), ("--seconds -1", "--seconds"), ("--fps 0", "--fps"),
        ("--size 10x10", "--size"), ("--size wide", "WIDTHxHEIGHT"), ("--place moon", "--place"),
        ("--seed -1", "--seed"), ("--labels masks", "--labels"), ("--workers 0", "--workers"),
    ],
)  # fmt: skip
def test_wrong_arguments_are_one_line_and_exit_2(words, said, tmp_path, capsys):
    assert main(["world", "scene", str(tmp_path / "film"), *words.split()]) == 2
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_nothing_is_overwritten(tree, capsys):
    before = digest(tree)
    assert main(["world", "scene", str(tree)]) == 2
    assert "there already" in capsys.readouterr().err
    with pytest.raises(InputError):
        make_film(tree / "scene.json", PLAN)
    assert digest(tree) == before


def test_feet_go_with_the_ground():
    plan = replace(PLAN, seconds=12.0)
    paths, checked = paths_of(plan), 0
    for pid in range(1, 7):
        conduct, gait = motion_of(plan, pid), identity_of(plan.people_plan, pid).gait
        cycles = np.diff(conduct.phases[:, 0]) / (2 * np.pi)
        way = np.diff(paths.walked[:, pid - 1])
        steady = conduct.step[1:] == 1
        np.testing.assert_allclose(
            way[steady], cycles[steady] * stride_length(leg_of(plan.people_plan, pid), gait), atol=1e-9
        )
        assert (cycles >= 0).all() and (cycles[way == 0] == 0).all()
        checked += steady.sum()
    assert checked > 100


def test_people_walk_clear_of_furniture_and_leave_where_few_cameras_look():
    for seed in range(6):
        plan = FilmPlan(seed=seed)
        ground, room = ground_of(plan), film_cameras(plan)[0].room
        for box in room.furniture:
            assert (np.abs(box.centre) - box.half > ground.half).any()
        assert len(ground.exits) > 1
        watched = [sum(sees(camera, spot) for camera in film_cameras(plan)) for spot in ground.exits]
        assert np.mean(watched) < 1


def test_those_who_come_back_wear_something_else_if_asked():
    plan = FilmPlan(people=6, seconds=60, fps=4, seed=1, outfits=3)
    visits = paths_of(plan).visit[-1]
    assert visits.max() >= 1
    for pid in range(1, 7):
        assert outfit_at(plan, pid, 0) == 0
        assert outfit_at(plan, pid, plan.frames - 1) == visits[pid - 1] % 3
    assert isinstance(plan.people_plan, WorldPlan) and plan.people_plan.outfits == 3
