"""Networks of timm with the maps of their last four stages, also where two have the same resolution."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from sameperson.models.timm_map import TimmMap

STAGES, FINEST = 4, 4
"""How many stages are given at most, and pixels along a side of a cell of the finest map that may be among them."""


class TimmLastStages(TimmMap):
    """A timm network that gives the maps of its last four stages, none finer than a quarter of the picture."""

    def __init__(self, net: Any, size: tuple[int, int]) -> None:
        """Wrap `net` and try it on one picture of `size`; raises RuntimeError where it has fewer than three stages."""
        if not hasattr(net, "forward_intermediates"):
            raise RuntimeError("it tells nothing of its stages")
        super().__init__(net, size)
        with torch.no_grad():
            maps = self.eval().net.forward_intermediates(torch.zeros(1, 3, *size), intermediates_only=True)
        self.train()
        coarse = [index for index, one in enumerate(maps) if one.shape[2] <= -(-size[0] // FINEST)]
        if len(coarse) < STAGES - 1:
            raise RuntimeError(f"it has {len(coarse)} stages of 1/{FINEST} or less")
        self.indices = coarse[-STAGES:]

    def stages(self, images: Tensor) -> list[Tensor]:
        """Compute the maps of the last stages, the first one first: images (B, 3, H, W) float32, normalised."""
        return self.net.forward_intermediates(images, indices=self.indices, intermediates_only=True)
