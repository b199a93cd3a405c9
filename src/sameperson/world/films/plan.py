"""The plan of a film: its length and people, and the place with its cameras and walkable ground.

Everything follows from the plan, so any frame can be drawn by any process. numpy throughout.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from enum import IntEnum
from functools import lru_cache
from typing import Any

import numpy as np

from sameperson.checks import InputError, choose
from sameperson.world.films.trajectories import Floats, Ground
from sameperson.world.places.camera import Camera, project, sample_cameras
from sameperson.world.places.place import (
    Room,
    sample_car_park,
    sample_hall,
    sample_park,
    sample_platform,
    sample_room,
    sample_square,
    sample_street,
)
from sameperson.world.plan import WORLD_VERSION, WorldPlan

PLACES: dict[str, Callable[[np.random.Generator], Room]] = {
    "any": sample_room,
    "indoors": sample_hall,
    "street": sample_street,
    "square": sample_square,
    "park": sample_park,
    "car-park": sample_car_park,
    "platform": sample_platform,
}
"""Name of a kind of place -> the function that draws one."""
LABELS = ("instances", "parsing", "depth", "keypoints")
"""Kinds of labels that can be written beside the frames, besides the boxes."""
MARGIN = 0.45
"""Metres that people keep from walls and furniture."""
LEAST_HEIGHT = 0.2
"""The least height of a person who is seen well, as a share of the frame's height."""
CANDIDATES = 240
"""How many spots along the edge of the ground are tried as exits."""
EXITS = 5
REFERENCE_WIDTH = 960
"""The frame width in pixels for which cameras are drawn."""


class FilmStream(IntEnum):
    """The random streams of a film, beyond the numbers of `world.plan.Stream`."""

    PLACE = 101
    PATHS = 102
    HABITS = 103
    DEVELOP = 104


@dataclass(frozen=True)
class FilmPlan:
    """The arguments of a film of people in one place.

    seconds and fps give its frames; size: (width, height) in pixels; place: one of PLACES; outfits: how many each
    person has, changed out of sight, 1 for never. labels: some of LABELS, which change no picture.
    Raises InputError for numbers that cannot make a film.
    """

    people: int = 6
    cameras: int = 3
    seconds: float = 20.0
    fps: float = 12.0
    seed: int = 0
    size: tuple[int, int] = (640, 360)
    place: str = "any"
    outfits: int = 1
    labels: tuple[str, ...] = LABELS

    def __post_init__(self) -> None:
        choose("--place", self.place, PLACES)
        for name in self.labels:
            choose("--labels", name, dict.fromkeys(LABELS))
        limits = {"people": (2, 99), "cameras": (1, 9), "seconds": (0.1, 3600), "fps": (1, 60), "seed": (0, 2**63)}
        limits["outfits"] = (1, 9)
        for name, (least, most) in limits.items():
            value = getattr(self, name)
            if not least <= value <= most:
                raise InputError(f"--{name} {value}", f"{least} to {most}", f"change --{name}")
        if min(self.size) < 64 or max(self.size) > 2048:
            raise InputError(f"--size {self.size[0]}x{self.size[1]}", "64 to 2048 pixels a side", "try --size 640x360")

    @property
    def frames(self) -> int:
        """The number of frames of each camera."""
        return max(1, round(self.seconds * self.fps))

    @property
    def people_plan(self) -> WorldPlan:
        """The plan of the people in the film: those of `world make` with the same seed."""
        return WorldPlan(self.people, 1, self.cameras, outfits=self.outfits, shots=2, seed=self.seed)

    def rng(self, stream: FilmStream, *which: int) -> np.random.Generator:
        """The generator of one random choice."""
        return np.random.default_rng([self.seed, stream, *which])

    def as_json(self) -> dict[str, Any]:
        """The arguments and the version of the world, as JSON values."""
        return {"version": WORLD_VERSION, **asdict(self), "size": list(self.size), "labels": list(self.labels)}


@lru_cache(maxsize=4)
def film_cameras(plan: FilmPlan) -> tuple[Camera, ...]:
    """Draw the place of a film and its cameras."""
    rng = plan.rng(FilmStream.PLACE)
    room = PLACES[plan.place](rng)
    return tuple(full_frame_camera(camera, plan.size) for camera in sample_cameras(rng, plan.cameras, room))


def full_frame_camera(camera: Camera, size: tuple[int, int]) -> Camera:
    """Adapt a camera to full frames of `size` (width, height).

    Its image defects refer to crops, in which one person fills the height, so blurs shrink by the share of a person in
    the frame. A camera that hangs still smears no background and does not vary from frame to frame.
    """
    share = 0.25
    return replace(
        camera,
        size=size,
        f=camera.f * size[0] / REFERENCE_WIDTH,
        blur=camera.blur * share,
        motion=(0.0, 0.0),
        resolution=1.0,
        unsteadiness=0.0,
    )


@lru_cache(maxsize=4)
def ground_of(plan: FilmPlan) -> Ground:
    """Find the walkable ground of the place, within walls and furniture, with exits that few cameras see."""
    cameras = film_cameras(plan)
    room = cameras[0].room
    half = np.array([room.half_x, room.half_y]) - MARGIN
    for box in room.furniture:  # it stands along the walls: keep off the wall that costs less ground
        inner = np.maximum(np.abs(box.centre) - np.array(box.half) - MARGIN, 0.3 * half)
        axis = int(np.argmax(inner / half))
        half[axis] = min(half[axis], inner[axis])
    turns = np.linspace(0, 2 * np.pi, CANDIDATES, endpoint=False) + 0.01
    rays = np.stack([np.cos(turns), np.sin(turns)], -1)
    edge = rays / np.abs(rays / half).max(-1, keepdims=True)
    watched = np.array([sum(sees(camera, spot) for camera in cameras) for spot in edge])
    exits: list[Floats] = []
    for k in np.lexsort((plan.rng(FilmStream.PATHS, 0).random(CANDIDATES), watched)):
        if all(np.hypot(*(edge[k] - other)) > 0.35 * half.min() + 1.0 for other in exits):
            exits.append(edge[k])
        if len(exits) == EXITS:
            break
    spots = plan.rng(FilmStream.PATHS, 2).uniform(-0.97, 0.97, (1200, 2)) * half
    return Ground(half, np.array(exits), tuple(well_seen_spots(camera, spots) for camera in cameras))


def well_seen_spots(camera: Camera, spots: Floats) -> Floats:
    """Choose the spots (S, 2) where a camera sees people from head to foot and large enough; all if there are none."""
    low, high = (project(camera, np.column_stack([spots, np.full(len(spots), z)])) for z in (0.0, 1.85))
    tall, limit = low[:, 1] - high[:, 1], np.array(camera.size)
    edge = 0.1 * tall[:, None]
    inside = (np.minimum(low, high)[:, :2] > edge) & (np.maximum(low, high)[:, :2] < limit - edge)
    visible = spots[inside.all(axis=1) & (low[:, 2] > 1.5) & (high[:, 2] > 1.5) & (tall > LEAST_HEIGHT * limit[1])]
    return visible if len(visible) else spots


def sees(camera: Camera, spot: Floats, around: float = 0.5) -> bool:
    """Whether anything within `around` metres of a person at `spot` (2,) would be in the frame."""
    heights = np.array([0.0, 0.9, 1.8])
    at = project(camera, np.column_stack([np.tile(spot, (3, 1)), heights]))
    beside = camera.f * around / np.maximum(at[:, 2], 0.1)
    inside = (at[:, :2] > -beside[:, None]).all(1) & (at[:, :2] < np.array(camera.size) + beside[:, None]).all(1)
    return bool((inside & (at[:, 2] > 0.3)).any() or np.hypot(*(camera.eye[:2] - spot)) < around)
