"""Letterboxing: fits a picture into a network's input, and maps the network's output back to the picture.

Coordinates are continuous, as in `images.geometry`. numpy only.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sameperson.images.geometry import Geometry, resize
from sameperson.types import Size

Fit = Literal["pad", "stretch", "edge", "reflect"]
FILLED = ("edge", "reflect")
"""The fits that leave a margin around the picture, each named as numpy's pad mode that fills it."""
MARGIN = 1.25
"""How many times the longer side of a picture the square is that the picture and its margin fill, as in MediaPipe."""


def fit_to_input(source: Size, size: Size, fit: Fit) -> Geometry:
    """Fit a picture of size `source` into an input of `size`.

    `pad` keeps the picture's shape and puts it in the middle of the input, on black; `stretch` fills the input.
    `edge` and `reflect` keep its shape too, and leave a margin around it, which repeats the pixels of the picture's
    edge, or holds its mirror images.
    """
    if fit == "stretch":
        return Geometry.resizing(source, size)
    if fit in FILLED:
        factor = min(size) / (MARGIN * max(source))
    else:
        factor = min(size[0] / source[0], size[1] / source[1])
    height, width = (max(1, round(length * factor)) for length in source)
    return Geometry(source, size, (height, width), ((size[0] - height) // 2, (size[1] - width) // 2))


def fitted_picture(picture: NDArray[np.uint8], geometry: Geometry, fit: Fit) -> NDArray[np.uint8]:
    """Draw a picture (h, w, 3) into the input (H, W, 3) as `fit_to_input` placed it."""
    if fit not in FILLED:
        return geometry.picture(picture)
    scaled = resize(picture, geometry.scaled)
    room = [
        (shift, size - shift - length)
        for shift, size, length in zip(geometry.shift, geometry.size, geometry.scaled, strict=True)
    ]
    return np.pad(scaled, (*room, (0, 0)), mode=fit)


def points_to_picture(points: NDArray[np.float32], geometry: Geometry) -> NDArray[np.float32]:
    """Map points (J, 3) over the input to the picture; points beyond its edges are moved onto them, with confidence 0.

    >>> points_to_picture(np.array([[8, 4, 1]], np.float32), fit_to_input((16, 16), (8, 12), "pad")).tolist()
    [[12.0, 8.0, 1.0]]
    """
    moved = points.copy()
    for axis, column in ((1, 0), (0, 1)):
        length, scaled = geometry.source[axis], geometry.scaled[axis]
        moved[:, column] = (points[:, column] - geometry.shift[axis]) * (length / scaled)
        moved[(moved[:, column] < 0) | (moved[:, column] > length), 2] = 0
        moved[:, column] = moved[:, column].clip(0, length)
    return moved


def pixels_on_grid(grid: Size, geometry: Geometry) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Find where the middles of a picture's pixels lie on a grid over the input: (h,) rows, (w,) columns, in cells."""

    def along(axis: int) -> NDArray[np.float64]:
        middles = (np.arange(geometry.source[axis]) + 0.5) * geometry.scaled[axis] / geometry.source[axis]
        return (middles + geometry.shift[axis]) * grid[axis] / geometry.size[axis]

    return along(0), along(1)
