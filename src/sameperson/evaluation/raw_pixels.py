"""The raw-pixel baseline: pictures compared by their pixels, with nothing learned."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor
from torch.nn import functional

from sameperson.methods.method import Embedded, Give


@dataclass(frozen=True)
class RawPixels:
    """A network without weights: each picture shrunk to `grid` by area, minus each channel's mean, as one vector.

    The mean is subtracted because it depends on the camera more than on the person; with it the accuracy is lower.
    """

    size: tuple[int, int]
    grid: tuple[int, int] = (32, 16)

    @property
    def fingerprint(self) -> str:
        """The name of this embedding, which depends on the grid alone."""
        return f"raw-pixels-{self.grid[0]}x{self.grid[1]}"

    def features(self, images: Tensor, give: Give = "features") -> Embedded:  # noqa: ARG002 - pixels have no parts
        """Flatten the shrunken pictures: (B, 3, H, W) uint8 -> (B, 3 * 32 * 16)."""
        small = functional.interpolate(images.float(), self.grid, mode="area")
        return Embedded((small - small.mean(dim=(2, 3), keepdim=True)).flatten(1))
