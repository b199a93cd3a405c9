"""MSCAN, the multi-scale context-aware network: a shallow re-ID backbone of dilated convolutions, MGCAM's trunk.

Li et al., "Learning Deep Context-aware Features over Body and Latent Parts for Person Re-identification", CVPR 2017.
The table of layers is that of MGCAM's published network definition (Song et al., CVPR 2018): 160x64 pixels become 40x16
cells of 96 channels before the third stage, and 5x2 at the end.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from sameperson.models.map_network import MapNetwork

STEM, EACH, DILATIONS = 32, 32, (1, 2, 3)
"""Channels of the stem and of each branch of a stage, and the dilations of its three branches."""


class DilatedStage(nn.Module):
    """Three 3x3 convolutions side by side, with dilations 1, 2 and 3, each normalised; concatenated, then ReLU."""

    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.branches = nn.ModuleList(
            nn.Sequential(nn.Conv2d(inputs, EACH, 3, padding=d, dilation=d, bias=False), nn.BatchNorm2d(EACH))
            for d in DILATIONS
        )

    def forward(self, maps: Tensor) -> Tensor:
        """Compute maps (B, inputs, h, w) -> (B, 96, h, w)."""
        return torch.cat([branch(maps) for branch in self.branches], 1).relu()


class MSCANMap(MapNetwork):
    """MSCAN up to its last feature map, of 1/32 of the picture."""

    channels = EACH * len(DILATIONS)

    def __init__(self) -> None:
        super().__init__()
        self.conv0 = nn.Sequential(nn.Conv2d(3, STEM, 5, padding=2, bias=False), nn.BatchNorm2d(STEM), nn.ReLU())
        self.conv1 = DilatedStage(STEM)
        self.conv2, self.conv3, self.conv4 = (DilatedStage(self.channels) for _ in range(3))
        self.pool = nn.MaxPool2d(2, ceil_mode=True)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.xavier_uniform_(module.weight)

    def forward(self, images: Tensor) -> Tensor:
        """Compute the last map: images (B, 3, H, W) float32, normalised -> (B, 96, H/32, W/32)."""
        maps = images
        for stage in (self.conv0, self.conv1, self.conv2, self.conv3, self.conv4):
            maps = self.pool(stage(maps))
        return maps
