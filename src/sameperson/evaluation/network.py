"""The interface of a network that embeds pictures, for networks of ours and of the user."""

from __future__ import annotations

from typing import Protocol

from torch import Tensor

from sameperson.methods.method import Embedded, Give


class Network(Protocol):
    """A network of ours or of the user's; it normalises and moves pictures to its device itself."""

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the pictures that it takes."""
        ...

    @property
    def fingerprint(self) -> str:
        """The name of its weights and preprocessing."""
        ...

    def features(self, images: Tensor, give: Give = "features") -> Embedded:
        """Embed images (B, 3, H, W) uint8 RGB at `size` -> features on the CPU or its device.

        give: "parts" asks for parts too; a network without parts returns features alone.
        """
        ...
