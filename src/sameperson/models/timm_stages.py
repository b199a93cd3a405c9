"""timm's networks as one fine map of all their resolutions."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from sameperson.models.multiscale_fusion import FINENESS, cells_of, merge
from sameperson.models.timm_map import TimmMap

UNUSED = ("downsamp_modules", "final_layer")
"""Of HRNet, what leads from its branches down to the classifier."""


class TimmStages(TimmMap):
    """The last map of each resolution from a quarter of the picture on, merged; of HRNet its branches as they are."""

    def __init__(self, net: Any, size: tuple[int, int]) -> None:
        """Raises RuntimeError where `net` tells nothing of its stages: it is tried on a picture of `size`."""
        if not hasattr(net, "forward_intermediates"):
            raise RuntimeError("it tells nothing of its stages")
        for name in UNUSED:
            if hasattr(net, name):
                setattr(net, name, None)
        self._stages, self._coarsest = last_of_each(net, size)
        super().__init__(net, size)

    def forward(self, images: Tensor) -> Tensor:
        """images: (B, 3, H, W) float32, normalised -> (B, channels, ceil(H / 4), ceil(W / 4))."""
        return merge(self.stages(images), cells_of(*images.shape[2:]))

    def stages(self, images: Tensor) -> list[Tensor]:
        """images: (B, 3, H, W) float32, normalised -> one map of each resolution, the finest first."""
        return self.net.forward_intermediates(images, indices=self._stages, intermediates_only=True)


def last_of_each(net: Any, size: tuple[int, int]) -> tuple[list[int], int]:
    """Which of a network's intermediate maps are the last of their resolution, from a quarter of the picture on.

    Also how many channels the last of them has.
    """
    training = net.training
    with torch.no_grad():
        maps = net.eval().forward_intermediates(torch.zeros(1, 3, *size), intermediates_only=True)
    net.train(training)
    finest = cells_of(*size)[0]
    last = {rows: place for place, found in enumerate(maps) if (rows := found.shape[2]) <= finest}
    if not last:
        raise RuntimeError(f"no map of a {FINENESS}th of the picture or less")
    places = sorted(last.values())
    return places, maps[places[-1]].shape[1]
