"""Spatial attention: one learned weight for each pixel of a feature map."""

from __future__ import annotations

from torch import Tensor, nn

from sameperson.models.multiscale_fusion import enlarge


class SpatialGate(nn.Module):
    """A spatial attention gate: one weight for each pixel, the same for all channels, computed at half resolution.

    Li et al., "Harmonious Attention Network for Person Re-Identification", CVPR 2018, section 3.1; as ISP uses it.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.look = nn.Sequential(nn.Conv2d(channels, 1, 3, stride=2, padding=1), nn.BatchNorm2d(1), nn.ReLU())
        self.weigh = nn.Sequential(nn.Conv2d(1, 1, 1), nn.BatchNorm2d(1), nn.Sigmoid())

    def forward(self, maps: Tensor) -> Tensor:
        """Multiply each pixel of maps (B, C, h, w) by its weight in (0, 1) -> (B, C, h, w)."""
        height, width = maps.shape[2:]
        return maps * self.weigh(enlarge(self.look(maps), (height, width)))
