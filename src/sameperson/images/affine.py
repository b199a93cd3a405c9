"""Affine geometry: a picture is rotated and scaled about its centre, then resized, moved, cut and mirrored.

The rotation is made in the picture's own pixels, so that a person who leans keeps its shape whatever the size of the
sample. Coordinates are continuous and sizes are (height, width), as in `images.geometry`. numpy and OpenCV only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sameperson.images.geometry import BLACK, Colour, Geometry, resize
from sameperson.types import Size

EDGE = 1e-9
"""Pixels by which a place that lies on a label's edge, but for rounding, is moved into the label after it."""


@dataclass(frozen=True)
class Affine:
    """One affine map from a picture to a sample: rotate and scale about the centre, then what `plain` does.

    plain: the geometry of the picture as it stands. degrees: the rotation, clockwise. zoom: the scale; 2 shows the
    picture twice as large.
    """

    plain: Geometry
    degrees: float = 0.0
    zoom: float = 1.0

    @property
    def source(self) -> Size:
        """The picture's (height, width)."""
        return self.plain.source

    @property
    def size(self) -> Size:
        """The sample's (height, width)."""
        return self.plain.size

    @property
    def mirrored(self) -> bool:
        """Whether the sample is mirrored left to right."""
        return self.plain.mirrored

    @property
    def matrix(self) -> NDArray[np.float64]:
        """The map (2, 3) from x, y, 1 in the picture to x, y in the sample."""
        height, width = self.source
        angle = np.deg2rad(self.degrees)
        cosine, sine = self.zoom * np.cos(angle), self.zoom * np.sin(angle)
        turn = np.array([[cosine, -sine], [sine, cosine]])
        centre = np.array([width / 2, height / 2])
        sides = np.array([self.plain.scaled[1] / width, self.plain.scaled[0] / height])
        linear = sides[:, None] * turn
        moved = sides * (centre - turn @ centre) + np.array(self.plain.shift[::-1])
        if self.mirrored:
            linear[0], moved[0] = -linear[0], self.size[1] - moved[0]
        return np.column_stack([linear, moved])

    def picture(self, picture: NDArray[np.uint8], border: Colour = BLACK) -> NDArray[np.uint8]:
        """Map a picture (h, w, 3) uint8 to (H, W, 3) uint8, bilinear, `border` beyond the picture's edges."""
        scaled = resize(picture, self.plain.scaled)  # with antialias, which the warp does not have
        sides = np.array([self.source[1] / self.plain.scaled[1], self.source[0] / self.plain.scaled[0]])
        warp = self.matrix.copy()
        warp[:, :2] *= sides
        warp[:, 2] += warp[:, :2] @ [0.5, 0.5] - 0.5  # OpenCV's coordinates are whole at a pixel's middle
        placed = cv2.warpAffine(
            scaled, warp, self.size[::-1], flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=border
        )
        return placed.astype(np.uint8, copy=False)

    def labels(
        self, labels: NDArray[np.uint8], grid: Size, swap: NDArray[np.uint8] | None = None, outside: int = 0
    ) -> NDArray[np.uint8]:
        """Map a label map over the picture to a grid over the sample, as `Geometry.labels` does."""
        inverse = cv2.invertAffineTransform(self.matrix)
        y = (np.arange(grid[0]) + 0.5) * self.size[0] / grid[0]
        x = (np.arange(grid[1]) + 0.5) * self.size[1] / grid[1]
        across = inverse[0, 0] * x + inverse[0, 1] * y[:, None] + inverse[0, 2] + EDGE
        down = inverse[1, 0] * x + inverse[1, 1] * y[:, None] + inverse[1, 2] + EDGE
        inside = (across >= 0) & (across < self.source[1]) & (down >= 0) & (down < self.source[0])
        rows, columns = (
            np.floor(place * length / side).astype(np.int64).clip(0, length - 1)
            for place, length, side in zip((down, across), labels.shape, self.source, strict=True)
        )
        placed = labels[rows, columns]
        if swap is not None and self.mirrored:
            placed = swap[placed]
        placed[~inside] = outside
        return placed

    def points(self, points: NDArray[np.float32], swap: Sequence[int] | None = None) -> NDArray[np.float32]:
        """Map keypoints (J, 3) over the picture to keypoints over the sample, as `Geometry.points` does."""
        moved = points.copy()
        moved[:, :2] = points[:, :2] @ self.matrix[:, :2].T + self.matrix[:, 2]
        if swap is not None and self.mirrored:
            moved = moved[list(swap)]
        height, width = self.size
        x, y = moved[:, 0], moved[:, 1]
        moved[(x < 0) | (x >= width) | (y < 0) | (y >= height), 2] = 0
        return moved
