"""What a rendered pixel can show: the LIP classes, three of our own, and how they are written to disk.

LIP-20 (Look Into Person) has no class for a bag or for bare chest, belly and back; the renderer keeps them apart and
`to_lip` folds them back in. Nothing in here needs the renderer.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray


class Label(IntEnum):
    """One class per pixel; 0 to 19 are LIP's. Left and right are the person's own."""

    BACKGROUND = 0
    HAT = 1
    HAIR = 2
    GLOVE = 3
    GLASSES = 4
    UPPER = 5
    DRESS = 6
    COAT = 7
    SOCKS = 8
    TROUSERS = 9
    JUMPSUIT = 10
    SCARF = 11
    SKIRT = 12
    FACE = 13
    LEFT_ARM = 14
    RIGHT_ARM = 15
    LEFT_LEG = 16
    RIGHT_LEG = 17
    LEFT_SHOE = 18
    RIGHT_SHOE = 19
    BAG = 20
    TORSO_SKIN = 21
    OCCLUDER = 22


def to_lip(parsing: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Labels (H, W) as LIP-20: bare torso becomes face (LIP's only other skin), bag and occluder background.

    A bag stays part of the person in the mask, so the mask is not `to_lip(parsing) > 0`.

    >>> to_lip(np.array([[5, 20, 21, 22]], np.uint8)).tolist()
    [[5, 0, 13, 0]]
    """
    table = np.arange(256, dtype=np.uint8)
    table[Label.TORSO_SKIN] = Label.FACE
    table[[Label.BAG, Label.OCCLUDER]] = Label.BACKGROUND
    return table[parsing]


PALETTE: NDArray[np.uint8] = np.array(
    [
        (0, 0, 0),
        (128, 0, 0),
        (255, 0, 0),
        (0, 85, 0),
        (170, 0, 51),
        (255, 85, 0),
        (0, 0, 85),
        (0, 119, 221),
        (85, 85, 0),
        (0, 85, 85),
        (85, 51, 0),
        (52, 86, 128),
        (0, 128, 0),
        (0, 0, 255),
        (51, 170, 221),
        (0, 255, 255),
        (85, 255, 170),
        (170, 255, 85),
        (255, 255, 0),
        (255, 170, 0),
        (200, 100, 255),
        (255, 180, 160),
        (120, 120, 120),
    ],
    np.uint8,
)
"""(23, 3) the colours LIP's own tools paint the classes with, then ours."""
