"""Pyramid pooling (PSPNet, Zhao et al., CVPR 2017): a map beside its means over coarse grids, as global context."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

SIZES = (1, 2, 3, 6)
"""Cells along each side of the grids."""


class PyramidPooling(nn.Module):
    """The map is averaged over each grid, narrowed, enlarged again and concatenated with itself; a 3x3 fuses them."""

    def __init__(self, inputs: int, channels: int, sizes: Sequence[int] = SIZES) -> None:
        """Build it for maps of `inputs` channels; each grid and the result have `channels`."""
        super().__init__()
        self.grids = nn.ModuleList(
            nn.Sequential(nn.AdaptiveAvgPool2d(size), *conv_layers(inputs, channels)) for size in sizes
        )
        self.fuse = nn.Sequential(*conv_layers(inputs + len(sizes) * channels, channels, 3))

    def forward(self, maps: Tensor) -> Tensor:
        """Add context to maps (B, inputs, h, w) -> (B, channels, h, w)."""
        return self.fuse(torch.cat([*(enlarged(grid(maps), maps) for grid in self.grids), maps], 1))


def conv_layers(inputs: int, outputs: int, size: int = 1) -> list[nn.Module]:
    """A convolution that keeps the map's size, batch normalisation and ReLU."""
    conv = nn.Conv2d(inputs, outputs, size, padding=size // 2, bias=False)
    return [conv, nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)]


def enlarged(maps: Tensor, like: Tensor) -> Tensor:
    """Resize maps (B, C, h, w) to the size of another one, bilinear; each cell stands in the middle of its pixels."""
    return F.interpolate(maps, size=like.shape[2:], mode="bilinear", align_corners=False)
