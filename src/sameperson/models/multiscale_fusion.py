"""Fusion of feature maps of several resolutions: enlarge, concatenate, and a 1x1 convolution or mean of the result."""

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
    """Resize maps by bilinear interpolation with aligned corners: (B, C, h, w) -> (B, C, *cells)."""
    if maps.shape[2:] == cells:
        return maps
    return F.interpolate(maps, size=cells, mode="bilinear", align_corners=True)


def merge(maps: Sequence[Tensor], cells: tuple[int, int]) -> Tensor:
    """Enlarge maps (B, C_i, h_i, w_i) to `cells` and concatenate their channels: (B, sum of C_i, *cells)."""
    return torch.cat([enlarge(one, cells) for one in maps], 1)


def merged_conv(conv: nn.Conv2d, maps: Sequence[Tensor], cells: tuple[int, int]) -> Tensor:
    """Compute conv(merge(maps, cells)) for a 1x1 convolution without bias, without building the merged map.

    Each map is convolved with its own columns of the kernel at its own resolution, and the results are enlarged and
    added. Both steps are linear, so their order does not matter. For HRNet-W32 this is an eighth of the work, and the
    map of 1920 channels is never built.

    maps: (B, C_i, h_i, w_i), the C_i adding up to the kernel's inputs. Returns (B, C, *cells).
    """
    kernels = conv.weight.split([one.shape[1] for one in maps], 1)
    narrow = [enlarge(F.conv2d(one, kernel), cells) for one, kernel in zip(maps, kernels, strict=True)]
    return sum(narrow[1:], start=narrow[0])


def merged_mean(maps: Sequence[Tensor], cells: tuple[int, int]) -> Tensor:
    """Compute the mean over the cells of merge(maps, cells), without building the merged map.

    Enlarging weighs the cells of a coarse map unequally (those of the border count less), so the plain mean of the
    coarse map would be another number.

    Returns (B, sum of C_i) float32, also under autocast.
    """
    means = []
    with torch.autocast(maps[0].device.type, enabled=False):
        for one in maps:
            rows, columns = (_weights(*sizes, one) for sizes in zip(one.shape[2:], cells, strict=True))
            means.append(torch.einsum("bchw,h,w->bc", one.float(), rows, columns))
    return torch.cat(means, 1)


def _weights(coarse: int, fine: int, like: Tensor) -> Tensor:
    """The weight of each cell of a line in the mean of the line enlarged to `fine` cells: (coarse,) float32."""
    each = torch.eye(coarse, device=like.device)[None, :, :, None]
    return enlarge(each, (fine, 1)).mean((0, 2, 3))
