"""The priors of a batch: arrays that are filled sample by sample and become the batch's tensors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sameperson.data.batch import Priors
from sameperson.data.transforms import Transform
from sameperson.priors.prior import NeededPrior, Prior
from sameperson.types import Size


@dataclass(frozen=True)
class PriorBatch:
    """The priors of a batch of B samples while it is filled.

    arrays: name -> (B, ...), zeros where missing; valid: name -> (B,) bool.
    """

    priors: Mapping[str, Prior]
    arrays: Mapping[str, NDArray[Any]]
    valid: Mapping[str, NDArray[np.bool_]]

    @classmethod
    def empty(cls, priors: Mapping[str, Prior], count: int, size: Size) -> PriorBatch:
        """Make empty arrays for `count` samples of `size`."""
        arrays = {name: prior.blank(count, size) for name, prior in priors.items()}
        return cls(priors, arrays, {name: np.zeros(count, bool) for name in priors})

    def put(self, place: int, row: int, transform: Transform) -> None:
        """Write the priors of picture `row`, transformed as the picture is, at position `place` of the batch."""
        for name, prior in self.priors.items():
            if prior.valid[row]:
                self.arrays[name][place], self.valid[name][place] = prior.place(row, transform), True

    def tensors(self, count: int | None = None) -> dict[str, dict[str, Tensor]]:
        """Return `priors` and `valid` of the first `count` samples as tensors, as `Batch` holds them."""
        columns = {"priors": self.arrays, "valid": self.valid}
        return {kind: {name: torch.from_numpy(v[:count]) for name, v in of.items()} for kind, of in columns.items()}


def mirror_priors(opened: Mapping[str, NeededPrior], priors: Priors, size: Size) -> Priors:
    """Mirror the priors of samples of `size` as their pictures are mirrored; where one is missing, zeros stay.

    opened: what each was read from.
    """
    mirrored = {}
    for name, values in priors.items():
        array, has = values.numpy().copy(), priors.valid[name].numpy()
        array[has] = opened[name].mirror(array[has], size)
        mirrored[name] = torch.from_numpy(array)
    return Priors(mirrored, priors.valid)
