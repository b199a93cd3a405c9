"""Shells of the body: the meshes that garments are copied from, with per-vertex values that hold for every wearer."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from sameperson.world.body.mesh import Floats, Patch, normals, patch_of
from sameperson.world.body.model import SKIN, Body


def smoothstep(low: float, high: float, x: Floats) -> Floats:
    """A smooth step from 0 below `low` to 1 above `high`; it falls where low > high."""
    t = np.clip((x - low) / (high - low), 0.0, 1.0)
    return t * t * (3 - 2 * t)


@lru_cache(maxsize=16)
def shell(body: Body, layer: int) -> Patch:
    """One layer of the body's mesh as a patch; layer: SKIN, TIGHTS, SKIRT, HAIR or EYES."""
    return patch_of(body.triangles[body.layers == layer])


@lru_cache(maxsize=2)
def head_shell(body: Body) -> Patch:
    """The skin of head and neck."""
    patch = shell(body, SKIN)
    return patch.submesh((body.head[patch.source] > 0.3) & (body.template[patch.source, 2] > 0.55))


@lru_cache(maxsize=2)
def limbs(body: Body) -> Floats:
    """The `limb` coordinates (V, 4) that the region function takes."""
    return np.stack([body.arm, body.arm_t, body.head, openness(body)], 1).astype(np.float32)


def openness(body: Body) -> Floats:
    """Ambient occlusion (V,) of the template, 1 where all light arrives.

    Less arrives in hollows, under the arms and between the legs. A point lies in a hollow where smoothing moves it
    outwards; its depth is measured at two scales.
    """
    light = np.ones(len(body.template), np.float32)
    skin = shell(body, SKIN)
    points = body.template[skin.source]
    outward = normals(points, skin.triangles)
    for rounds, depth in ((4, 0.004), (30, 0.02)):
        sunk = ((skin.smooth(points, rounds) - points) * outward).sum(1)
        light[skin.source] *= 1 - 0.4 * np.clip(sunk / depth, 0, 1)
    side, height = np.abs(body.template[:, 0]), body.template[:, 2]
    trunk, arm = 1 - body.arm, body.arm * (body.arm_t < 0.6)
    light *= 1 - 0.22 * trunk * smoothstep(0.09, 0.15, side) * smoothstep(0.05, 0.2, height) * smoothstep(
        0.5, 0.42, height
    )
    light *= 1 - 0.15 * arm * smoothstep(0.42, 0.34, height + 0.9 * (side - 0.25))
    return light * (
        1 - 0.3 * smoothstep(0.08, 0.02, side) * smoothstep(0.02, -0.05, height) * smoothstep(-0.6, -0.3, height)
    )
