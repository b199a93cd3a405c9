"""Random erasing (Zhong et al., AAAI 2020), with a policy for the labels under the erased box.

It works on uint8 pictures, after they are resized, shifted and mirrored and before they move to the device.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sameperson.types import Size

Fill = Literal["mean", "noise", "zero"]
Policy = Literal["background", "ignore", "keep"]
IGNORE = 255
"""The label that dense losses leave out."""


class Box(NamedTuple):
    """A rectangle of a sample, in pixels."""

    top: int
    left: int
    height: int
    width: int


def sample_box(
    size: Size,
    area: tuple[float, float],
    rng: np.random.Generator,
    aspect: tuple[float, float] = (0.3, 1 / 0.3),
    attempts: int = 100,
) -> Box | None:
    """Draw a box whose share of the sample and height-to-width ratio are uniform in the given ranges.

    Returns None if no such box fitted within `attempts` draws.
    """
    for _ in range(attempts):
        pixels = rng.uniform(*area) * size[0] * size[1]
        ratio = rng.uniform(*aspect)
        height, width = round((pixels * ratio) ** 0.5), round((pixels / ratio) ** 0.5)
        if 0 < height < size[0] and 0 < width < size[1]:
            top, left = rng.integers(size[0] - height + 1), rng.integers(size[1] - width + 1)
            return Box(int(top), int(left), height, width)
    return None


def paint_for(fill: Fill, box: Box, mean: tuple[float, float, float], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Make the pixels that fill the box: the training mean (zero once normalised), black, or noise.

    Returns:
        (3,) or (height, width, 3) uint8.
    """
    if fill == "noise":
        return rng.integers(0, 256, (box.height, box.width, 3), np.uint8)
    return np.rint(np.multiply(mean, 255.0 if fill == "mean" else 0.0)).astype(np.uint8)


def erase_picture(picture: NDArray[np.uint8], box: Box, paint: NDArray[np.uint8]) -> None:
    """Paint the box of a picture (H, W, 3), in place."""
    picture[box.top : box.top + box.height, box.left : box.left + box.width] = paint


def erase_labels(labels: NDArray[np.uint8], box: Box, size: Size, policy: Policy) -> None:
    """Relabel, in place, the cells of a label grid whose middle lies in the box.

    labels: (h, w) uint8, a grid over a sample of `size`.
    """
    if policy == "keep":
        return
    rows = (np.arange(labels.shape[0]) + 0.5) * size[0] / labels.shape[0] - box.top
    columns = (np.arange(labels.shape[1]) + 0.5) * size[1] / labels.shape[1] - box.left
    under = ((rows >= 0) & (rows < box.height))[:, None] & ((columns >= 0) & (columns < box.width))
    labels[under] = 0 if policy == "background" else IGNORE


def erase_points(points: NDArray[np.float32], box: Box, policy: Policy) -> None:
    """Set to zero, in place, the confidence of the keypoints (J, 3) that the box hides."""
    if policy == "keep":
        return
    x, y = points[:, 0] - box.left, points[:, 1] - box.top
    points[(x >= 0) & (x < box.width) & (y >= 0) & (y < box.height), 2] = 0
