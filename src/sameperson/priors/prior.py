"""What a prior is to the batches: something that lies on pictures and goes where they go.

numpy only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sameperson.types import Size


class Placement(Protocol):
    """Where a picture's pixels go, as `data.transforms.Transform` says it; sizes are (height, width)."""

    @property
    def size(self) -> Size:
        """Of the sample."""
        ...

    @property
    def mirrored(self) -> bool:
        """Whether left becomes right."""
        ...

    def labels(self, labels: NDArray[np.uint8], grid: Size, swap: NDArray[np.uint8] | None) -> NDArray[np.uint8]:
        """A label map (h, w) over the picture to one of size `grid` over the sample."""
        ...

    def levels(self, levels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Grey levels (h, w) over the picture to (H, W) over the sample."""
        ...

    def points(self, points: NDArray[np.float32], swap: Sequence[int] | None) -> NDArray[np.float32]:
        """Keypoints (J, 3) over the picture to the same over the sample."""
        ...


class Prior(Protocol):
    """What is known of each of N pictures beside its labels. Safe to read from many threads."""

    @property
    def valid(self) -> NDArray[np.bool_]:
        """(N,) which pictures it is known of."""
        ...

    def blank(self, count: int, size: Size) -> NDArray[Any]:
        """What `count` samples of `size` have without it."""
        ...

    def place(self, row: int, placement: Placement) -> NDArray[Any]:
        """What a valid picture's sample has: an array as one of `blank`'s. Raises InputError for a damaged file."""
        ...
