"""Global pooling (GAP, GMP, GeM) of a feature map to one feature per picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn


class AveragePool(nn.Module):
    """GAP: the mean over all cells."""

    def forward(self, maps: Tensor) -> Tensor:
        """Pool maps (B, C, h, w) -> (B, C) float32."""
        return maps.float().mean((2, 3))


class MaxPool(nn.Module):
    """GMP: the maximum of each channel over all cells."""

    def forward(self, maps: Tensor) -> Tensor:
        """Pool maps (B, C, h, w) -> (B, C) float32."""
        return maps.float().amax((2, 3))


class GeneralizedMeanPool(nn.Module):
    """GeM: (mean of x^p)^(1/p) with one learned p, between the mean (1) and the maximum (infinity).

    Radenovic et al., "Fine-tuning CNN Image Retrieval with No Human Annotation", TPAMI 2019, eq. 3.
    """

    SMALLEST = 1e-6
    """Cells are clamped to this from below, since a negative number has no p-th root."""

    def __init__(self, p: float = 3.0) -> None:
        super().__init__()
        self.p = nn.Parameter(torch.tensor(p))

    def forward(self, maps: Tensor) -> Tensor:
        """Pool maps (B, C, h, w) -> (B, C) float32."""
        return maps.float().clamp_min(self.SMALLEST).pow(self.p).mean((2, 3)).pow(1 / self.p)


POOLS: Mapping[str, Callable[[], nn.Module]] = {"gap": AveragePool, "gmp": MaxPool, "gem": GeneralizedMeanPool}
