"""The interface of a backbone: images in, one feature map out."""

from __future__ import annotations

from torch import Tensor, nn


class MapNetwork(nn.Module):
    """Maps images (B, 3, H, W) float32, normalised, to (B, channels, h, w)."""

    channels: int
    _coarsest: int = 0

    @property
    def coarsest(self) -> int:
        """Channels of the last, coarsest stage."""
        return self._coarsest or self.channels

    def stages(self, images: Tensor) -> list[Tensor]:
        """The maps of all resolutions that forward() concatenates; a plain network has one."""
        return [self(images)]
