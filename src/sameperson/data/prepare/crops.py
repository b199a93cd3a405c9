"""A dancer cut out of a frame: the box grows to twice as high as wide, moves into the frame, and is drawn anew.

Pixels count from the left edge of the first one, so that a joint scales with its picture. numpy throughout.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from sameperson.priors.skeletons import COCO

SIZE = (256, 128)
"""Height and width of a crop."""
MISSING = -1
"""Both numbers of a joint that nobody found or that lies outside the crop."""
BONES = (
    (0, 1), (0, 2), (1, 3), (2, 4), (5, 6), (5, 7), (7, 9), (6, 8), (8, 10), (5, 11), (6, 12), (11, 12), (11, 13),
    (13, 15), (12, 14), (14, 16),
)  # fmt: skip
"""Pairs of COCO's joints."""
LEFT, RIGHT, MIDDLE = (90, 170, 255), (255, 140, 60), (120, 220, 120)
"""Colours of a person's own left and right, and of what joins them."""


def cut_box(box: Sequence[float] | NDArray[np.float64], frame: tuple[int, int]) -> tuple[int, int, int, int] | None:
    """The part of a frame (height, width) that shows a box (left, top, right, bottom), in whole pixels.

    It is twice as high as wide, about the box's centre, and contains the box, moved so that it lies in the frame; what
    is larger than the frame is as large as the frame. None for a box that is none or is outside the frame.

    >>> cut_box((40, 10, 60, 90), (100, 200))
    (30, 10, 70, 90)
    >>> cut_box((0, 10, 20, 90), (100, 200))
    (0, 10, 40, 90)
    """
    height, width = frame
    left, top, right, bottom = (float(edge) for edge in box)
    if not np.isfinite([left, top, right, bottom]).all() or right <= left or bottom <= top:
        return None
    if right <= 0 or bottom <= 0 or left >= width or top >= height:
        return None
    tall = max(bottom - top, 2 * (right - left))
    high, wide = (max(1, min(limit, round(side))) for side, limit in ((tall, height), (tall / 2, width)))
    x = min(max(round((left + right - wide) / 2), 0), width - wide)
    y = min(max(round((top + bottom - high) / 2), 0), height - high)
    return x, y, x + wide, y + high


def cut(image: NDArray[np.uint8], part: tuple[int, int, int, int]) -> NDArray[np.uint8]:
    """The part (left, top, right, bottom) of an image (H, W, 3), at SIZE."""
    left, top, right, bottom = part
    piece = np.ascontiguousarray(image[top:bottom, left:right])
    shrinks = piece.shape[0] > SIZE[0] and piece.shape[1] > SIZE[1]
    drawn = cv2.resize(piece, SIZE[::-1], interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    return np.asarray(drawn, np.uint8)


def moved(pose: NDArray[np.float64], part: tuple[int, int, int, int]) -> NDArray[np.float64]:
    """Joints (17, 2) of the frame, NaN for missing, as they lie in the crop of a part; MISSING where they do not."""
    left, top, right, bottom = part
    scale = np.array([SIZE[1] / (right - left), SIZE[0] / (bottom - top)])
    joints = (pose - (left, top)) * scale
    inside = np.all((joints >= 0) & (joints < np.array(SIZE[::-1])), axis=-1)  # never of NaN
    return np.where(inside[:, None], joints, float(MISSING))


def pose_text(joints: NDArray[np.float64]) -> str:
    """A line `x y` for each joint, to a thousandth of a pixel.

    >>> pose_text(np.array([[12.0, 200.5], [-1, -1]]))
    '12 200.5\\n-1 -1\\n'
    """
    # Rounding must not carry a joint over the edge.
    inside = np.minimum(joints, np.array(SIZE[::-1]) - 0.001)
    return "".join(" ".join(f"{value:.3f}".rstrip("0").rstrip(".") for value in row) + "\n" for row in inside)


def with_joints(image: NDArray[np.uint8], joints: NDArray[np.float64]) -> NDArray[np.uint8]:
    """A crop (H, W, 3) RGB with its joints (17, 2) drawn over it."""
    drawn = image.copy()
    found = np.all(joints >= 0, axis=-1).tolist()
    points = [(int(x), int(y)) for x, y in joints]
    for a, b in BONES:
        if found[a] and found[b]:
            cv2.line(drawn, points[a], points[b], colour(a, b), 2, cv2.LINE_AA)
    for joint, point in enumerate(points):
        if found[joint]:
            cv2.circle(drawn, point, 3, colour(joint, joint), -1, cv2.LINE_AA)
    return drawn


def colour(a: int, b: int) -> tuple[int, int, int]:
    """Of what joins two joints."""
    sides = {COCO.joints[joint].partition("_")[0] for joint in (a, b)}
    if sides == {"left"}:
        return LEFT
    return RIGHT if sides == {"right"} else MIDDLE
