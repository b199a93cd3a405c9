"""Maps of several resolutions made one."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

FINENESS = 4
"""Pixels along each side of a cell of a fine map."""


def cells_of(height: int, width: int) -> tuple[int, int]:
    """Rows and columns of the fine map of a picture.

    >>> cells_of(256, 128)
    (64, 32)
    """
    return -(-height // FINENESS), -(-width // FINENESS)


def enlarge(maps: Tensor, cells: tuple[int, int]) -> Tensor:
    """(B, C, h, w) -> (B, C, *cells), bilinear from corner to corner."""
    if maps.shape[2:] == cells:
        return maps
    return F.interpolate(maps, size=cells, mode="bilinear", align_corners=True)


def merge(maps: Sequence[Tensor], cells: tuple[int, int]) -> Tensor:
    """Maps (B, C_i, h_i, w_i) brought to `cells` and laid side by side: (B, sum of C_i, *cells)."""
    return torch.cat([enlarge(found, cells) for found in maps], 1)
