"""Geometry: one resize, shift, crop and mirroring, applied alike to a picture, its label maps and its keypoints.

Coordinates are continuous: x = 0 is the picture's left edge and x = W its right edge, so that a pixel's middle is at
half. All sizes are (height, width) in pixels. numpy only, but for the one filter that torch has and OpenCV lacks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torchvision.transforms.v2 import functional

from sameperson.types import Size

Colour = tuple[int, int, int]
BLACK: Colour = (0, 0, 0)


def resize(picture: NDArray[np.uint8], size: Size) -> NDArray[np.uint8]:
    """Resize (h, w, 3) uint8 to (*size, 3) uint8, bilinear with antialias, as Pillow and torchvision do it."""
    if picture.shape[:2] == size:
        return picture
    if size[0] >= picture.shape[0] and size[1] >= picture.shape[1]:
        # Nothing shrinks, so nothing can alias; OpenCV is faster and equal to within one level.
        return cv2.resize(picture, size[::-1], interpolation=cv2.INTER_LINEAR).astype(np.uint8, copy=False)
    channels_first = torch.from_numpy(picture).permute(2, 0, 1)
    return functional.resize(channels_first, list(size), antialias=True).permute(1, 2, 0).numpy()


@dataclass(frozen=True)
class Geometry:
    """One map from a picture to a sample: resize to `scaled`, move by `shift`, cut to `size` on black, mirror.

    Pad-and-crop, enlarge-and-crop and crop-and-resize are all of this form, and so is their composition.

    source: the picture's size; size: the sample's; scaled: the picture's in the sample's pixels.
    shift: (down, right) in the sample's pixels, before mirroring.
    """

    source: Size
    size: Size
    scaled: Size
    shift: tuple[int, int] = (0, 0)
    mirrored: bool = False

    @classmethod
    def resizing(cls, source: Size, size: Size) -> Geometry:
        """Map the whole picture to `size`, as is done with every picture at test time."""
        return cls(source, size, size)

    def picture(self, picture: NDArray[np.uint8], border: Colour = BLACK) -> NDArray[np.uint8]:
        """Map a picture (h, w, 3) uint8 of the source's size to (H, W, 3) uint8, `border` beyond the source's edges."""
        scaled = resize(picture, self.scaled)
        (top, bottom), (left, right) = (_reach(*row) for row in zip(self.shift, self.scaled, self.size, strict=True))
        down, across = self.shift
        part = scaled[top - down : bottom - down, left - across : right - across]
        if part.shape[:2] == self.size:
            placed = part
        else:
            placed = np.empty((*self.size, 3), np.uint8)
            placed[:] = border
            placed[top:bottom, left:right] = part
        return cv2.flip(placed, 1).astype(np.uint8, copy=False) if self.mirrored else placed

    def labels(
        self, labels: NDArray[np.uint8], grid: Size, swap: NDArray[np.uint8] | None = None, outside: int = 0
    ) -> NDArray[np.uint8]:
        """Map a label map over the picture to a grid over the sample: each cell takes the label under its middle.

        Args:
            labels: (h, w) uint8 at any resolution; it spans the whole picture.
            grid: the result's size; `size` for a full map, smaller for a label grid.
            swap: (256,) uint8, what each label becomes in the mirror (left arm -> right arm), or None.
            outside: the label of cells that the picture does not reach.
        """
        rows, row_inside = self._cells(0, labels.shape[0], grid[0])
        columns, column_inside = self._cells(1, labels.shape[1], grid[1])
        placed = labels[rows][:, columns]
        if swap is not None and self.mirrored:
            placed = swap[placed]
        placed[~row_inside] = outside
        placed[:, ~column_inside] = outside
        return placed

    def points(self, points: NDArray[np.float32], swap: Sequence[int] | None = None) -> NDArray[np.float32]:
        """Map keypoints (J, 3) of x, y, confidence over the picture to keypoints over the sample.

        swap: which joint takes whose place in the mirror. A joint that leaves the sample keeps its coordinates and
        loses its confidence.
        """
        moved = points.copy()
        for axis, column in ((1, 0), (0, 1)):
            moved[:, column] = points[:, column] * (self.scaled[axis] / self.source[axis]) + self.shift[axis]
        if self.mirrored:
            moved[:, 0] = self.size[1] - moved[:, 0]
            moved = moved if swap is None else moved[list(swap)]
        height, width = self.size
        x, y = moved[:, 0], moved[:, 1]
        moved[(x < 0) | (x >= width) | (y < 0) | (y >= height), 2] = 0
        return moved

    def _cells(self, axis: int, length: int, cells: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Find for each cell along an axis the label under its middle, and whether the picture reaches there."""
        # Multiplied before divided, so that a middle that lies on a label's edge is met exactly.
        middles = (np.arange(cells) + 0.5) * self.size[axis] / cells
        if axis == 1 and self.mirrored:
            middles = self.size[1] - middles
        along = middles - self.shift[axis]
        inside = (along >= 0) & (along < self.scaled[axis])
        index = np.floor(along * length / self.scaled[axis]).astype(np.int64)
        return index.clip(0, length - 1), inside


def _reach(shift: int, scaled: int, size: int) -> tuple[int, int]:
    """Find where a moved picture covers the sample along one axis: from, to; empty where it misses the sample."""
    start = min(max(0, shift), size)
    return start, max(start, min(size, scaled + shift))
