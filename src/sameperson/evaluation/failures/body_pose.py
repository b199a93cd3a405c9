"""Viewpoint and pose of a person, by keypoints: from which side one is seen, and how far one is from standing upright.

numpy only.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sameperson.priors.skeletons import COCO

Joints = NDArray[np.float32]
SURE = 0.3
"""The confidence from which a joint's place is believed."""
NARROW = 0.25
"""Width of the shoulders and hips over the torso's height, below which a person is seen from the side: a body half a
metre high and 0.35 wide has 0.7 from the front, and a third of that at 70 degrees."""
VIEWS = ("front", "side", "back")
UPRIGHT, LYING = 15.0, 60.0
"""Degrees that a torso or a thigh may lean before it counts at all, and where it counts fully."""
PLACE = {name: number for number, name in enumerate(COCO.joints)}


def viewpoint(joints: Joints) -> str | None:
    """Say from which side a person is seen: front, side or back; None where shoulders and hips are not known.

    joints: COCO's (17, 3). A person's left lies on the right of a picture from the front, and on the left from behind.
    """
    sides = [(PLACE[f"left_{name}"], PLACE[f"right_{name}"]) for name in ("shoulder", "hip")]
    if any(joints[number, 2] < SURE for pair in sides for number in pair):
        return None
    height = abs(float(joints[[*sides[0]], 1].mean() - joints[[*sides[1]], 1].mean()))
    width = float(np.mean([joints[left, 0] - joints[right, 0] for left, right in sides]))
    if height == 0 or abs(width) < NARROW * height:
        return "side"
    return "front" if width > 0 else "back"


def unusual_pose(joints: Joints) -> float | None:
    """Measure how far a person is from standing or walking upright, in [0, 1]; None where no limb is known.

    joints: COCO's (17, 3). It is the largest of: how far the torso leans, how far a thigh does beyond a stride, and
    how far a wrist is above its shoulder, in lengths of the torso.
    """
    found: list[float] = []
    shoulders, hips = (_middle(joints, name) for name in ("shoulder", "hip"))
    if shoulders is not None and hips is not None:
        found.append(_leaning(hips - shoulders))
        torso = float(np.hypot(*(hips - shoulders)))
        for side in ("left", "right"):
            wrist, shoulder = (joints[PLACE[f"{side}_{name}"]] for name in ("wrist", "shoulder"))
            if min(wrist[2], shoulder[2]) >= SURE and torso > 0:
                found.append(float(np.clip((shoulder[1] - wrist[1]) / torso, 0, 1)))
    for side in ("left", "right"):
        hip, knee = (joints[PLACE[f"{side}_{name}"]] for name in ("hip", "knee"))
        if min(hip[2], knee[2]) >= SURE:
            found.append(_leaning(knee[:2] - hip[:2], STRIDE))
    return max(found) if found else None


STRIDE = 35.0
"""Degrees that a thigh leans in a wide step."""


def _middle(joints: Joints, name: str) -> Joints | None:
    """The middle of a left and a right joint (2,), of one of them where the other is not known, or None."""
    pair = joints[[PLACE[f"left_{name}"], PLACE[f"right_{name}"]]]
    sure = pair[pair[:, 2] >= SURE]
    return sure[:, :2].mean(axis=0) if len(sure) else None


def _leaning(down: Joints, free: float = UPRIGHT) -> float:
    """How far a vector (2,) that should point down leans: 0 up to `free` degrees, 1 from there and LYING on."""
    if not np.any(down):
        return 1.0
    angle = float(np.degrees(np.arctan2(abs(down[0]), down[1])))
    return float(np.clip((angle - free) / (LYING - UPRIGHT), 0, 1))
