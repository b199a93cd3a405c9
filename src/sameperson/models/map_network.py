"""What every head stands on."""

from __future__ import annotations

from torch import nn


class MapNetwork(nn.Module):
    """Maps images (B, 3, H, W) float32, normalised, to (B, channels, h, w)."""

    channels: int
