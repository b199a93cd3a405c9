"""A world's bytes follow from its arguments under every condition: whatever the workers, and after a kill."""

import hashlib
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from sameperson.world import population
from sameperson.world.dataset import draw_person, gather_labels, make_world, prepare_tree
from sameperson.world.plan import LABELS, WorldPlan

PLANS = {
    "occluded": WorldPlan(4, 2, cameras=2, shots=1, seed=5, size=(48, 24), condition="occluded"),
    "clothes": WorldPlan(4, 2, cameras=1, shots=1, outfits=2, seed=5, size=(48, 24), condition="clothes"),
    "dance": WorldPlan(5, 3, cameras=1, shots=4, seed=5, size=(48, 24), condition="dance", group=3, labels=LABELS),
}


def digest(tree: Path) -> dict[str, str]:
    return {
        str(path.relative_to(tree)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(tree.rglob("*"))
        if path.is_file()
    }


def times(tree: Path) -> dict[Path, int]:
    return {path.relative_to(tree): path.stat().st_mtime_ns for path in tree.rglob("*.jpg")}


@pytest.fixture(scope="module")
def trees(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trees")
    for name, plan in PLANS.items():
        make_world(folder / name, plan)
    return {name: digest(folder / name) for name in PLANS}


@pytest.mark.parametrize("workers", [2, 4])
@pytest.mark.parametrize("condition", PLANS)
def test_the_bytes_do_not_depend_on_the_workers(trees, tmp_path, condition, workers):
    make_world(tmp_path / "again", PLANS[condition], workers=workers)
    assert digest(tmp_path / "again") == trees[condition]


def test_people_do_not_depend_on_who_is_drawn_before(trees, tmp_path):
    """Drawn last to first, each by a process that seems to know nobody yet."""
    plan, left = PLANS["dance"], tmp_path / "backwards"
    prepare_tree(left, plan)
    for pid in range(plan.people, 0, -1):
        for known in (
            population.identity_of,
            population.wardrobe_of,
            population.group_outfits,
            population.dressed_person,
        ):
            known.cache_clear()
        draw_person(left, plan, pid)
    gather_labels(left, plan)
    assert digest(left) == trees["dance"]


def test_a_killed_dance_with_all_labels_goes_on_where_it_was(trees, tmp_path):
    out = tmp_path / "killed"
    words = "--people 5 --test-people 3 --cameras 1 --shots 4 --seed 5 --size 48x24 --condition dance --group 3"
    command = [sys.executable, "-m", "sameperson", "world", "make", str(out), "--labels", "all", *words.split()]
    command += ["--workers", "1"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    done = tmp_path / ".killed.part" / ".done"
    while not list(done.glob("[0-9]*.json")) and process.poll() is None:
        time.sleep(0.01)
    process.kill()  # it draws by itself, without workers
    process.wait()
    finished = {path.name.removesuffix(".json") for path in done.glob("[0-9]*.json")}
    assert finished and not out.exists()
    drawn = {place: time for place, time in times(tmp_path / ".killed.part").items() if place.name[:4] in finished}
    assert drawn
    assert subprocess.run(command, stdout=subprocess.DEVNULL).returncode == 0
    assert drawn.items() <= times(out).items()  # they were not drawn again
    assert digest(out) == trees["dance"]


def test_other_seeds_degrees_and_groups_are_other_pictures(trees, tmp_path):
    """A digest that could not tell them apart would prove nothing."""
    for number, (condition, changes) in enumerate(
        [("occluded", {"seed": 6}), ("occluded", {"degree": 0.9}), ("dance", {"group": 2})]
    ):
        make_world(tmp_path / str(number), replace(PLANS[condition], **changes))
        assert set(digest(tmp_path / str(number)).values()) - set(trees[condition].values())
