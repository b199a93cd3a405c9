"""Label classes of rendered pixels: LIP-20 and three of our own, with their palette.

LIP-20 (Look Into Person) has no class for a bag or for bare chest, belly and back; the renderer keeps them apart and
`to_lip` folds them back in. Nothing in here needs the renderer.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from sameperson.checks import choose
from sameperson.priors.label_sets import LIP, MERGES, merge_table


class Label(IntEnum):
    """The class of a pixel; 0 to 19 are LIP's. Left and right are the person's own."""

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
    """Convert labels (H, W) to LIP-20: bare torso becomes face (LIP's only other skin), bag and occluder background.

    A bag stays part of the person in the mask, so the mask is not `to_lip(parsing) > 0`.

    >>> to_lip(np.array([[5, 20, 21, 22]], np.uint8)).tolist()
    [[5, 0, 13, 0]]
    """
    table = np.arange(256, dtype=np.uint8)
    table[Label.TORSO_SKIN] = Label.FACE
    table[[Label.BAG, Label.OCCLUDER]] = Label.BACKGROUND
    return table[parsing]


def cloth_irrelevant(parsing: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """The mask of cloth-irrelevant pixels of labels (H, W): face, hair and bare skin, as in DeskPro's masks.

    >>> cloth_irrelevant(np.array([[2, 5, 13, 14, 20]], np.uint8)).tolist()
    [[True, False, True, True, False]]
    """
    return np.isin(parsing, IRRELEVANT)


IRRELEVANT = np.array(
    [
        Label.HAIR,
        Label.GLASSES,
        Label.FACE,
        Label.LEFT_ARM,
        Label.RIGHT_ARM,
        Label.LEFT_LEG,
        Label.RIGHT_LEG,
        Label.TORSO_SKIN,
    ],
    np.uint8,
)


def merged(lip: NDArray[np.uint8], merge: str) -> NDArray[np.uint8]:
    """Merge LIP-20 labels (H, W) into the coarser classes named by `merge`.

    >>> merged(np.array([[0, 13, 9, 3]], np.uint8), "study-7").tolist()
    [[0, 1, 2, 255]]
    """
    choose("merge", merge, MERGES)
    return merge_table("lip", merge)[lip]


PALETTE: NDArray[np.uint8] = np.concatenate(
    [LIP.palette, np.array([(200, 100, 255), (255, 180, 160), (120, 120, 120)], np.uint8)]
)
"""The palette (23, 3): the colours that LIP's own tools use, then ours."""
