"""Where the pictures are taken: a hall with a patterned floor, four walls and some furniture, all from a few numbers.

The room is evaluated per pixel by following each ray to the first plane it meets, so every camera in it sees the same
place in the same perspective.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from sameperson.world.outfit import Colour


class Floor(IntEnum):
    """How a floor is laid."""

    TILES = 0
    CHECKER = 1
    PLANKS = 2
    CONCRETE = 3
    CARPET = 4


class Wall(IntEnum):
    """How the walls are built."""

    POSTERS = 0
    BRICK = 1
    WINDOWS = 2
    PANELS = 3
    WAINSCOT = 4


@dataclass(frozen=True)
class Box:
    """A piece of furniture standing on the floor: centre x, y and half sizes (metres), height, colour."""

    centre: tuple[float, float]
    half: tuple[float, float]
    height: float
    colour: Colour


@dataclass(frozen=True)
class Room:
    """A hall around the origin, floor at z = 0. half_x, half_y: metres from the middle to the walls.

    tile: metres between floor joints; bay: metres between the walls' uprights; gloss: how much the floor mirrors lamps.
    """

    half_x: float
    half_y: float
    floor: Floor
    floor_colours: tuple[Colour, Colour]
    tile: float
    wall: Wall
    wall_colours: tuple[Colour, Colour]
    bay: float
    furniture: tuple[Box, ...]
    seed: int


def tinted(rng: np.random.Generator, brightness: float, spread: float = 0.04) -> Colour:
    """A colour near grey of the given brightness."""
    red, green, blue = np.clip(brightness * np.exp(rng.normal(0, spread, 3)) + rng.normal(0, spread / 3, 3), 0.02, 0.9)
    return float(red), float(green), float(blue)


def furnish(rng: np.random.Generator, half_x: float, half_y: float) -> tuple[Box, ...]:
    """Benches, bins, counters and pillars along the walls, where nobody walks."""
    boxes = []
    for _ in range(int(rng.integers(2, 7))):
        long, deep = rng.uniform(0.2, 1.1), rng.uniform(0.15, 0.35)
        height = float(rng.choice([0.45, 0.9, 1.1, 2.2], p=[0.4, 0.25, 0.2, 0.15]))
        if rng.random() < 0.5:
            centre = (rng.uniform(-0.8, 0.8) * half_x, rng.choice([-1, 1]) * (half_y - deep - 0.02))
            half = (long, deep)
        else:
            centre = (rng.choice([-1, 1]) * (half_x - deep - 0.02), rng.uniform(-0.8, 0.8) * half_y)
            half = (deep, long)
        colour = tinted(rng, rng.uniform(0.05, 0.5), 0.25)
        boxes.append(Box((float(centre[0]), float(centre[1])), (float(half[0]), float(half[1])), height, colour))
    return tuple(boxes)


def sample_room(rng: np.random.Generator) -> Room:
    """A room at random: mostly dull floors and light walls, as in stations, halls and shops."""
    half_x, half_y = float(rng.uniform(7.5, 10.0)), float(rng.uniform(6.0, 8.0))
    ground, warm = rng.uniform(0.10, 0.45), rng.normal(0, 0.06)
    floor = tinted(rng, ground)
    floor = (floor[0] * (1 + warm), floor[1], floor[2] * (1 - warm))
    joints = tinted(rng, ground * rng.uniform(0.45, 0.75) if rng.random() < 0.7 else min(0.7, ground * 1.5))
    upright = tinted(rng, rng.uniform(0.22, 0.6), 0.07)
    second = tinted(rng, rng.uniform(0.08, 0.45), 0.15)
    return Room(
        half_x=half_x,
        half_y=half_y,
        floor=Floor(int(rng.choice(len(Floor), p=[0.34, 0.14, 0.16, 0.24, 0.12]))),
        floor_colours=(floor, joints),
        tile=float(rng.uniform(0.35, 1.1)),
        wall=Wall(int(rng.choice(len(Wall), p=[0.28, 0.16, 0.22, 0.18, 0.16]))),
        wall_colours=(upright, second),
        bay=float(rng.uniform(1.2, 2.8)),
        furniture=furnish(rng, half_x, half_y),
        seed=int(rng.integers(1, 10_000)),
    )
