"""The branches of CE2P: the decoder with high-resolution features, and the edge branch.

torch only. Shapes at 473x473 with a ResNet: the finest stage is (256, 119, 119), the context (512, 30, 30).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from sameperson.models.pyramid_pooling import conv_layers, enlarged


class FineDecoder(nn.Module):
    """The context, narrowed and enlarged to the finest stage, and beside it that stage's own details."""

    def __init__(self, context: int, finest: int, channels: int, fine_channels: int) -> None:
        """Build it; context, finest: channels of its two inputs; without fine_channels the second is not used."""
        super().__init__()
        self.narrow = nn.Sequential(*conv_layers(context, channels))
        self.fine = nn.Sequential(*conv_layers(finest, fine_channels)) if fine_channels else None
        joined = channels + fine_channels
        self.fuse = nn.Sequential(*conv_layers(joined, channels), *conv_layers(channels, channels))

    def forward(self, context: Tensor, finest: Tensor) -> Tensor:
        """Decode (B, context, h, w) with the finest stage (B, finest, H, W) -> (B, channels, H, W)."""
        maps = enlarged(self.narrow(context), finest)
        if self.fine is not None:
            maps = torch.cat([maps, self.fine(finest)], 1)
        return self.fuse(maps)


class EdgeBranch(nn.Module):
    """Edge features of the first three stages, and the scores of edges.

    Each stage is narrowed by a layer of its own; one shared 3x3 convolution scores the edges of each, and a 1x1
    convolution of the three scores gives the final one.
    """

    def __init__(self, widths: Sequence[int], channels: int) -> None:
        """Build it; widths: channels of the stages."""
        super().__init__()
        self.narrow = nn.ModuleList(nn.Sequential(*conv_layers(width, channels)) for width in widths)
        self.shared = nn.Conv2d(channels, 2, 3, padding=1)
        self.merge = nn.Conv2d(2 * len(widths), 2, 1)

    def features(self, stages: Sequence[Tensor]) -> list[Tensor]:
        """Narrow each stage (B, widths[i], h_i, w_i) -> (B, channels, h_i, w_i)."""
        return [narrow(one) for narrow, one in zip(self.narrow, stages, strict=True)]

    def scores(self, features: Sequence[Tensor]) -> Tensor:
        """Score the edges of what `features` gave -> (B, 2, H, W) of the first one's size."""
        return self.merge(torch.cat([enlarged(self.shared(one), features[0]) for one in features], 1))
