"""The world's benchmarks: fixed people, fixed cameras, fixed seeds, by name and size.

A benchmark never changes under its name: when the pictures do, `WORLD_VERSION` does, and when the plan does, the name.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sameperson.checks import InputError, choose
from sameperson.world.plan import WorldPlan

SIZES = ("small", "full")
TEST_PEOPLE = 200


@dataclass(frozen=True)
class Benchmark:
    """about: what is hard; small, full: plans by size; protocols: the rules it is scored by, the main one first."""

    about: str
    small: WorldPlan
    full: WorldPlan
    protocols: tuple[str, ...] = ("market1501",)


def sized(about: str, seed: int, protocols: tuple[str, ...] = ("market1501",), **how: Any) -> Benchmark:
    """A benchmark of 160 people to learn from (small) or 800 (full), and 200 to be tested on; no labels but names."""
    plan: dict[str, Any] = {"cameras": 6, "shots": 3, "seed": seed, "test_people": TEST_PEOPLE, "labels": ()}
    small = WorldPlan(**{**plan, "people": 160 + TEST_PEOPLE, "size": (128, 64), **how})
    full = WorldPlan(**{**plan, "people": 800 + TEST_PEOPLE, "size": (256, 128), **how})
    return Benchmark(about, small, full, protocols)


BENCHMARKS: dict[str, Benchmark] = {
    "plain-v1": sized("one outfit each, six cameras", 101),
    "occluded-v1": sized("something or someone in front of every query", 102, condition="occluded", degree=0.7),
    "clothes-v1": sized(
        "two outfits each: cameras A and B see the one, C the other",
        103,
        ("cross_clothes", "same_clothes"),
        condition="clothes-abc",
        outfits=2,
        cameras=3,
        shots=4,
        size=(256, 128),
    ),
    "twins-v1": sized("five people in the same clothes", 104, condition="twins"),
    "dance-v1": sized("five dancers in alike costumes, frame by frame", 105, condition="dance", cameras=1, shots=12),
}
"""Name -> benchmark; `scene-v1` is a film, `sameperson.world.film`."""


def benchmark_plan(name: str, size: str = "small", seed: int = 0) -> WorldPlan:
    """The plan of a benchmark; seed: other people and cameras of the same kind, 0 for the benchmark itself."""
    benchmark = choose("benchmark", name, BENCHMARKS)
    if size not in SIZES:
        raise InputError(f"--scale {size}", " or ".join(SIZES), "choose one")
    plan = benchmark.small if size == "small" else benchmark.full
    return replace(plan, seed=plan.seed + 1000 * seed)
