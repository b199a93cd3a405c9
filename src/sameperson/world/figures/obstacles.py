"""Obstacles that occlude people: barriers, posts, boards, bins, trolleys, bushes, cars.

Each is a small mesh of rounded boxes around the middle of its foot, in one material.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from sameperson.world.body.mesh import Floats, Ints, normals
from sameperson.world.clothes.colours import vary_colour
from sameperson.world.clothes.outfit import Cloth, Colour, Pattern
from sameperson.world.clothes.pieces import Layer
from sameperson.world.figures.accessories import rounded_box
from sameperson.world.render.device import row_type
from sameperson.world.render.kernels.look import LookRow
from sameperson.world.render.rasterizer import SkinnedMesh
from sameperson.world.render.uniforms import fill_cloth

BOX, SOFT, ROUND = 0.12, 0.45, 1.0
"""The squareness of a part, for `rounded_box`."""


@dataclass(frozen=True)
class Part:
    """A rounded box. half: half sizes; at: its middle, relative to the foot of the obstacle, metres."""

    half: tuple[float, float, float]
    at: tuple[float, float, float]
    squareness: float = BOX


@dataclass(frozen=True, eq=False)
class Obstacle:
    """An obstacle. size: (width, depth, height) in metres."""

    kind: str
    mesh: SkinnedMesh
    size: tuple[float, float, float]


def build_obstacle(kind: str, parts: Sequence[Part], cloth: Cloth) -> Obstacle:
    """Build an obstacle of several parts in one material."""
    points, triangles, count = [], [], 0
    for part in parts:
        corners, faces = rounded_box(part.half, part.squareness)
        points.append(corners + np.asarray(part.at, np.float32))
        triangles.append(faces + count)
        count += len(corners)
    mesh = np.concatenate(points).astype(np.float32)
    span = np.ptp(mesh, axis=0)
    size = (float(span[0]), float(span[1]), float(mesh[:, 2].max()))
    return Obstacle(kind, rigid_mesh(mesh, np.concatenate(triangles), cloth), size)


def rigid_mesh(points: Floats, triangles: Ints, cloth: Cloth) -> SkinnedMesh:
    """Make a rigid mesh that follows one bone."""
    count = len(points)
    look = np.zeros(1, row_type(LookRow))
    fill_cloth(look[0]["top"]["cloth"], cloth)
    return SkinnedMesh(
        points=points,
        normals=normals(points, triangles).astype(np.float32),
        place=points,
        limb=np.tile(np.array([0, 0, 0, 1], np.float32), (count, 1)),
        skin_index=np.zeros((count, 4), np.int32),
        skin_weight=np.tile(np.array([1, 0, 0, 0], np.float32), (count, 1)),
        triangles=triangles.astype(np.int32),
        flags=np.full(len(triangles), int(Layer.THING), np.int32),
        look=look,
    )


def sample_material(rng: np.random.Generator, colours: Sequence[Colour], pattern: Pattern = Pattern.PLAIN) -> Cloth:
    """Draw a material: one of some colours, varied a little, patterned with another."""
    first, second = rng.choice(len(colours), 2, replace=len(colours) < 2)
    dye = vary_colour(rng, colours[first])
    return Cloth(
        (dye, vary_colour(rng, colours[second]), dye), pattern, float(rng.uniform(0.1, 0.3)), int(rng.integers(1, 999))
    )


METALS: tuple[Colour, ...] = ((0.20, 0.21, 0.23), (0.42, 0.43, 0.44), (0.07, 0.075, 0.08), (0.05, 0.10, 0.07))
PAINTS: tuple[Colour, ...] = ((0.55, 0.10, 0.04), (0.60, 0.60, 0.58), (0.10, 0.16, 0.30), (0.58, 0.42, 0.05))
LEAVES: tuple[Colour, ...] = ((0.05, 0.10, 0.03), (0.09, 0.15, 0.05), (0.04, 0.07, 0.03))
LACQUERS: tuple[Colour, ...] = ((0.03, 0.03, 0.035), (0.55, 0.55, 0.55), (0.22, 0.23, 0.25), (0.25, 0.03, 0.03))


def barrier(rng: np.random.Generator) -> Obstacle:
    """Draw a crowd barrier or a fence: rails and bars with gaps to look through."""
    wide, tall = float(rng.uniform(0.9, 1.3)), float(rng.uniform(0.85, 1.15))
    rails = [Part((wide, 0.018, 0.022), (0, 0, height)) for height in (0.16, tall)]
    bars = [Part((0.010, 0.010, tall / 2 - 0.08), (x, 0, tall / 2 + 0.08)) for x in np.arange(-wide, wide, 0.13)]
    feet = [Part((0.03, 0.25, 0.02), (x, 0, 0.02)) for x in (-0.8 * wide, 0.8 * wide)]
    return build_obstacle("barrier", [*rails, *bars, *feet], sample_material(rng, METALS))


def board(rng: np.random.Generator) -> Obstacle:
    """Draw a sign or an advertisement on legs."""
    wide, tall, foot = (float(rng.uniform(*limits)) for limits in ((0.3, 0.55), (0.35, 0.6), (0.05, 0.5)))
    legs = [Part((0.02, 0.02, foot / 2), (x, 0, foot / 2)) for x in (-0.8 * wide, 0.8 * wide)]
    pattern = Pattern(int(rng.choice([Pattern.PLAIN, Pattern.YOKE, Pattern.HOOPS, Pattern.CHEST_BAND])))
    face = Part((wide, 0.03, tall), (0, 0, foot + tall))
    return build_obstacle("board", [face, *legs], sample_material(rng, PAINTS, pattern))


def post(rng: np.random.Generator) -> Obstacle:
    """Draw a post: a pillar, a lamp post or the trunk of a tree."""
    thick = float(rng.choice([0.06, 0.12, 0.2], p=[0.35, 0.35, 0.3]))
    shaft = Part((thick, thick, 1.6), (0, 0, 1.6), SOFT if thick < 0.2 else BOX)
    return build_obstacle(
        "post", [shaft, Part((1.5 * thick, 1.5 * thick, 0.08), (0, 0, 0.08))], sample_material(rng, METALS)
    )


def litter_bin(rng: np.random.Generator) -> Obstacle:
    """Draw a litter bin, a planter or a counter."""
    wide, tall = float(rng.uniform(0.22, 0.5)), float(rng.uniform(0.35, 0.55))
    lid = Part((wide * 1.06, 0.26, 0.03), (0, 0, 2 * tall))
    return build_obstacle("bin", [Part((wide, 0.24, tall), (0, 0, tall)), lid], sample_material(rng, METALS))


def trolley(rng: np.random.Generator) -> Obstacle:
    """Draw a trolley with cases on it."""
    wide, piled = float(rng.uniform(0.25, 0.4)), float(rng.uniform(0.2, 0.45))
    cases = Part((wide * 0.92, 0.22, piled), (0, 0, 0.25 + piled), SOFT)
    frame = [Part((wide, 0.3, 0.03), (0, 0, 0.2)), Part((wide, 0.015, 0.015), (0, 0.3, 1.0))]
    wheels = [Part((0.03, 0.08, 0.08), (x, y, 0.08), ROUND) for x in (-wide, wide) for y in (-0.2, 0.2)]
    bars = [Part((0.015, 0.015, 0.4), (x, 0.3, 0.6)) for x in (-wide, wide)]
    return build_obstacle("trolley", [cases, *frame, *wheels, *bars], sample_material(rng, LACQUERS))


def bush(rng: np.random.Generator) -> Obstacle:
    """Draw a bush or a plant in a tub."""
    wide, tall = float(rng.uniform(0.3, 0.6)), float(rng.uniform(0.3, 0.65))
    clumps = []
    for _ in range(14):
        x, y, z = rng.normal(0, (0.45 * wide, 0.12, 0.4 * tall))
        size = float(rng.uniform(0.10, 0.22))
        clumps.append(Part((size, size * 0.8, size), (float(x), float(y), max(size, tall + float(z))), ROUND))
    return build_obstacle("bush", clumps, sample_material(rng, LEAVES, Pattern.CAMOUFLAGE))


def car(rng: np.random.Generator) -> Obstacle:
    """Draw a parked car, seen from its side."""
    long = float(rng.uniform(1.9, 2.2))
    body = Part((long, 0.8, 0.30), (0, 0, 0.52), SOFT)
    cabin = Part((0.55 * long, 0.70, 0.28), (0.05 * long, 0, 1.06), SOFT)
    wheels = [Part((0.30, 0.10, 0.30), (x, y, 0.30), ROUND) for x in (-0.62 * long, 0.62 * long) for y in (-0.75, 0.75)]
    return build_obstacle("car", [body, cabin, *wheels], sample_material(rng, LACQUERS))


OBSTACLES: dict[str, tuple[Callable[[np.random.Generator], Obstacle], float]] = {
    "barrier": (barrier, 0.16),
    "board": (board, 0.18),
    "post": (post, 0.16),
    "bin": (litter_bin, 0.14),
    "trolley": (trolley, 0.12),
    "bush": (bush, 0.12),
    "car": (car, 0.12),
}
"""Kind -> the function that draws it, and how often it occurs."""


def sample_obstacle(rng: np.random.Generator) -> Obstacle:
    """Draw a random obstacle."""
    makers, shares = zip(*OBSTACLES.values(), strict=True)
    return makers[int(rng.choice(len(makers), p=shares))](rng)
