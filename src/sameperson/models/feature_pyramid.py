"""Feature pyramid (FPN, Lin et al., CVPR 2017) as a light decoder: coarse maps are enlarged and added to finer ones."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sameperson.models.map_network import MapNetwork


class FeaturePyramid(nn.Module):
    """Maps of several resolutions become one of the finest.

    Each map is narrowed by a 1x1 convolution; from the coarsest on, what is there so far is enlarged (bilinear), added
    to the next finer map and smoothed by a depthwise and a pointwise convolution.
    """

    def __init__(self, widths: Sequence[int], channels: int) -> None:
        """Build it; widths: channels of the maps, the finest first."""
        super().__init__()
        self.narrow = nn.ModuleList(
            nn.Sequential(nn.Conv2d(width, channels, 1, bias=False), nn.BatchNorm2d(channels)) for width in widths
        )
        self.smooth = nn.ModuleList(separable_conv(channels) for _ in widths)

    def forward(self, stages: Sequence[Tensor]) -> Tensor:
        """Fuse maps (B, widths[i], h_i, w_i), the finest first -> (B, channels, h_0, w_0)."""
        fused: Tensor | None = None
        for one, narrow, smooth in zip(reversed(stages), reversed(self.narrow), reversed(self.smooth), strict=True):
            finer = narrow(one)
            if fused is not None:
                finer = finer + F.interpolate(fused, size=finer.shape[2:], mode="bilinear", align_corners=False)
            fused = smooth(F.relu(finer))
        if fused is None:
            raise ValueError("no maps to fuse")
        return fused


def separable_conv(channels: int) -> nn.Sequential:
    """A depthwise 3x3 and a pointwise convolution, each with batch normalisation, and ReLU."""
    return nn.Sequential(
        nn.Conv2d(channels, channels, 3, padding=1, groups=channels, bias=False),
        nn.BatchNorm2d(channels),
        nn.Conv2d(channels, channels, 1, bias=False),
        nn.BatchNorm2d(channels),
        nn.ReLU(inplace=True),
    )


def widths_of(network: MapNetwork, size: tuple[int, int]) -> list[int]:
    """The channels of the maps that `network.stages` gives for pictures of `size`, the finest first."""
    training = network.training
    with torch.no_grad():
        maps = network.eval().stages(torch.zeros(1, 3, *size))
    network.train(training)
    return [one.shape[1] for one in maps]
