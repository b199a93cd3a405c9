"""What turns pictures into features, whoever made it."""

from __future__ import annotations

from typing import Protocol

from torch import Tensor

from sameperson.methods.method import Embedded, Give


class Network(Protocol):
    """A network of ours or of the user's; it normalises and moves pictures to its device itself."""

    @property
    def size(self) -> tuple[int, int]:
        """Height and width it wants."""
        ...

    @property
    def fingerprint(self) -> str:
        """Names its weights and preprocessing."""
        ...

    def features(self, images: Tensor, give: Give = "features") -> Embedded:
        """images: (B, 3, H, W) uint8 RGB at `size` -> features on the CPU or its device.

        give: "parts" asks for parts too; a network without parts gives features all the same.
        """
        ...
