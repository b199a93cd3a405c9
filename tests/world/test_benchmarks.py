"""The benchmarks are what their names say, for good."""

import hashlib
import json

import numpy as np
import pytest
from PIL import Image

from sameperson.checks import InputError
from sameperson.cli.main import main
from sameperson.evaluation.protocols.catalogue import PROTOCOLS
from sameperson.world.benchmarks import BENCHMARKS, SIZES, benchmark_plan, scene_plan
from sameperson.world.films.crops import cut_film
from sameperson.world.films.plan import FilmPlan
from sameperson.world.films.write import make_film
from sameperson.world.pictures.conditions import all_cameras
from sameperson.world.plan import WORLD_VERSION
from sameperson.world.population import identity_of

PLANS = {
    ("plain-v1", "small"): "3d17c7c55479",
    ("plain-v1", "full"): "cee302e78e3f",
    ("occluded-v1", "small"): "ab3f9e7c28f3",
    ("occluded-v1", "full"): "a59d0f0c597c",
    ("clothes-v1", "small"): "3a4e6e73a816",
    ("clothes-v1", "full"): "2a58042600a4",
    ("twins-v1", "small"): "30fc5150f717",
    ("twins-v1", "full"): "373a6d0d7f50",
    ("dance-v1", "small"): "b14aa15611c2",
    ("dance-v1", "full"): "210781e6058c",
}
SCENE_PLANS = {"small": "c3e774c9a57e", "full": "41cd1fef2799"}
"""A fingerprint of each plan: who changes a plan must give it another name."""


def hashed(plan):
    return hashlib.sha256(json.dumps(plan, sort_keys=True).encode()).hexdigest()[:12]


def fingerprint(name, size):
    plan = benchmark_plan(name, size).as_json()
    del plan["labels"], plan["version"]
    return hashed(plan)


@pytest.mark.parametrize("name", BENCHMARKS)
@pytest.mark.parametrize("size", SIZES)
def test_a_benchmark_never_changes_under_its_name(name, size):
    assert fingerprint(name, size) == PLANS[name, size]


@pytest.mark.parametrize("name", BENCHMARKS)
def test_both_sizes_are_tested_on_as_many_people(name):
    small, full = (benchmark_plan(name, size) for size in SIZES)
    assert small.test_people == full.test_people == 200
    assert full.people > small.people > 200
    assert small.condition == full.condition
    assert set(BENCHMARKS[name].protocols) <= set(PROTOCOLS)


def test_other_seeds_are_other_people_before_the_same_cameras():
    one, two = benchmark_plan("twins-v1"), benchmark_plan("twins-v1", seed=1)
    assert identity_of(one, 1).betas != identity_of(two, 1).betas
    eyes = [np.array([camera.eye for camera in all_cameras(plan)]) for plan in (one, two)]
    np.testing.assert_array_equal(*eyes)
    assert one.seed != two.seed and one.condition == two.condition and one.people == two.people
    seeds = [benchmark_plan(name, seed=seed).seed for name in BENCHMARKS for seed in range(3)]
    assert len(set(seeds)) == len(seeds)


def test_an_unknown_benchmark_names_the_nearest():
    with pytest.raises(InputError, match="plain-v1"):
        benchmark_plan("plane-v1")
    with pytest.raises(InputError, match="small or full"):
        benchmark_plan("plain-v1", "medium")


def test_a_wrong_benchmark_on_the_command_line_is_one_line(tmp_path, capsys):
    assert main(["world", "make", str(tmp_path / "out"), "--benchmark", "plane-v1"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert main(["world", "make", str(tmp_path / "out"), "--benchmark", "plain-v1", "--scale", "big"]) == 2
    assert not list(tmp_path.iterdir())


def test_the_version_of_the_pictures_is_written_down():
    assert benchmark_plan("plain-v1").as_json()["version"] == WORLD_VERSION


def test_a_scene_never_changes_under_its_name():
    told = {size: scene_plan("scene-v1", size).as_json() for size in SIZES}
    for plan in told.values():
        del plan["labels"], plan["version"]
    assert {size: hashed(plan) for size, plan in told.items()} == SCENE_PLANS
    with pytest.raises(InputError, match="scene-v1"):
        scene_plan("scenes-v1")


def test_people_are_cut_out_of_a_film_by_their_boxes(tmp_path):
    film = FilmPlan(people=3, cameras=2, seconds=2.0, fps=3.0, seed=4, size=(320, 180), labels=("instances",))
    make_film(tmp_path / "film", film)
    samples = cut_film(tmp_path / "film", tmp_path / "crops", every=1, least_visible=0.5)
    expected = 0
    for camera in range(2):
        for row in (tmp_path / "film" / f"cam{camera + 1}" / "gt" / "gt.txt").read_text().split():
            frame, pid, left, top, width, height, _, _, visible = map(float, row.split(","))
            if visible < 0.5:
                continue
            expected += 1
            crop = Image.open(tmp_path / "crops" / f"{int(pid):04d}_c{camera + 1}s1_{int(frame):06d}_00.jpg")
            assert width <= crop.width <= 1.13 * width + 2 and height <= crop.height <= 1.13 * height + 2
            whole = Image.open(tmp_path / "film" / f"cam{camera + 1}" / "img1" / f"{int(frame):06d}.jpg")
            region = np.array(whole)[int(top) : int(top + height), int(left) : int(left + width)].mean((0, 1))
            rows, columns = int(0.05 * height), int(0.05 * width)
            inner = np.array(crop)[rows : crop.height - rows, columns : crop.width - columns].mean((0, 1))
            assert np.abs(region - inner).max() < 12
    assert len(samples) == expected > 0
    assert set(samples.camid.tolist()) <= {0, 1}
    with pytest.raises(InputError):
        cut_film(tmp_path / "nowhere", tmp_path / "crops")
