"""Augmentation by occlusion: a thing or another person of the training set is pasted in front of a sample.

Where most training pictures show whole people, a network never learns to do without what is hidden (Occluded-Duke's
training set, and the world's `occluded`, hide few). The pasted pixels come from other training pictures, so that
nothing has to be cut out or drawn.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sameperson.data.erasing import Box
from sameperson.types import Size

Picture = NDArray[np.uint8]
LOW, SIDE, POST = (0.25, 0.6), (0.25, 0.5), (0.1, 0.25)
"""The least and the largest share of the height that hides the legs, and of the width at a side or as a post."""
THINGS = 0.5
"""The share of occluders that are things; the others are people."""
PATCH = (0.04, 0.2)
"""The part of a picture that is enlarged to the surface of a thing, as a share of its sides."""


@dataclass(frozen=True)
class Occluder:
    """What stands in front of a sample. paint: the pixels (box.height, box.width, 3) uint8 of its box."""

    box: Box
    paint: Picture

    def picture(self, sample: Picture) -> None:
        """Paint it over a sample (H, W, 3), in place."""
        box = self.box
        sample[box.top : box.top + box.height, box.left : box.left + box.width] = self.paint

    def levels(self, levels: NDArray[np.uint8]) -> None:
        """Set grey levels (H, W) under it to 0, in place."""
        box = self.box
        levels[box.top : box.top + box.height, box.left : box.left + box.width] = 0


def sample_occluder(size: Size, other: Callable[[], Picture], rng: np.random.Generator) -> Occluder:
    """Draw an occluder of a sample of `size`.

    It hides the legs, a side, or a strip from top to bottom. other: gives the picture (h, w, 3) uint8 of another
    person, from which its pixels are taken.
    """
    box = _box(size, rng)
    source = other()
    thing = rng.random() < THINGS
    return Occluder(box, _surface(source, box, rng) if thing else _person(source, size, box, rng))


def _box(size: Size, rng: np.random.Generator) -> Box:
    """Where it stands: in front of the legs, at a side or, as a post, anywhere."""
    height, width = size
    where = rng.integers(3)
    if where == 0:
        tall = _share(LOW, height, rng)
        wide = _share((0.6, 1.0), width, rng)
        return Box(height - tall, int(rng.integers(width - wide + 1)), tall, wide)
    tall = _share((0.6, 1.0), height, rng)
    wide = _share(SIDE if where == 1 else POST, width, rng)
    left = int(rng.integers(2)) * (width - wide) if where == 1 else int(rng.integers(width - wide + 1))
    return Box(height - tall, left, tall, wide)


def _share(between: tuple[float, float], whole: int, rng: np.random.Generator) -> int:
    """A share of a length in pixels, at least one."""
    return max(round(rng.uniform(*between) * whole), 1)


def _person(source: Picture, size: Size, box: Box, rng: np.random.Generator) -> Picture:
    """The upper part of a person as large as the sample's own, of whom the box shows what fits into it."""
    near = cv2.resize(source, (size[1], size[0]), interpolation=cv2.INTER_AREA)
    top = int(rng.integers(max(size[0] - box.height, 0) // 2 + 1))
    left = (size[1] - box.width) // 2
    return np.asarray(near[top : top + box.height, left : left + box.width], np.uint8)


def _surface(source: Picture, box: Box, rng: np.random.Generator) -> Picture:
    """A small patch of a picture, enlarged to the box: colours of this world without the shape of anyone."""
    height, width = source.shape[:2]
    tall, wide = _share(PATCH, height, rng), _share(PATCH, width, rng)
    top, left = int(rng.integers(height - tall + 1)), int(rng.integers(width - wide + 1))
    patch = source[top : top + tall, left : left + wide]
    return np.asarray(cv2.resize(patch, (box.width, box.height), interpolation=cv2.INTER_CUBIC), np.uint8)
