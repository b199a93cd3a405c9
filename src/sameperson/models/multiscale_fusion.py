"""Maps of several resolutions made one."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
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


def merged_conv(conv: nn.Conv2d, maps: Sequence[Tensor], cells: tuple[int, int]) -> Tensor:
    """What a 1x1 convolution without bias makes of merge(maps, cells), without ever merging them.

    Each map meets its own columns of the kernel at its own resolution, and the results are enlarged and added: both
    steps are linear, so they may change places. For HRNet-W32 an eighth of the work, and no map of 1920 channels.

    maps: (B, C_i, h_i, w_i), the C_i adding up to the kernel's inputs. Returns (B, C, *cells).
    """
    kernels = conv.weight.split([found.shape[1] for found in maps], 1)
    narrow = [enlarge(F.conv2d(found, kernel), cells) for found, kernel in zip(maps, kernels, strict=True)]
    return sum(narrow[1:], start=narrow[0])


def merged_mean(maps: Sequence[Tensor], cells: tuple[int, int]) -> Tensor:
    """The mean over the cells of merge(maps, cells), without ever merging them.

    Enlarging weighs a coarse map's cells unequally (those of the border count less), so its plain mean is another.

    Returns (B, sum of C_i) float32, whatever precision surrounds the call.
    """
    means = []
    with torch.autocast(maps[0].device.type, enabled=False):
        for found in maps:
            rows, columns = (_weights(*sizes, found) for sizes in zip(found.shape[2:], cells, strict=True))
            means.append(torch.einsum("bchw,h,w->bc", found.float(), rows, columns))
    return torch.cat(means, 1)


def _weights(coarse: int, fine: int, like: Tensor) -> Tensor:
    """(coarse,) float32: what each cell of a line adds to the mean of the line enlarged to `fine` cells."""
    each = torch.eye(coarse, device=like.device)[None, :, :, None]
    return enlarge(each, (fine, 1)).mean((0, 2, 3))
