"""Places where pictures are taken: halls, streets, squares, parks, car parks and platforms, each from a few numbers.

The renderer follows each pixel's ray to the first surface it meets, so all cameras of a place see the same place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from sameperson.world.clothes.outfit import Colour


class Floor(IntEnum):
    """The surface of a floor, indoors (to CARPET) or outdoors."""

    TILES = 0
    CHECKER = 1
    PLANKS = 2
    CONCRETE = 3
    CARPET = 4
    ASPHALT = 5
    PAVING = 6
    COBBLES = 7
    GRASS = 8


class Wall(IntEnum):
    """The boundary of a place on one side: a hall's wall (to WAINSCOT), or a building or plants outdoors."""

    POSTERS = 0
    BRICK = 1
    WINDOWS = 2
    PANELS = 3
    WAINSCOT = 4
    FACADE = 5
    SHOPS = 6
    HEDGE = 7
    FENCE = 8
    TREES = 9


class Marking(IntEnum):
    """The marking painted on the ground."""

    NONE = 0
    LANES = 1
    BAYS = 2
    EDGE = 3


@dataclass(frozen=True)
class Box:
    """A box that stands on the floor: centre x, y and half sizes, metres, height, colour; base: height of its foot."""

    centre: tuple[float, float]
    half: tuple[float, float]
    height: float
    colour: Colour
    base: float = 0.0


@dataclass(frozen=True)
class Sky:
    """The sky of an open place: colours at the horizon and overhead; clouds: the share of the sky that they cover."""

    low: Colour
    high: Colour
    clouds: float


@dataclass(frozen=True)
class Room:
    """A place indoors or outdoors around the origin, ground at z = 0, that ends at four sides: +x, -x, +y and -y.

    half_x, half_y: metres from the middle to the sides; tops: metres that each side is high, in a hall all up to the
    ceiling; sky: None in a hall. tile: metres between floor joints; bay: metres between the walls' uprights.
    verge: metres of another ground along +y and -y; lamp, air: the colours of light from the lamp or the sun, and from
    all around.
    """

    half_x: float
    half_y: float
    floor: Floor
    floor_colours: tuple[Colour, Colour]
    tile: float
    walls: tuple[Wall, Wall, Wall, Wall]
    tops: tuple[float, float, float, float]
    wall_colours: tuple[Colour, Colour]
    bay: float
    furniture: tuple[Box, ...]
    seed: int
    verge: float = 0.0
    verge_floor: Floor = Floor.PAVING
    verge_colour: Colour = (0.3, 0.3, 0.3)
    marking: Marking = Marking.NONE
    sky: Sky | None = None
    lamp: Colour = (1.0, 1.0, 1.0)
    air: Colour = (1.0, 1.0, 1.0)


def sample_grey(rng: np.random.Generator, brightness: float, spread: float = 0.04) -> Colour:
    """Draw a colour near grey of the given brightness."""
    red, green, blue = np.clip(brightness * np.exp(rng.normal(0, spread, 3)), 0.02, 0.9)
    return float(red), float(green), float(blue)


def scale_colour(colour: Colour, by: Colour | float) -> Colour:
    """Multiply a colour by a factor, or by one for each channel."""
    factors = by if isinstance(by, tuple) else (by, by, by)
    return colour[0] * factors[0], colour[1] * factors[1], colour[2] * factors[2]


def is_free(room: Room, spot: Sequence[float] | NDArray[np.floating], reach: float = 0.35) -> bool:
    """Whether a person can stand at `spot` (2,), metres: inside, off the tracks and `reach` away from furniture."""
    x, y = float(spot[0]), float(spot[1])
    edge = room.half_y - (room.verge if room.marking == Marking.EDGE else 0.0)
    if abs(x) > room.half_x - reach or abs(y) > edge - reach:
        return False
    for box in room.furniture:
        if abs(x - box.centre[0]) < box.half[0] + reach and abs(y - box.centre[1]) < box.half[1] + reach:
            return False
    return True


def in_sun(room: Room, towards: Sequence[float], spots: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Whether the sun reaches the middle of people at spots (N, 2), as an array (N,); always true in a hall.

    towards: unit vector (3,) towards the light.
    """
    if room.sky is None:
        return np.ones(len(spots), bool)
    flat = np.array(towards[:2])
    ends = np.sign(flat) * (room.half_x, room.half_y)
    reaches = (ends - spots) / np.where(np.abs(flat) > 1e-6, flat, 1e-6)
    axis = reaches.argmin(1)
    height = 1.0 + reaches.min(1) * towards[2]
    sides = 2 * axis + (flat[axis] < 0)
    return height > np.array(room.tops)[sides]


def sample_furniture(rng: np.random.Generator, half_x: float, half_y: float) -> tuple[Box, ...]:
    """Draw benches, bins, counters and pillars along the walls, where nobody walks."""
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
        colour = sample_grey(rng, rng.uniform(0.05, 0.5), 0.6 if rng.random() < 0.25 else 0.1)
        boxes.append(Box((float(centre[0]), float(centre[1])), (float(half[0]), float(half[1])), height, colour))
    return tuple(boxes)


def sample_parked_cars(rng: np.random.Generator, half_x: float, y: float, count: int) -> tuple[Box, ...]:
    """Draw parked cars in a row along `y`, each a body and a cabin."""
    boxes = []
    for x in rng.choice(np.arange(-half_x + 3, half_x - 3, 5.5), count, replace=False):
        paint = sample_grey(rng, rng.choice([0.06, 0.15, 0.35, 0.6]), 0.12)
        if rng.random() < 0.3:
            paint = (0.3, 0.05, 0.05) if rng.random() < 0.5 else (0.05, 0.09, 0.25)
        middle = float(x + rng.uniform(-0.4, 0.4))
        boxes.append(Box((middle, y), (2.1, 0.85), 0.85, paint, base=0.22))
        boxes.append(Box((middle - 0.2, y), (1.1, 0.72), 1.42, (0.05, 0.06, 0.07), base=0.85))
    return tuple(boxes)


def sample_street_furniture(rng: np.random.Generator, half_x: float, half_y: float, most: int) -> tuple[Box, ...]:
    """Draw lamp posts, bollards, bins, planters and benches near the sides along x."""
    boxes = []
    for _ in range(int(rng.integers(1, most + 1))):
        kind = int(rng.integers(4))
        half = ((0.06, 0.06), (0.09, 0.09), (0.25, 0.25), (0.7, 0.22))[kind]
        height = (5.0, 0.9, 0.95, 0.46)[kind]
        colour = sample_grey(rng, (0.12, 0.2, 0.15, 0.22)[kind], 0.15)
        y = rng.choice([-1, 1]) * (half_y - rng.uniform(0.3, 0.75))
        boxes.append(Box((float(rng.uniform(-0.9, 0.9) * half_x), float(y)), half, height, colour))
    return tuple(boxes)


def sample_room(rng: np.random.Generator) -> Room:
    """Draw a random place: about half are halls, the others outdoors."""
    kinds = (sample_hall, sample_street, sample_square, sample_park, sample_car_park, sample_platform)
    return kinds[rng.choice(len(kinds), p=[0.46, 0.15, 0.13, 0.11, 0.08, 0.07])](rng)


def sample_hall(rng: np.random.Generator) -> Room:
    """Draw a hall: mostly dull floors and light walls, as in stations and shops."""
    half_x, half_y = float(rng.uniform(7.5, 10.0)), float(rng.uniform(6.0, 8.0))
    ground, warm = rng.uniform(0.12, 0.5), rng.normal(0, 0.06)
    floor = scale_colour(sample_grey(rng, ground), (1 + warm, 1.0, 1 - warm))
    joints = sample_grey(rng, ground * rng.uniform(0.45, 0.75) if rng.random() < 0.7 else min(0.7, ground * 1.5))
    wall = Wall(int(rng.choice(5, p=[0.28, 0.16, 0.22, 0.18, 0.16])))
    lamps: tuple[Colour, ...] = ((1.0, 1.0, 1.0), (1.12, 1.0, 0.8), (0.94, 1.0, 1.07), (0.97, 1.03, 0.93))
    lamp = lamps[rng.choice(4, p=[0.4, 0.25, 0.2, 0.15])]
    ceiling = float(rng.uniform(3.4, 7.0))
    return Room(
        half_x=half_x,
        half_y=half_y,
        floor=Floor(int(rng.choice(5, p=[0.34, 0.14, 0.16, 0.24, 0.12]))),
        floor_colours=(floor, joints),
        tile=float(rng.uniform(0.35, 1.1)),
        walls=(wall, wall, wall, wall),
        tops=(ceiling, ceiling, ceiling, ceiling),
        wall_colours=(sample_grey(rng, rng.uniform(0.25, 0.7), 0.07), sample_grey(rng, rng.uniform(0.08, 0.45), 0.13)),
        bay=float(rng.uniform(1.2, 2.8)),
        furniture=sample_furniture(rng, half_x, half_y),
        seed=int(rng.integers(1, 10_000)),
        lamp=lamp,
        air=(1 + 0.6 * (lamp[0] - 1), 1.0, 1 + 0.6 * (lamp[2] - 1)),
    )


def sample_weather(rng: np.random.Generator) -> tuple[Sky, Colour, Colour]:
    """Draw a sky, with the colours of the sun's light and of the light from all around."""
    kind = rng.choice(3, p=[0.5, 0.37, 0.13])
    if kind == 0:
        return (
            Sky((0.85, 0.95, 1.05), (0.3, 0.52, 0.95), float(rng.uniform(0.0, 0.6))),
            (1.06, 1.0, 0.9),
            (0.92, 1, 1.1),
        )
    if kind == 1:
        grey = float(rng.uniform(0.8, 1.2))
        return Sky((grey, grey, grey), scale_colour((0.9, 0.93, 0.97), grey), 1.0), (1.0, 1.0, 1.0), (0.98, 1.0, 1.03)
    sodium = (1.25, 0.95, 0.55) if rng.random() < 0.6 else (1.05, 1.0, 0.95)
    return Sky((0.2, 0.16, 0.16), (0.03, 0.05, 0.11), 0.3), sodium, (0.85, 0.95, 1.2)


def outdoor_place(rng: np.random.Generator, **place: object) -> Room:
    """Make an outdoor place; place: the fields of `Room` that are neither weather nor random."""
    sky, lamp, air = sample_weather(rng)
    usual = {
        "tile": float(rng.uniform(0.4, 0.9)),
        "wall_colours": (
            sample_grey(rng, rng.uniform(0.25, 0.6), 0.1),
            sample_grey(rng, rng.uniform(0.08, 0.35), 0.13),
        ),
        "bay": float(rng.uniform(2.2, 3.6)),
        "seed": int(rng.integers(1, 10_000)),
    }
    return Room(**{**usual, **place, "sky": sky, "lamp": lamp, "air": air})  # type: ignore[arg-type]


def sample_building(rng: np.random.Generator) -> tuple[Wall, float]:
    """Draw a building along a side, and its height."""
    return (Wall.SHOPS if rng.random() < 0.5 else Wall.FACADE), float(rng.uniform(6.0, 14.0))


def sample_greenery(rng: np.random.Generator) -> tuple[Wall, float]:
    """Draw a hedge, a fence or trees along a side, and their height."""
    kind = (Wall.HEDGE, Wall.FENCE, Wall.TREES)[rng.choice(3, p=[0.35, 0.25, 0.4])]
    return kind, float(rng.uniform(4.5, 8.0) if kind == Wall.TREES else rng.uniform(1.2, 2.2))


def sample_asphalt(rng: np.random.Generator) -> tuple[Colour, Colour]:
    """Draw the colours of a road and of its paint."""
    return sample_grey(rng, rng.uniform(0.1, 0.24), 0.03), sample_grey(rng, rng.uniform(0.45, 0.65), 0.03)


def sample_street(rng: np.random.Generator) -> Room:
    """Draw a street between houses, or a house and a hedge, with pavements and parked cars."""
    half_x, half_y = float(rng.uniform(14.0, 18.0)), float(rng.uniform(6.5, 8.5))
    verge = float(rng.uniform(2.2, 3.4))
    sides = [
        sample_greenery(rng),
        sample_greenery(rng),
        sample_building(rng),
        sample_building(rng) if rng.random() < 0.6 else sample_greenery(rng),
    ]
    cars = sample_parked_cars(rng, half_x, float(rng.choice([-1, 1])) * (half_y - 0.95), int(rng.integers(0, 3)))
    return outdoor_place(
        rng,
        half_x=half_x,
        half_y=half_y,
        floor=Floor.ASPHALT,
        floor_colours=sample_asphalt(rng),
        walls=tuple(wall for wall, _ in sides),
        tops=tuple(top for _, top in sides),
        furniture=(*cars, *sample_street_furniture(rng, half_x, half_y, 3)),
        verge=verge,
        verge_floor=Floor.PAVING if rng.random() < 0.75 else Floor.COBBLES,
        verge_colour=sample_grey(rng, rng.uniform(0.2, 0.42)),
        marking=Marking.LANES,
    )


def sample_square(rng: np.random.Generator) -> Room:
    """Draw a paved square among buildings."""
    half_x, half_y = float(rng.uniform(10.0, 15.0)), float(rng.uniform(8.0, 11.0))
    sides = [sample_building(rng) if rng.random() < 0.6 else sample_greenery(rng) for _ in range(4)]
    ground = rng.uniform(0.2, 0.48)
    return outdoor_place(
        rng,
        half_x=half_x,
        half_y=half_y,
        floor=Floor.PAVING if rng.random() < 0.65 else Floor.COBBLES,
        floor_colours=(sample_grey(rng, ground), sample_grey(rng, ground * rng.uniform(0.4, 0.7))),
        walls=tuple(wall for wall, _ in sides),
        tops=tuple(top for _, top in sides),
        furniture=sample_street_furniture(rng, half_x, half_y, 6),
    )


def sample_park(rng: np.random.Generator) -> Room:
    """Draw a park or campus: a path or a yard with grass beside it."""
    half_x, half_y = float(rng.uniform(10.0, 15.0)), float(rng.uniform(7.0, 10.0))
    sides = [sample_greenery(rng) if rng.random() < 0.75 else sample_building(rng) for _ in range(4)]
    return outdoor_place(
        rng,
        half_x=half_x,
        half_y=half_y,
        floor=(Floor.PAVING, Floor.ASPHALT, Floor.CONCRETE)[rng.integers(3)],
        floor_colours=(sample_grey(rng, rng.uniform(0.2, 0.4), 0.06), sample_grey(rng, rng.uniform(0.12, 0.2))),
        walls=tuple(wall for wall, _ in sides),
        tops=tuple(top for _, top in sides),
        furniture=sample_street_furniture(rng, half_x, half_y, 5),
        verge=float(rng.uniform(2.0, 4.5)),
        verge_floor=Floor.GRASS,
        verge_colour=scale_colour((0.11, 0.145, 0.06), float(rng.uniform(0.8, 1.6))),
    )


def sample_car_park(rng: np.random.Generator) -> Room:
    """Draw a car park: asphalt with marked bays and some parked cars."""
    half_x, half_y = float(rng.uniform(12.0, 16.0)), float(rng.uniform(9.0, 11.0))
    sides = [sample_greenery(rng) if rng.random() < 0.6 else sample_building(rng) for _ in range(4)]
    rows = (sample_parked_cars(rng, half_x, side * (half_y - 0.95), int(rng.integers(1, 3))) for side in (-1, 1))
    return outdoor_place(
        rng,
        half_x=half_x,
        half_y=half_y,
        floor=Floor.ASPHALT,
        floor_colours=sample_asphalt(rng),
        walls=tuple(wall for wall, _ in sides),
        tops=tuple(top for _, top in sides),
        furniture=tuple(box for row in rows for box in row),
        marking=Marking.BAYS,
    )


def sample_platform(rng: np.random.Generator) -> Room:
    """Draw a railway platform: paved, with a painted edge and ballast beyond it."""
    half_x, half_y = float(rng.uniform(14.0, 18.0)), float(rng.uniform(7.0, 9.0))
    sides = [sample_greenery(rng), sample_greenery(rng), sample_building(rng), sample_greenery(rng)]
    ground = rng.uniform(0.25, 0.48)
    return outdoor_place(
        rng,
        half_x=half_x,
        half_y=half_y,
        floor=Floor.PAVING if rng.random() < 0.6 else Floor.ASPHALT,
        floor_colours=(sample_grey(rng, ground), sample_grey(rng, ground * rng.uniform(0.5, 0.8))),
        walls=tuple(wall for wall, _ in sides),
        tops=tuple(top for _, top in sides),
        furniture=sample_street_furniture(rng, half_x, half_y, 5),
        verge=float(rng.uniform(1.8, 2.8)),
        verge_floor=Floor.COBBLES,
        verge_colour=sample_grey(rng, rng.uniform(0.09, 0.18), 0.06),
        marking=Marking.EDGE,
    )
