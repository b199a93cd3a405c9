"""Synthetic benchmarks: fixed people, fixed cameras, fixed seeds, by name and size.

A benchmark never changes under its name: when the pictures do, `WORLD_VERSION` does, and when the plan does, the name.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sameperson.checks import InputError, choose
from sameperson.world.films.plan import FilmPlan
from sameperson.world.plan import WorldPlan

SIZES = ("small", "full")
TEST_PEOPLE = 200


@dataclass(frozen=True)
class Benchmark:
    """A benchmark. about: what is hard; small, full: plans by size; protocols: by name, the main one first."""

    about: str
    small: WorldPlan
    full: WorldPlan
    protocols: tuple[str, ...] = ("market1501",)


def sized_benchmark(about: str, seed: int, protocols: tuple[str, ...] = ("market1501",), **how: Any) -> Benchmark:
    """Make a benchmark of 160 (small) or 800 (full) training people and 200 test people, without pixel labels."""
    plan: dict[str, Any] = {"cameras": 6, "shots": 3, "seed": seed, "test_people": TEST_PEOPLE, "labels": ()}
    small = WorldPlan(**{**plan, "people": 160 + TEST_PEOPLE, "size": (128, 64), **how})
    full = WorldPlan(**{**plan, "people": 800 + TEST_PEOPLE, "size": (256, 128), **how})
    return Benchmark(about, small, full, protocols)


BENCHMARKS: dict[str, Benchmark] = {
    "plain-v1": sized_benchmark("one outfit each, six cameras", 101),
    "occluded-v1": sized_benchmark(
        "something or someone in front of every query", 102, condition="occluded", degree=0.7
    ),
    "clothes-v1": sized_benchmark(
        "two outfits each: cameras A and B see the one, C the other",
        103,
        ("cross_clothes", "same_clothes"),
        condition="clothes-abc",
        outfits=2,
        cameras=3,
        shots=4,
        size=(256, 128),
    ),
    "twins-v1": sized_benchmark("five people in the same clothes", 104, condition="twins"),
    "dance-v1": sized_benchmark(
        "five dancers in alike costumes, frame by frame", 105, condition="dance", cameras=1, shots=12
    ),
}
"""Name -> benchmark of crops."""
SCENES: dict[str, dict[str, FilmPlan]] = {
    "scene-v1": {
        "small": FilmPlan(people=24, cameras=3, seconds=40.0, fps=4.0, seed=106, labels=()),
        "full": FilmPlan(people=60, cameras=6, seconds=120.0, fps=12.0, seed=106, size=(1280, 720), labels=()),
    },
}
"""Name -> size -> film: people who come and go among several cameras of one place."""


def benchmark_plan(name: str, size: str = "small", seed: int = 0) -> WorldPlan:
    """Get the plan of a benchmark; seed: other people before the same cameras, 0 for the benchmark itself.

    The cameras stay because half a dozen of them influence how hard a world is more than hundreds of people do.
    """
    benchmark = choose("benchmark", name, BENCHMARKS)
    plan = {"small": benchmark.small, "full": benchmark.full}[checked_size(size)]
    return replace(plan, seed=plan.seed + 1000 * seed, camera_seed=plan.seed if seed else None)


def scene_plan(name: str, size: str = "small", seed: int = 0) -> FilmPlan:
    """Get the plan of a film benchmark; arguments as in `benchmark_plan`."""
    plan = choose("scene", name, SCENES)[checked_size(size)]
    return replace(plan, seed=plan.seed + 1000 * seed)


def checked_size(size: str) -> str:
    """Return the size, or raise InputError for an unknown one."""
    if size not in SIZES:
        raise InputError(f"--scale {size}", " or ".join(SIZES), "choose one")
    return size
