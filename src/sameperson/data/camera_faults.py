"""Augmentation by camera faults: colours lost or tinted, low resolution, compression.

A network that learned from rendered or from few cameras meets cameras with other faults; these stand in for them.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sameperson.config import Augment

GREY = np.array([0.299, 0.587, 0.114])
"""Rec. 601 luma of R, G, B."""
COARSEST = 0.25
"""The least resolution that is left, as a share of the sample's."""
QUALITIES = (20, 80)
"""JPEG's quality, from the least to the best."""


@dataclass(frozen=True)
class CameraFault:
    """What a worse camera does to a sample.

    grey: whether its colours are lost; tint: gains of R, G, B. resolution: the share that is left, 1 for all of it.
    quality: of JPEG, 0 for no compression.
    """

    grey: bool = False
    tint: tuple[float, float, float] = (1.0, 1.0, 1.0)
    resolution: float = 1.0
    quality: int = 0

    def picture(self, sample: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Apply the faults to a sample (H, W, 3) uint8; returns a new array."""
        colours = np.diag(self.tint)
        if self.grey:
            colours = np.tile(GREY, (3, 1)) @ colours
        sample = cv2.transform(sample, colours).astype(np.uint8, copy=False)
        height, width = sample.shape[:2]
        if self.resolution < 1:
            small = max(round(width * self.resolution), 1), max(round(height * self.resolution), 1)
            coarse = cv2.resize(sample, small, interpolation=cv2.INTER_AREA)
            sample = cv2.resize(coarse, (width, height)).astype(np.uint8, copy=False)
        if self.quality:
            _, data = cv2.imencode(".jpg", sample, (cv2.IMWRITE_JPEG_QUALITY, self.quality))
            squeezed = cv2.imdecode(data, cv2.IMREAD_COLOR)  # both take the channels as they come
            sample = np.asarray(squeezed, np.uint8)
        return sample


SOUND = CameraFault()


def sample_fault(augment: Augment, rng: np.random.Generator) -> CameraFault:
    """Draw the faults of one sample; what a recipe leaves at 0 draws no number, so that its training stays the same."""
    grey = bool(augment.grey and rng.random() < augment.grey)
    tint = tuple((1 + augment.tint * rng.uniform(-1, 1, 3)).tolist()) if augment.tint else SOUND.tint
    resolution = rng.uniform(COARSEST, 1) if augment.coarse and rng.random() < augment.coarse else 1.0
    quality = int(rng.integers(*QUALITIES)) if augment.jpeg and rng.random() < augment.jpeg else 0
    return CameraFault(grey, (tint[0], tint[1], tint[2]), float(resolution), quality)
