"""The benchmarks are what their names say, for good."""

import hashlib
import json

import pytest

from sameperson.checks import InputError
from sameperson.cli.main import main
from sameperson.evaluate.protocols import PROTOCOLS
from sameperson.world.benchmarks import BENCHMARKS, SIZES, benchmark_plan
from sameperson.world.plan import WORLD_VERSION

PLANS = {
    ("plain-v1", "small"): "268d4678370f",
    ("plain-v1", "full"): "c9f42ce244aa",
    ("occluded-v1", "small"): "1ce4b7ae774e",
    ("occluded-v1", "full"): "9c8954ba9235",
    ("clothes-v1", "small"): "1d100962c894",
    ("clothes-v1", "full"): "8b9311ced5ed",
    ("twins-v1", "small"): "95bd9d718c37",
    ("twins-v1", "full"): "cbf7a76d3300",
    ("dance-v1", "small"): "1689303e90fd",
    ("dance-v1", "full"): "5994b857ec35",
}
"""A fingerprint of each plan: who changes a plan must give it another name."""


def fingerprint(name, size):
    plan = benchmark_plan(name, size).as_json()
    del plan["labels"], plan["version"]
    return hashlib.sha256(json.dumps(plan, sort_keys=True).encode()).hexdigest()[:12]


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


def test_other_seeds_are_other_people_of_the_same_kind():
    one, two = benchmark_plan("twins-v1"), benchmark_plan("twins-v1", seed=1)
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
