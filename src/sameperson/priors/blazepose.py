"""Decodes the outputs of BlazePose (Bazarevsky et al., CVPRW 2020; MediaPipe's `pose_landmark`): joints and a mask.

numpy only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sameperson.checks import InputError
from sameperson.priors.skeletons import COCO

Array = NDArray[Any]

_NAMES = (
    "nose left_eye_inner left_eye left_eye_outer right_eye_inner right_eye right_eye_outer left_ear right_ear "
    "mouth_left mouth_right left_shoulder right_shoulder left_elbow right_elbow left_wrist right_wrist left_pinky "
    "right_pinky left_index right_index left_thumb right_thumb left_hip right_hip left_knee right_knee left_ankle "
    "right_ankle left_heel right_heel left_foot_index right_foot_index"
)
LANDMARKS = tuple(_NAMES.split())
"""BlazePose's 33 landmarks in order; left and right are the person's own."""
TO_COCO = tuple(LANDMARKS.index(joint) for joint in COCO.joints)
"""For each joint of COCO, which landmark it is."""
POINTS, VALUES = 39, 5
"""Points of the first output (33 landmarks and six of MediaPipe's own use), and the numbers of each."""
PRESENT = 0.5
"""The pose flag below which no person is in the picture, as in MediaPipe."""


def is_blazepose(shapes: Sequence[tuple[int | None, ...]]) -> bool:
    """Tell by the shapes of a network's outputs whether it is BlazePose: points, a pose flag and a mask."""
    return all(any(shape[1:] == one for shape in shapes) for one in ((POINTS * VALUES,), (1,))) and any(
        len(shape) == 4 and shape[3] == 1 for shape in shapes
    )


def landmark_joints(outputs: Sequence[Array]) -> NDArray[np.float32]:
    """Decode BlazePose's outputs for B inputs into COCO's joints (B, 17, 3); all zeros where no person is.

    A joint is x, y in the input's pixels and confidence in [0, 1], which is the sigmoid of the landmark's visibility.
    The first output is (B, 195): 39 times x, y, z, visibility and presence.
    """
    values = _output(outputs, (POINTS * VALUES,)).reshape(-1, POINTS, VALUES)[:, list(TO_COCO)]
    points = np.concatenate([values[..., :2], _sigmoid(values[..., 3:4])], axis=-1).astype(np.float32)
    points[~present(outputs)] = 0
    return points


def mask_logits(outputs: Sequence[Array]) -> Array:
    """The mask of B inputs as logits (B, h, w), positive on the person. Raises InputError for another network."""
    if not is_blazepose([output.shape for output in outputs]):
        found = ", ".join(str(output.shape) for output in outputs)
        raise InputError(
            f"a network with outputs of shape {found}",
            "BlazePose, which gives a mask",
            "make parsing instead, which serves as a mask too, or give --model blazepose",
        )
    mask = next(output for output in outputs if output.ndim == 4 and output.shape[3] == 1)[..., 0]
    if not np.isfinite(mask).all():
        raise InputError("a network that gives no numbers (NaN)", "a finite mask", "check --scale and --channels")
    return mask


def present(outputs: Sequence[Array]) -> NDArray[np.bool_]:
    """Tell for each of B inputs whether a person is in it, by BlazePose's pose flag (B, 1)."""
    return _output(outputs, (1,))[:, 0] >= PRESENT


def _output(outputs: Sequence[Array], shape: tuple[int, ...]) -> Array:
    return next(output for output in outputs if output.shape[1:] == shape)


def _sigmoid(logits: Array) -> Array:
    return 1 / (1 + np.exp(-logits.astype(np.float64).clip(-60, 60)))
