"""Occlusion: which share of a person is hidden, by keypoints, by a map of the person, or by both. numpy only."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sameperson.priors.skeletons import COCO

Mask = NDArray[np.bool_]
Joints = NDArray[np.float32]
STANDING = (
    0.057, 0.258, 0.285, 0.449, 0.584, 0.634, 0.625, 0.614, 0.562, 0.465, 0.404, 0.395, 0.363, 0.330, 0.320, 0.169,
)  # fmt: skip
"""The share of each sixteenth of a detector's box that a whole person fills, from the top down: the median of rendered
people (`python benchmarks/slices.py --standing`)."""
BODY = slice(5, 17)
"""COCO's joints from the shoulders down."""
TORSO = (("left_shoulder", "right_hip"), ("right_shoulder", "left_hip"))
STEPS = 8
"""Points along a limb at which it is looked for."""


def hidden_limbs(joints: Joints, person: Mask) -> float | None:
    """Measure the share of the limbs that lies outside the person's visible pixels, in [0, 1].

    joints: COCO's (17, 3), of which hidden ones are placed too, as pose networks do; person: (h, w) of the same
    picture. Limbs are lines between neighbouring joints below the neck; joints of confidence 0 have no place. None
    where there is no limb.
    """
    height, width = person.shape
    inside, points = 0, 0
    for one, other in LIMBS:
        if joints[one, 2] <= 0 or joints[other, 2] <= 0:
            continue
        along = np.linspace(joints[one, :2], joints[other, :2], STEPS)
        column, row = np.floor(along).astype(np.int64).T
        there = (row >= 0) & (row < height) & (column >= 0) & (column < width)
        inside += int(person[row[there], column[there]].sum())
        points += STEPS
    return None if points == 0 else 1 - inside / points


def hidden_body(person: Mask) -> float:
    """Measure how much of a whole standing person a picture lacks, in [0, 1], by the person's pixels alone.

    person: (h, w) of a detector's box. Each sixteenth of the height is compared with what a whole person fills there;
    what is wider makes up for nothing.
    """
    wanted = np.array(STANDING)
    bands = np.array_split(person.mean(axis=1), len(wanted)) if len(person) >= len(wanted) else [person.mean(axis=1)]
    filled = np.array([band.mean() for band in bands])
    if len(filled) < len(wanted):
        wanted = np.array([wanted.mean()])
    return float(1 - np.minimum(filled, wanted).sum() / wanted.sum())


def unseen_joints(joints: Joints) -> float:
    """Measure how unsure the joints from the shoulders down are, in [0, 1]: 1 less their mean confidence.

    joints: COCO's (17, 3).
    """
    return float(1 - joints[BODY, 2].clip(0, 1).mean())


def _limbs() -> tuple[tuple[int, int], ...]:
    place = {name: number for number, name in enumerate(COCO.joints)}
    body = tuple(limb for limb in COCO.limbs if min(limb) >= BODY.start)
    return (*body, *((place[one], place[other]) for one, other in TORSO))


LIMBS = _limbs()
