"""The plan of a synthetic dataset: people, cameras, outfits, condition, and the generator of each random choice.

Every random choice has a generator of its own, seeded by what it decides, so that no choice depends on the order in
which people are made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import IntEnum
from typing import Any

import numpy as np

from sameperson.checks import InputError, choose

WORLD_VERSION = "2"
"""Version that changes whenever the same arguments would give other pictures."""

TRAIN, QUERY, GALLERY = "bounding_box_train", "query", "bounding_box_test"
"""Market-1501's folders."""
SPLITS = {TRAIN: "train", QUERY: "query", GALLERY: "gallery"}

CONDITIONS = (
    "plain",
    "occluded",
    "crowd",
    "clothes",
    "clothes-abc",
    "twins",
    "dance",
    "lowres",
    "lowlight",
    "blur",
    "mixed",
)
"""Names of the conditions that make a world hard; `world.pictures.conditions` defines them."""
NEEDS = {"clothes": {"outfits": 2}, "clothes-abc": {"outfits": 2, "cameras": 3}, "dance": {"shots": 4}}
"""Condition -> the least value of each field that it needs."""
LABELS = (
    "keypoints", "parsing", "masks", "parts", "amodal", "instances", "everybody", "depth", "faces", "irrelevant",
    "poses",
)  # fmt: skip
"""Kinds of labels that can be written beside the pictures; `world.pictures.annotations` says in which form."""
USUAL_LABELS = ("keypoints", "parsing", "masks")
MOST = {"people": 9999, "cameras": 999, "outfits": 99, "shots": 999, "group": 12}
"""The largest value of each field, which file names, the stage of a dance and drawing time still allow."""


class Stream(IntEnum):
    """The random streams: what each generator decides."""

    IDENTITY = 1
    OUTFIT = 2
    CAMERA = 3
    TRACK = 4
    SHOT = 5
    OCCLUDERS = 6
    STRANGER = 7
    COSTUME = 8
    VIDEO = 9
    VISITS = 10
    FAULTS = 11


@dataclass(frozen=True)
class WorldPlan:
    """The arguments of a synthetic dataset of people who walk through cameras; the last `test_people` are for testing.

    outfits: sets of clothes per person. shots: pictures per person, outfit and camera. size: (height, width) in pixels.
    condition: one of CONDITIONS; degree: how hard it is, in [0, 1]. group: people who share clothes (twins) or a stage
    (dance). labels: some of LABELS, which change no picture. camera_seed: other people before the cameras of that seed.
    seen_in: how many of the cameras each person walks past, drawn for each of them; all, if None.
    Raises InputError for numbers that cannot make a world.
    """

    people: int
    test_people: int
    cameras: int
    outfits: int = 1
    shots: int = 4
    seed: int = 0
    size: tuple[int, int] = (256, 128)
    condition: str = "plain"
    degree: float = 0.5
    group: int = 5
    labels: tuple[str, ...] = USUAL_LABELS
    camera_seed: int | None = None
    seen_in: int | None = None

    def __post_init__(self) -> None:
        choose("--condition", self.condition, dict.fromkeys(CONDITIONS))
        for name in self.labels:
            choose("--labels", name, dict.fromkeys(LABELS))
        least = {"people": 2, "test_people": 1, "cameras": 1, "outfits": 1, "shots": 1, "seed": 0, "group": 2}
        for name, minimum in least.items():
            self.require(name, getattr(self, name) >= minimum, f"at least {minimum}", "raise")
        for name, most in MOST.items():
            self.require(name, getattr(self, name) <= most, f"at most {most}", "lower")
        self.require("degree", 0 <= self.degree <= 1, "0 to 1", "change")
        if self.test_people >= self.people:
            found = f"--people {self.people} with --test-people {self.test_people}"
            raise InputError(found, "fewer test people than people", "lower --test-people")
        if self.seen_in is not None:
            self.require("seen_in", 1 <= self.seen_in <= self.cameras, f"1 to the {self.cameras} cameras", "change")
            self.require("seen_in", self.condition != "dance", "nothing for a dance, which has one camera", "leave out")
        if (self.seen_in or self.cameras) * self.shots * self.outfits < 2:
            raise InputError("one picture per person", "at least two, to be found again", "raise --cameras or --shots")
        for name, minimum in NEEDS.get(self.condition, {}).items():
            wanted = f"at least {minimum} for --condition {self.condition}"
            self.require(name, getattr(self, name) >= minimum, wanted, "raise")
        if min(self.size) < 16 or max(self.size) > 2048:
            raise InputError(f"--size {self.size[0]}x{self.size[1]}", "16 to 2048 pixels a side", "try --size 256x128")

    def require(self, name: str, holds: bool, expected: str, then: str) -> None:
        """Raise InputError about an argument unless `holds` is true."""
        if not holds:
            option = f"--{name.replace('_', '-')}"
            raise InputError(f"{option} {getattr(self, name)}", expected, f"{then} {option}")

    def rng(self, stream: Stream, *which: int) -> np.random.Generator:
        """The generator of one random choice, such as outfit 2 of person 7."""
        seed = self.seed
        if stream == Stream.CAMERA and self.camera_seed is not None:
            seed = self.camera_seed
        return np.random.default_rng([seed, stream, *which])

    def is_test(self, pid: int) -> bool:
        """Whether a person (from 1) is a test person."""
        return pid > self.people - self.test_people

    def group_of(self, pid: int) -> tuple[int, range]:
        """The number of a person's group and its members: neighbouring pids, either all or none for testing."""
        trained = self.people - self.test_people
        start, end, before = (trained, self.people, -(-trained // self.group)) if self.is_test(pid) else (0, trained, 0)
        number = (pid - 1 - start) // self.group
        first = start + number * self.group + 1
        return before + number, range(first, min(first + self.group, end + 1))

    def cameras_of(self, pid: int) -> Sequence[int]:
        """The cameras that see a person, in order: all, or as many as `seen_in` says."""
        if self.seen_in is None:
            return range(self.cameras)
        drawn = self.rng(Stream.VISITS, pid).choice(self.cameras, self.seen_in, replace=False)
        return sorted(drawn.tolist())

    def outfits_in(self, camera: int) -> Sequence[int]:
        """The outfits worn in a camera: all, or for clothes-abc the second in every third camera, else the first."""
        return (int(camera % 3 == 2),) if self.condition == "clothes-abc" else range(self.outfits)

    def clothes_id(self, pid: int, outfit: int) -> int:
        """The clothes id: a running number over people and outfits, or over groups where a group dresses alike."""
        who = self.group_of(pid)[0] if self.condition in ("twins", "dance") else pid - 1
        return who * self.outfits + outfit

    def as_json(self) -> dict[str, Any]:
        """The arguments and the version of the world, as JSON values; `seen_in` only where it is given."""
        values = {"version": WORLD_VERSION, **asdict(self), "size": list(self.size), "labels": list(self.labels)}
        return {name: value for name, value in values.items() if name != "seen_in" or value is not None}
