"""Faces cut from pictures, in low resolution as they are and in high resolution from a camera without faults.

Such pairs train a network as restored faces do in DeskPro, without the errors of a face restorer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sameperson.world.body.mesh import Floats
from sameperson.world.body.model import FACE, KEYPOINTS
from sameperson.world.pictures.crop import BATCH, Crop, Shot
from sameperson.world.pictures.scene import PosedScenes, Scene
from sameperson.world.places.camera import develop, project

SIZE = 112
"""Pixels a side of a face in high resolution."""
REACH = 0.135
"""Metres from the middle of a face to the edges of its picture."""
LEAST = 6
"""Pixels a side below which a face is left out."""
NOSE = KEYPOINTS.index("nose")
POINTS = [KEYPOINTS.index(name) for name in FACE]
CLEAN = {"noise": 0.0, "blur": 0.0, "resolution": 1.0, "veil": 0.0, "sharpening": 0.0, "photon_noise": 0.0}
"""The fields of a camera without faults."""


@dataclass(frozen=True, eq=False)
class Face:
    """A face. low: (h, w, 3) uint8, cut from the picture; high: (SIZE, SIZE, 3) uint8, without a camera's faults."""

    low: NDArray[np.uint8]
    high: NDArray[np.uint8]


def draw_faces(shots: Sequence[Shot], crops: Sequence[Crop], device: str = "cpu") -> list[Face | None]:
    """Draw the face of each crop, None where its nose is not visible or it is too small."""
    places = [face_place(shot, crop) for shot, crop in zip(shots, crops, strict=True)]
    faces: list[Face | None] = [None] * len(shots)
    visible = [k for k, at in enumerate(places) if at is not None]
    for start in range(0, len(visible), BATCH):
        batch = visible[start : start + BATCH]
        staged = PosedScenes(
            [Scene(s.camera, (s.figure, *s.bystanders), s.props) for s in (shots[k] for k in batch)], device
        )
        squares = [square_in_frame(shots[k], crops[k]) for k in batch]
        views = [staged.view(n, square, (SIZE, SIZE)) for n, square in enumerate(squares)]
        for k, drawn in zip(batch, staged.draw(views, (SIZE, SIZE), 2), strict=True):
            at = places[k]
            assert at is not None
            left, top, right, bottom = at
            clean = replace(shots[k].camera, **CLEAN, motion=(0.0, 0.0), stream_quality=0)
            high = develop(drawn.image, clean, np.random.default_rng(0))
            faces[k] = Face(crops[k].image[top:bottom, left:right].copy(), high)
    return faces


def square_in_frame(shot: Shot, crop: Crop) -> Floats:
    """Compute the square (left, top, right, bottom) around a face in the camera's full frame."""
    middle = crop.points[POINTS].mean(0)
    x, y, depth = project(shot.camera, middle[None])[0]
    reach = REACH * shot.camera.f / depth
    return np.array([x - reach, y - reach, x + reach, y + reach])


def face_place(shot: Shot, crop: Crop) -> tuple[int, int, int, int] | None:
    """Find the face in a crop: left, top, right, bottom in whole pixels, or None."""
    if crop.keypoints[NOSE, 2] < 2:
        return None
    height, width = crop.mask.shape
    left, top, right, bottom = crop.box
    scale = np.array([width / (right - left), height / (bottom - top)])
    square = square_in_frame(shot, crop).reshape(2, 2)
    low, high = np.rint((square - (left, top)) * scale).astype(int).clip(0, (width, height))
    if min(high - low) < LEAST:
        return None
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])
