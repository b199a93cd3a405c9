"""Augmentation: a transform is sampled once and applied alike to a picture, its label maps and its keypoints.

A `Transform` holds the sampled values. Nothing is drawn while it is applied, so picture, maps and keypoints may pass
through it in any order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from sameperson.config import Augment, Data
from sameperson.data.camera_faults import GREY, SOUND, CameraFault, sample_fault
from sameperson.data.erasing import (
    IGNORE,
    Box,
    Policy,
    erase_labels,
    erase_picture,
    erase_points,
    paint_for,
    sample_box,
)
from sameperson.data.occlusion import Occluder, sample_occluder
from sameperson.images.affine import Affine
from sameperson.images.geometry import BLACK, Colour, Geometry
from sameperson.priors.letterbox import Fit, fit_to_input
from sameperson.types import Size

LEAST_ZOOM = 0.05
"""The smallest scale of a picture, whatever the recipe's deviation."""


@dataclass(frozen=True)
class Transform:
    """A sampled augmentation.

    colour: factors of brightness, contrast and saturation, 1 for none. occluder: what is pasted in front, or None; the
    labels under it become background. camera: what a worse camera does to the sample. box, paint: the erased rectangle
    and what fills it, or None. policy: what labels under the box become. border, outside: the colour and the label
    beyond the picture's edges.
    """

    geometry: Geometry | Affine
    colour: tuple[float, float, float] = (1.0, 1.0, 1.0)
    camera: CameraFault = SOUND
    box: Box | None = None
    paint: NDArray[np.uint8] | None = None
    policy: Policy = "background"
    occluder: Occluder | None = None
    border: Colour = BLACK
    outside: int = 0

    @property
    def size(self) -> Size:
        """The sample's (height, width) in pixels."""
        return self.geometry.size

    @property
    def mirrored(self) -> bool:
        """Whether the sample is mirrored left to right."""
        return self.geometry.mirrored

    def picture(self, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Transform a picture (h, w, 3) uint8 to its sample (H, W, 3) uint8."""
        if self.colour != (1.0, 1.0, 1.0):
            picture = change_colour(picture, *self.colour)
        placed = self.geometry.picture(picture, self.border)
        if self.occluder is not None:
            placed = placed.copy() if np.may_share_memory(placed, picture) else placed
            self.occluder.picture(placed)
        if self.camera != SOUND:
            placed = self.camera.picture(placed)
        if self.box is None or self.paint is None:
            return placed
        placed = placed.copy() if np.may_share_memory(placed, picture) else placed
        erase_picture(placed, self.box, self.paint)
        return placed

    def labels(self, labels: NDArray[np.uint8], grid: Size, swap: NDArray[np.uint8] | None) -> NDArray[np.uint8]:
        """Transform a label map (h, w) uint8 over the picture to one of size `grid` over the sample."""
        placed = self.geometry.labels(labels, grid, swap, self.outside)
        if self.occluder is not None:
            erase_labels(placed, self.occluder.box, self.geometry.size, "background")
        if self.box is not None:
            erase_labels(placed, self.box, self.geometry.size, self.policy)
        return placed

    def levels(self, levels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Transform grey levels (h, w) uint8 over the picture to (H, W) over the sample.

        They are interpolated as the picture is, 0 under an occluder, and never erased. They may have another resolution
        than the picture; outside it they are 0.
        """
        placed = self.geometry.picture(cv2.merge([levels] * 3).astype(np.uint8, copy=False))[..., 0]
        if self.occluder is not None:
            placed = placed.copy()
            self.occluder.levels(placed)
        return placed

    def points(self, points: NDArray[np.float32], swap: Sequence[int] | None) -> NDArray[np.float32]:
        """Transform keypoints (J, 3) over the picture to keypoints (J, 3) over the sample."""
        placed = self.geometry.points(points, swap)
        if self.occluder is not None:
            erase_points(placed, self.occluder.box, "background")
        if self.box is not None:
            erase_points(placed, self.box, self.policy)
        return placed


def sample_transform(
    source: Size,
    data: Data,
    rng: np.random.Generator,
    other: Callable[[np.random.Generator], NDArray[np.uint8]] | None = None,
    fit: Fit = "stretch",
) -> Transform:
    """Draw the augmentation of a picture of size `source` under a recipe's `data.augment`.

    other: draws the picture of another person, who may be pasted in front; None pastes nobody. fit: how the picture is
    brought to `data.size`.
    """
    augment = data.augment
    mirrored = bool(rng.random() < augment.flip)
    down, right = (int(shift) for shift in rng.integers(-augment.pad, augment.pad + 1, 2))
    fitted = fit_to_input(source, data.size, fit)
    shift = fitted.shift[0] + down, fitted.shift[1] + right
    geometry: Geometry | Affine = Geometry(source, data.size, fitted.scaled, shift, mirrored)
    colour = _sample_colour(augment, rng)
    box = sample_box(data.size, augment.erase_area, rng) if rng.random() < augment.erase else None
    paint = None if box is None else paint_for(augment.erase_fill, box, data.mean, rng)
    fault = sample_fault(augment, rng)
    occluder = None
    if augment.occlude and other is not None and rng.random() < augment.occlude:
        occluder = sample_occluder(data.size, partial(other, rng), rng)
    if augment.scale or augment.rotate:  # drawn last, so that the other numbers are the same without it
        geometry = _turned(geometry, augment, rng)
    border = BLACK
    if augment.border == "mean":
        red, green, blue = (round(255 * share) for share in data.mean)
        border = (red, green, blue)
    outside = IGNORE if augment.border_labels == "ignore" else 0
    return Transform(geometry, colour, fault, box, paint, augment.erase_labels, occluder, border, outside)


def _turned(plain: Geometry, augment: Augment, rng: np.random.Generator) -> Affine:
    """Draw a scale and a rotation, each normal about none and cut at one and at two deviations (CE2P, SCHP)."""
    zoom = 1 + augment.scale * float(np.clip(rng.standard_normal(), -1, 1))
    degrees = augment.rotate * float(np.clip(rng.standard_normal(), -2, 2))
    return Affine(plain, degrees if rng.random() < augment.rotate_share else 0.0, max(zoom, LEAST_ZOOM))


def _sample_colour(augment: Augment, rng: np.random.Generator) -> tuple[float, float, float]:
    reach = np.array([augment.brightness, augment.contrast, augment.saturation])
    brightness, contrast, saturation = 1 + reach * rng.uniform(-1, 1, 3)
    return float(brightness), float(contrast), float(saturation)


def change_colour(
    picture: NDArray[np.uint8], brightness: float, contrast: float, saturation: float
) -> NDArray[np.uint8]:
    """Change brightness, then contrast about the mean grey, then saturation.

    The three make one linear map of the colours, which is clipped once at the end.
    """
    mean_grey = brightness * float(GREY @ cv2.mean(picture)[:3])
    saturate = saturation * np.eye(3) + (1 - saturation) * np.tile(GREY, (3, 1))
    offset = saturate @ np.full(3, (1 - contrast) * mean_grey)
    colours = np.column_stack([saturate * (contrast * brightness), offset])
    return cv2.transform(picture, colours).astype(np.uint8, copy=False)
