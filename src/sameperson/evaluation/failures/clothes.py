"""Dark clothes: how bright what a person wears is. numpy only."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sameperson.priors.label_sets import IGNORED, Labels, LabelSet

CLOTHES = (
    "clothes", "upper-clothes", "lower-clothes", "dress", "coat", "pants", "jumpsuits", "skirt", "upper", "lower",
    "torso", "body", "legs",
)  # fmt: skip
"""Labels of any set that are clothes, or mostly so."""
HEAD = 0.2
"""The share of a person's height that is head, where only the outline is known."""
FEWEST = 20
"""Pixels of clothes below which nothing is said of them."""


def clothes_of(labels: LabelSet) -> tuple[int, ...]:
    """Return the numbers of a set that are clothes; none for a set of foreground, of found parts, or of the user's own.

    >>> from sameperson.priors.label_sets import LIP
    >>> [LIP.labels[number] for number in clothes_of(LIP)]
    ['upper-clothes', 'dress', 'coat', 'pants', 'jumpsuits', 'skirt']
    """
    return tuple(number for number, name in enumerate(labels.labels) if name in CLOTHES)


def below_head(person: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Take the pixels of a person (h, w) below the head, where only the outline is known."""
    rows = np.flatnonzero(person.any(axis=1))
    body = person.copy()
    if len(rows):
        body[: rows[0] + round(HEAD * (rows[-1] + 1 - rows[0]))] = False
    return body


def clothes_brightness(picture: NDArray[np.uint8], clothes: NDArray[np.bool_]) -> float | None:
    """Measure the brightness of clothes, in [0, 1]: the median of the brightest channel (V of HSV).

    picture: (H, W, 3) uint8; clothes: (H, W). None where there are hardly any.
    """
    if clothes.sum() < FEWEST:
        return None
    return float(np.median(picture[clothes].max(axis=1)) / 255)


def labelled(labels: Labels, numbers: tuple[int, ...]) -> NDArray[np.bool_]:
    """The pixels of a map (h, w) that have one of the labels; 255 is none."""
    return np.isin(labels, numbers) & (labels != IGNORED)
