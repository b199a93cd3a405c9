"""Several people in one picture: how much of other people a map of everybody shows. numpy and OpenCV."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from sameperson.priors.label_sets import Labels

Mask = NDArray[np.bool_]
SMALLEST = 0.005
"""The share of a picture below which a patch is taken for noise of the parser."""


def outside(everybody: Mask, person: Mask) -> float:
    """Measure other people beside the one, as a share of the picture: person pixels outside the person's mask.

    everybody, person: (h, w). The mask is widened by a fiftieth of the height, because outlines of two networks differ.
    """
    margin = 2 * max(1, round(person.shape[0] / 50)) + 1
    near = cv2.dilate(person.astype(np.uint8), np.ones((margin, margin), np.uint8))
    return patches(everybody & (near == 0))


def beside_main(labels: Labels, person: Sequence[int], head: Sequence[int]) -> float:
    """Measure other people in a map of everybody alone, as a share of the picture.

    labels: (h, w). They are patches of person pixels that do not touch the largest, or heads beyond the largest, of
    whose people the body is hidden in the same patch; a head stands for seven times its own size, as a body is.
    """
    body = np.isin(labels, person)
    apart = _without_largest(body)
    heads = _without_largest(np.isin(labels, head)) if len(head) else 0.0
    return min(max(apart, HEAD_TO_BODY * heads), 1.0)


HEAD_TO_BODY = 7
"""How many times larger than their head a person is in a picture, about."""


def patches(mask: Mask) -> float:
    """The share of a map that its patches cover, those that are too small left out."""
    return float(_areas(mask).sum() / mask.size)


def _without_largest(mask: Mask) -> float:
    """The share of a map that all its patches but the largest cover, those that are too small left out."""
    areas = _areas(mask)
    return float((areas.sum() - areas.max(initial=0)) / mask.size)


def _areas(mask: Mask) -> NDArray[np.int64]:
    """The pixels of each patch that is large enough."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    areas = stats[1:, cv2.CC_STAT_AREA].astype(np.int64)
    return areas[areas >= SMALLEST * mask.size]
