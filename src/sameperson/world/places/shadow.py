"""Shadows of people on the ground: contact shadows at the feet, and cast shadows where a body blocks the light."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sameperson.world.body.mesh import Floats
from sameperson.world.body.model import KEYPOINTS
from sameperson.world.places.camera import Camera

LIMBS = (
    ("nose", "left_hip", 0.13),
    ("left_shoulder", "left_hip", 0.14),
    ("right_shoulder", "right_hip", 0.14),
    ("left_shoulder", "left_wrist", 0.07),
    ("right_shoulder", "right_wrist", 0.07),
    ("left_hip", "left_ankle", 0.1),
    ("right_hip", "right_ankle", 0.1),
)
"""Capsules that block the sun: from keypoint, to keypoint, radius in metres."""
SHADOWS = 2 * (2 + len(LIMBS) + 1)
"""Rows of the shadow table for one person."""
STARTS = [KEYPOINTS.index(start) for start, _, _ in LIMBS]
ENDS = [KEYPOINTS.index(end) for _, end, _ in LIMBS]
ANKLES = [KEYPOINTS.index("left_ankle"), KEYPOINTS.index("right_ankle")]
HIPS = [KEYPOINTS.index("left_hip"), KEYPOINTS.index("right_hip")]
SUNNY_LIGHT = 0.8
"""Strength from which light outdoors is direct sunlight, whose shadows have edges."""


def shadow_blobs(camera: Camera, points: Floats) -> NDArray[np.float32]:
    """Compute a person's shadows on the floor (SHADOWS, 4): x, y, radius, strength.

    points: (23, 3) keypoints. Two rows are one shadow, from the first one's place to the second's. A strength takes
    that share of all light, a negative one of the lamp's or the sun's light alone.
    """
    light = np.asarray(camera.light)
    thrown = points[:, :2] - light[:2] / max(light[2], 0.3) * points[:, 2:]
    rows = np.zeros((SHADOWS // 2, 2, 4), np.float32)
    rows[..., 2] = 1
    lifted = np.clip(points[ANKLES, 2] - 0.08, 0, 0.3)
    rows[:2, :, :2] = points[ANKLES, None, :2]
    rows[:2, :, 2], rows[:2, :, 3] = (0.14 + lifted)[:, None], (0.62 - 1.5 * lifted)[:, None]
    sunny = camera.room.sky is not None and camera.diffuse > SUNNY_LIGHT
    if sunny:
        rows[2:-1, 0, :2], rows[2:-1, 1, :2] = thrown[STARTS], thrown[ENDS]
        rows[2:-1, :, 2] = 1.2 * np.array([radius for _, _, radius in LIMBS])[:, None]
        rows[2:-1, :, 3] = -0.97
    lamp = camera.diffuse / (camera.diffuse + camera.ambient)
    rows[-1, :, :2] = points[HIPS, :2].mean(0) - (0.0 if sunny else 0.45) * light[:2] / max(light[2], 0.3)
    rows[-1, :, 2:] = (0.45, 0.2) if sunny else (0.42, 0.15 + 0.45 * lamp)
    return rows.reshape(SHADOWS, 4)
