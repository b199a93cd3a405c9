"""What every head stands on."""

from __future__ import annotations

from torch import Tensor, nn


class MapNetwork(nn.Module):
    """Maps images (B, 3, H, W) float32, normalised, to (B, channels, h, w)."""

    channels: int
    _coarsest: int = 0

    @property
    def coarsest(self) -> int:
        """Channels of the last of its stages."""
        return self._coarsest or self.channels

    def stages(self, images: Tensor) -> list[Tensor]:
        """The maps that forward() lays side by side, of as many resolutions as there are: here the one."""
        return [self(images)]
