"""Decodes a pose network's outputs into joints: heatmaps, SimCC's two vectors a joint, or BlazePose's landmarks.

SimCC: Li et al., ECCV 2022.

numpy only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sameperson.checks import InputError
from sameperson.priors.blazepose import is_blazepose, landmark_joints
from sameperson.priors.pose_files import LAYOUTS
from sameperson.priors.skeletons import Skeleton
from sameperson.types import Size

Array = NDArray[Any]
QUARTER = 0.25
"""How far, in cells, a heatmap's peak is moved towards the higher neighbour, as is usual for such networks."""


def joints_of(outputs: Sequence[Array], size: Size) -> tuple[NDArray[np.float32], Skeleton]:
    """Decode a network's outputs for B inputs of `size` into joints (B, J, 3), and say of which skeleton they are.

    A joint is x, y in the input's pixels and confidence in [0, 1]. outputs: heatmaps (B, J, h, w), or SimCC's
    (B, J, Wx) and (B, J, Wy), or those of BlazePose (`priors.blazepose`); others are ignored. Of the J joints those
    are kept that make up COCO's or OpenPose's skeleton. All are zeros where the network sees no person.

    Raises InputError for outputs that are none of these.
    """
    maps = [output for output in outputs if output.ndim == 4 and output.shape[1] in LAYOUTS]
    lines = [output for output in outputs if output.ndim == 3 and output.shape[1] in LAYOUTS]
    if is_blazepose([output.shape for output in outputs]):
        points = landmark_joints(outputs)
    elif len(maps) == 1:
        points = from_heatmaps(maps[0], size)
    elif not maps and len(lines) == 2:
        points = from_simcc(lines[0], lines[1], size)
    else:
        found = ", ".join(str(output.shape) for output in outputs)
        counts = ", ".join(map(str, LAYOUTS))
        expected = (
            f"heatmaps (pictures, joints, h, w) or SimCC (pictures, joints, x) and (..., y) of {counts} joints, or "
            "BlazePose's outputs"
        )
        raise InputError(f"a network with outputs of shape {found}", expected, "export the pose network's own head")
    skeleton, which = LAYOUTS[points.shape[1]]
    if not np.isfinite(points).all():
        raise InputError("a network that gives no numbers (NaN)", "finite heatmaps", "check --mean, --std and --scale")
    return points[:, list(which)], skeleton


def from_heatmaps(heatmaps: Array, size: Size) -> NDArray[np.float32]:
    """Decode heatmaps (B, J, h, w) into joints (B, J, 3).

    A joint is the middle of the highest cell, moved a quarter cell towards its higher neighbours.
    """
    count, joints, height, width = heatmaps.shape
    flat = heatmaps.reshape(count, joints, -1)
    best = flat.argmax(axis=2)
    row, column = np.divmod(best, width)
    batch, joint = np.ogrid[:count, :joints]

    def lean(place: Array, length: int, at: Any) -> Array:
        inner = (place > 0) & (place < length - 1)
        more = at((place + 1).clip(0, length - 1)) - at((place - 1).clip(0, length - 1))
        return np.where(inner, QUARTER * np.sign(more), 0)

    x = column + 0.5 + lean(column, width, lambda place: heatmaps[batch, joint, row, place])
    y = row + 0.5 + lean(row, height, lambda place: heatmaps[batch, joint, place, column])
    confidence = np.take_along_axis(flat, best[..., None], axis=2)[..., 0].clip(0, 1)
    return np.stack([x * size[1] / width, y * size[0] / height, confidence], axis=-1).astype(np.float32)


def from_simcc(one: Array, other: Array, size: Size) -> NDArray[np.float32]:
    """Decode SimCC's (B, J, Wx) and (B, J, Wy) into joints (B, J, 3).

    A joint is the highest bin of each vector, with the lower of the two confidences. Both have as many bins a pixel;
    where that is so only the other way round, the first is of y.
    """
    height, width = size
    if one.shape[2] * height != other.shape[2] * width:
        if one.shape[2] * width != other.shape[2] * height:
            found = f"lines of {one.shape[2]} and {other.shape[2]} bins for pictures of {height}x{width}"
            raise InputError(found, "as many bins a pixel across as down", "check --input-size")
        one, other = other, one
    x, y = ((line.argmax(axis=2) + 0.5) * (length / line.shape[2]) for line, length in ((one, width), (other, height)))
    confidence = np.minimum(one.max(axis=2), other.max(axis=2)).clip(0, 1)
    return np.stack([x, y, confidence], axis=-1).astype(np.float32)
