"""What a world will hold, before anything is drawn: a function of the arguments alone.

Every random choice has a generator of its own, seeded by what it decides, so that no choice depends on the order in
which people are made.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import IntEnum
from typing import Any

import numpy as np

from sameperson.checks import InputError

WORLD_VERSION = "1"
"""Changes whenever the same arguments would give other pictures."""

TRAIN, QUERY, GALLERY = "bounding_box_train", "query", "bounding_box_test"
"""Market-1501's folders."""


class Stream(IntEnum):
    """What a generator decides."""

    IDENTITY = 1
    OUTFIT = 2
    CAMERA = 3
    TRACK = 4
    SHOT = 5


@dataclass(frozen=True)
class WorldPlan:
    """People who walk through cameras; the last `test_people` of them are never trained on.

    outfits: sets of clothes per person. shots: pictures per person, outfit and camera. size: (height, width) in pixels.
    Raises InputError for numbers that cannot make a world.
    """

    people: int
    test_people: int
    cameras: int
    outfits: int = 1
    shots: int = 4
    seed: int = 0
    size: tuple[int, int] = (256, 128)

    def __post_init__(self) -> None:
        least = {"people": 2, "test_people": 1, "cameras": 1, "outfits": 1, "shots": 1, "seed": 0}
        for name, minimum in least.items():
            if getattr(self, name) < minimum:
                option = name.replace("_", "-")
                raise InputError(f"--{option} {getattr(self, name)}", f"at least {minimum}", f"raise --{option}")
        if self.test_people >= self.people:
            found = f"--people {self.people} with --test-people {self.test_people}"
            raise InputError(found, "fewer test people than people", "lower --test-people")
        if self.people > 9999 or self.cameras > 9:
            raise InputError(
                f"{self.people} people in {self.cameras} cameras",
                "at most 9999 people and 9 cameras, as Market-1501's names allow",
                "make several worlds with different --seed",
            )
        if self.cameras * self.shots * self.outfits < 2:
            raise InputError("one picture per person", "at least two, to be found again", "raise --cameras or --shots")
        if min(self.size) < 16 or max(self.size) > 2048:
            raise InputError(f"--size {self.size[0]}x{self.size[1]}", "16 to 2048 pixels a side", "try --size 256x128")

    def rng(self, stream: Stream, *which: int) -> np.random.Generator:
        """The generator that decides one thing, such as the outfit 2 of person 7."""
        return np.random.default_rng([self.seed, stream, *which])

    def is_test(self, pid: int) -> bool:
        """Whether a person (from 1) is kept for testing."""
        return pid > self.people - self.test_people

    def clothes_id(self, pid: int, outfit: int) -> int:
        """Clothes are never shared: a running number over people and their outfits."""
        return (pid - 1) * self.outfits + outfit

    def track_id(self, pid: int, outfit: int, camera: int) -> int:
        """One walk of one person, in one outfit, past one camera."""
        return self.clothes_id(pid, outfit) * self.cameras + camera

    def folder(self, pid: int, outfit: int, camera: int, shot: int) -> str:
        """Where a picture belongs: the first of each test person in each camera is a query, the others are gallery.

        Where there is one picture per camera only, the first camera's is the query.
        """
        if not self.is_test(pid):
            return TRAIN
        first = outfit == 0 and shot == 0
        alone = self.shots * self.outfits == 1
        return QUERY if first and (camera == 0 or not alone) else GALLERY

    def as_json(self) -> dict[str, Any]:
        """The arguments and the version that drew them."""
        return {"version": WORLD_VERSION, **asdict(self), "size": list(self.size)}
