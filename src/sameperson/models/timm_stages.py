"""Networks of timm as multi-scale backbones: the maps of all resolutions merged into one fine map."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from sameperson.models.multiscale_fusion import FINENESS, cells_of, merge
from sameperson.models.timm_map import TimmMap

UNUSED = ("downsamp_modules", "final_layer")
"""The modules of HRNet between its branches and its classifier, which are removed."""


class TimmStages(TimmMap):
    """A timm network with the last map of each resolution from a quarter of the picture on, merged into one.

    Of HRNet these are its branches.
    """

    def __init__(self, net: Any, size: tuple[int, int]) -> None:
        """Wrap `net` and try it on one picture of `size`; raises RuntimeError where it does not give its stages."""
        if not hasattr(net, "forward_intermediates"):
            raise RuntimeError("it tells nothing of its stages")
        for name in UNUSED:
            if hasattr(net, name):
                setattr(net, name, None)
        self._stages, self._coarsest = last_of_each(net, size)
        super().__init__(net, size)

    def forward(self, images: Tensor) -> Tensor:
        """Merge the maps of all resolutions.

        images: (B, 3, H, W) float32, normalised -> (B, channels, ceil(H / 4), ceil(W / 4)).
        """
        return merge(self.stages(images), cells_of(*images.shape[2:]))

    def stages(self, images: Tensor) -> list[Tensor]:
        """Compute one map of each resolution, the finest first: images (B, 3, H, W) float32, normalised."""
        return self.net.forward_intermediates(images, indices=self._stages, intermediates_only=True)


def last_of_each(net: Any, size: tuple[int, int]) -> tuple[list[int], int]:
    """Find the last intermediate map of each resolution from a quarter of the picture on.

    Returns their indices, and the number of channels of the coarsest.
    """
    training = net.training
    with torch.no_grad():
        maps = net.eval().forward_intermediates(torch.zeros(1, 3, *size), intermediates_only=True)
    net.train(training)
    finest = cells_of(*size)[0]
    last = {rows: index for index, one in enumerate(maps) if (rows := one.shape[2]) <= finest}
    if not last:
        raise RuntimeError(f"no map of a {FINENESS}th of the picture or less")
    indices = sorted(last.values())
    return indices, maps[indices[-1]].shape[1]
