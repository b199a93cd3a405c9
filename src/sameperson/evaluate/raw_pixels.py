"""The floor: pictures compared by their pixels, with nothing learned."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor
from torch.nn import functional

from sameperson.methods.method import Embedded, Give


@dataclass(frozen=True)
class RawPixels:
    """Each picture shrunk to `grid` by area, each channel's own mean taken off, as one long vector.

    The mean goes because it is the camera's more than the person's; with it the floor is lower still.
    """

    size: tuple[int, int]
    grid: tuple[int, int] = (32, 16)

    @property
    def fingerprint(self) -> str:
        """Pixels have no weights, but they have a size."""
        return f"raw-pixels-{self.grid[0]}x{self.grid[1]}"

    def features(self, images: Tensor, give: Give = "features") -> Embedded:  # noqa: ARG002 - pixels have no parts
        """(B, 3, H, W) uint8 -> (B, 3 * 32 * 16)."""
        small = functional.interpolate(images.float(), self.grid, mode="area")
        return Embedded((small - small.mean(dim=(2, 3), keepdim=True)).flatten(1))
