"""Rigid accessories: bags, a cap's peak, a bun, a hood, a scarf.

Each is a small mesh around an anchor that follows one bone; hanging ones stay upright however the bone turns.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sameperson.world.body.mesh import Floats, Ints
from sameperson.world.body.pose import busy_side
from sameperson.world.clothes.outfit import Outfit
from sameperson.world.clothes.pieces import Layer
from sameperson.world.people.identity import Identity

RINGS, SECTORS = 8, 12
WINDS, WOUND = 28, 10
NECK = ((0.065, -0.01, 0.60), (-0.065, -0.01, 0.60), (0.0, -0.09, 0.565), (0.0, 0.06, 0.615))
"""Points of the template around the root of the neck: left, right, front, back."""
NAPE, LOINS, BACK = (0.0, 0.06, 0.57), (0.0, 0.12, 0.08), 0.53
"""Two points of the template, and the metres between them on an adult."""


@dataclass(frozen=True, eq=False)
class Accessory:
    """A rigid accessory.

    points: (N, 3) around `anchor`, a place (3,) on the rest body that follows `bone`; upright: whether it hangs from
    the anchor and so keeps upright.
    """

    layer: Layer
    bone: str
    anchor: Floats
    points: Floats
    triangles: Ints
    upright: bool = False


def rounded_box(size: tuple[float, float, float], squareness: float) -> tuple[Floats, Ints]:
    """Make a superellipsoid with half sizes `size`: squareness 1 is an ellipsoid, near 0 a box."""
    up = np.linspace(-np.pi / 2, np.pi / 2, RINGS + 1)[:, None]
    around = np.linspace(0, 2 * np.pi, SECTORS, endpoint=False)[None]

    def bent(x: np.ndarray) -> np.ndarray:
        return np.sign(x) * np.abs(x) ** squareness

    unit = np.stack(
        np.broadcast_arrays(
            bent(np.cos(up)) * bent(np.cos(around)), bent(np.cos(up)) * bent(np.sin(around)), bent(np.sin(up))
        ),
        -1,
    )
    ring, sector = (grid.ravel() for grid in np.mgrid[0:RINGS, 0:SECTORS])
    a, b = ring * SECTORS + sector, ring * SECTORS + (sector + 1) % SECTORS
    triangles = np.concatenate([np.stack([a, b, b + SECTORS], 1), np.stack([a, b + SECTORS, a + SECTORS], 1)])
    return (unit.reshape(-1, 3) * np.asarray(size)).astype(np.float32), triangles.astype(np.int32)


def handle(width: float, height: float, thickness: float) -> tuple[Floats, Ints]:
    """Make a handle: an arch in the Y-Z plane, `width` wide and `height` tall, with its top at the origin."""
    sweep = np.linspace(0, np.pi, 9)
    spine = np.stack([0 * sweep, 0.5 * width * np.cos(sweep), height * (np.sin(sweep) - 1)], 1)
    aside = np.broadcast_to([1.0, 0.0, 0.0], spine.shape)
    outward = np.stack([0 * sweep, np.cos(sweep), np.sin(sweep)], 1)
    corners = thickness * np.stack([aside, outward, -aside, -outward], 1)
    points = (spine[:, None] + corners).reshape(-1, 3)
    step, side = (grid.ravel() for grid in np.mgrid[0:8, 0:4])
    a, b = step * 4 + side, step * 4 + (side + 1) % 4
    triangles = np.concatenate([np.stack([a, b, b + 4], 1), np.stack([a, b + 4, a + 4], 1)])
    return points.astype(np.float32), triangles.astype(np.int32)


def scarf_mesh(radii: tuple[float, float], thickness: float, tilt: float) -> tuple[Floats, Ints]:
    """Make a scarf: an uneven ring in the X-Y plane; tilt: metres by which its front (-Y) lies deeper."""
    around = np.linspace(0, 2 * np.pi, WINDS, endpoint=False)[:, None]
    across = np.linspace(0, 2 * np.pi, WOUND, endpoint=False)[None]
    thick = thickness * (1 + 0.15 * np.sin(3 * around + 1) + 0.1 * np.sin(5 * around + 2 * across))
    outward = thick * np.cos(across)
    x, y = (radii[0] + outward) * np.sin(around), -(radii[1] + outward) * np.cos(around)
    # it lies on the shoulders aside
    z = 1.25 * thick * np.sin(across) - 0.5 * tilt * np.cos(around) + 0.022 * np.sin(around) ** 2
    ring, side = (grid.ravel() for grid in np.mgrid[0:WINDS, 0:WOUND])
    a, b = ring * WOUND + side, ring * WOUND + (side + 1) % WOUND
    c, d = (ring + 1) % WINDS * WOUND + side, (ring + 1) % WINDS * WOUND + (side + 1) % WOUND
    triangles = np.concatenate([np.stack([a, c, d], 1), np.stack([a, d, b], 1)])
    return np.stack([x, y, z], -1).reshape(-1, 3).astype(np.float32), triangles.astype(np.int32)


Place = tuple[float, float, float]
SkinFinder = Callable[[Place], Floats]
"""Maps a point of the body template to the nearest point (3,) of the skin of the rest body."""


def tied_hair(identity: Identity, hat: str) -> list[tuple[Place, tuple[Floats, Ints], Place]]:
    """Make buns and tails as (place on the template, mesh, shift).

    No bun fits under a hat, and nothing under a headscarf.
    """
    if hat == "headscarf":
        return []
    style, knot = identity.hair_style, identity.cut.knot
    thick = 1 + 12 * identity.hair_volume
    back: Place = (0.0, 0.08, 0.765 + 0.035 * knot)
    if style == "bun" and not hat:
        r = 0.034 * thick
        place: Place = (0.0, -0.03, 0.87) if knot > 0.5 else back
        out: Place = (0.0, 0.0, 0.7 * r) if knot > 0.5 else (0.0, 0.7 * r, 0.3 * r)
        return [(place, rounded_box((r, r, 0.85 * r), 1.0), out)]
    if style == "ponytail":
        long = 0.07 + 0.35 * (0.62 - identity.hair_length)
        tail = rounded_box((0.024 * thick, 0.024 * thick, long), 0.8)
        return [(back, rounded_box((0.02, 0.03, 0.02), 1.0), (0, 0.012, 0)), (back, tail, (0, 0.036, 0.015 - long))]
    if style == "plait":
        knots = np.arange(8 + int(20 * (0.62 - identity.hair_length)))
        sizes = 0.024 * thick * (1 - 0.05 * knots)
        return [
            (back, rounded_box((0.9 * r, 0.8 * r, 0.024), 0.9), (0, 0.02 + 0.01 * min(k, 2), -0.032 * k))
            for k, r in zip(knots.tolist(), sizes.tolist(), strict=True)
        ]
    return []


def build_accessories(identity: Identity, outfit: Outfit, spot: SkinFinder, back: float) -> list[Accessory]:
    """Build the accessories of a person; back: metres that clothes stand off the back."""
    things: list[Accessory] = []

    def add(
        layer: Layer, bone: str, anchor: Floats, shape: tuple[Floats, Ints], shift: tuple[float, ...], **how: bool
    ) -> None:
        points, triangles = shape
        things.append(Accessory(layer, bone, anchor, points + np.asarray(shift, np.float32), triangles, **how))

    # a child's things are smaller
    scale = float(np.linalg.norm(spot(NAPE) - spot(LOINS))) / BACK
    bag = outfit.bag
    s = 0.0 if bag is None else bag.size * scale
    if bag is not None and bag.kind == "backpack":
        spine = spot((0.0, 0.1, 0.38))
        add(
            Layer.BAG,
            "spine_top",
            spine,
            rounded_box((0.145 * s, 0.075 * s, 0.21 * s), 0.45),
            (0, 0.07 * s + back, -0.04),
        )
        add(
            Layer.BAG,
            "spine_top",
            spine,
            rounded_box((0.11 * s, 0.035 * s, 0.10 * s), 0.45),
            (0, 0.15 * s + back, -0.11 * s),
        )
    elif bag is not None and bag.kind == "satchel":
        hip = spot((-0.19, 0.0, 0.06))
        add(
            Layer.BAG,
            "root",
            hip,
            rounded_box((0.045 * s, 0.14 * s, 0.105 * s), 0.45),
            (-0.04 * s - back, 0.02, -0.04),
            upright=True,
        )
    elif bag is not None and bag.kind == "handbag":
        left = busy_side(identity.gait) == "right"  # the hand that is free for it
        hand, side = ("left_hand", 1.0) if left else ("right_hand", -1.0)
        palm = spot((0.52 * side, -0.24, 0.09)) + np.array([0.02 * side, 0.0, 0.0], np.float32)
        add(Layer.BAG, hand, palm, handle(0.15 * s, 0.13 * s, 0.008), (0, 0, 0), upright=True)
        body, away = rounded_box((0.05 * s, 0.15 * s, 0.11 * s), 0.5), side * (0.015 + min(back, 0.04))
        add(Layer.BAG, hand, palm, body, (away, 0, -0.22 * s), upright=True)
    if outfit.headwear is not None and outfit.headwear.kind == "cap":
        brow = spot((0.0, -0.15, 0.79))
        add(Layer.PEAK, "head", brow, rounded_box((0.072, 0.075, 0.006), 1.0), (0, -0.03, 0.0))
    for anchor, shape, shift in tied_hair(identity, "" if outfit.headwear is None else outfit.headwear.kind):
        middle = spot(anchor) * np.array([0, 1, 1], np.float32)
        add(Layer.BUN, "head", middle, shape, shift)
    hooded = outfit.top.hooded or (outfit.outer is not None and outfit.outer.hooded)
    if hooded and (identity.cut.reach == 0 or identity.hair_length > 0.57):  # long hair falls over a hood and hides it
        add(
            Layer.HOOD,
            "spine_top",
            spot((0.0, 0.06, 0.57)),
            rounded_box((0.105 * scale, 0.05 * scale, 0.075 * scale), 0.9),
            (0, 0.015 + back, -0.02),
        )
    if outfit.scarf is not None:
        left, right, front, rear = (spot(place) for place in NECK)
        radii = (float(left[0] - right[0]) / 2 + 0.028, float(rear[1] - front[1]) / 2 + 0.020)
        shape = scarf_mesh(radii, 0.034 * scale, float(rear[2] - front[2]) + 0.02)
        add(Layer.SCARF, "spine_top", (left + right + front + rear) / 4, shape, (0, 0, 0.008))
    return things
