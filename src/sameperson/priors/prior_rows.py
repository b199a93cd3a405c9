"""Some rows of a prior that is open already, so that pictures taken out of others need not open theirs again.

numpy only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sameperson.priors.prior import NeededPrior, Placement
from sameperson.types import Rows, Size


@dataclass(frozen=True)
class PriorRows:
    """A prior of n pictures, which are the `rows` (n,) of those that `prior` is of."""

    prior: NeededPrior
    rows: Rows

    @property
    def valid(self) -> NDArray[np.bool_]:
        """The mask (n,) of pictures that have it."""
        return self.prior.valid[self.rows]

    def blank(self, count: int, size: Size) -> NDArray[Any]:
        """Make the array for `count` samples of `size` that do not have it."""
        return self.prior.blank(count, size)

    def place(self, row: int, placement: Placement) -> NDArray[Any]:
        """Return it for a valid picture's sample; raises InputError for a damaged file."""
        return self.prior.place(int(self.rows[row]), placement)

    def mirror(self, values: NDArray[Any], size: Size) -> NDArray[Any]:
        """Mirror what n samples of `size` have of it."""
        return self.prior.mirror(values, size)

    def stamp(self, row: int) -> Any:
        """Return what a picture's prior was read from."""
        return self.prior.stamp(int(self.rows[row]))
