"""`Prior` is what keypoints, maps and faces have in common: they are transformed along with their picture.

numpy only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sameperson.types import Size


class Placement(Protocol):
    """A transform from a picture to a sample, such as `data.transforms.Transform`; sizes are (height, width)."""

    @property
    def size(self) -> Size:
        """The sample's (height, width) in pixels."""
        ...

    @property
    def mirrored(self) -> bool:
        """Whether the sample is mirrored left to right."""
        ...

    def labels(self, labels: NDArray[np.uint8], grid: Size, swap: NDArray[np.uint8] | None) -> NDArray[np.uint8]:
        """Transform a label map (h, w) over the picture to one of size `grid` over the sample."""
        ...

    def levels(self, levels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Transform grey levels (h, w) over the picture to (H, W) over the sample."""
        ...

    def points(self, points: NDArray[np.float32], swap: Sequence[int] | None) -> NDArray[np.float32]:
        """Transform keypoints (J, 3) over the picture to keypoints (J, 3) over the sample."""
        ...


class Prior(Protocol):
    """What is known of each of N pictures beside its labels. Safe to read from many threads."""

    @property
    def valid(self) -> NDArray[np.bool_]:
        """The mask (N,) of pictures that have it."""
        ...

    def blank(self, count: int, size: Size) -> NDArray[Any]:
        """Make the array for `count` samples of `size` that do not have it."""
        ...

    def place(self, row: int, placement: Placement) -> NDArray[Any]:
        """Return it for a valid picture's sample, as one of `blank`'s arrays; raises InputError for a damaged file."""
        ...


class NeededPrior(Prior, Protocol):
    """A prior that a network can need at test time: it is mirrored with its picture, and known to have changed."""

    def mirror(self, values: NDArray[Any], size: Size) -> NDArray[Any]:
        """Mirror left to right what n samples of `size` have of it: (n, ...), each as `place` returned it."""
        ...

    def stamp(self, row: int) -> Any:
        """Return what a picture's prior was read from, as JSON values, None without one: it changes when that does."""
        ...
