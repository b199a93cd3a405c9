"""Part pooling: the features of body parts from a feature map and soft part masks, and which parts are visible."""

from __future__ import annotations

import torch
from torch import Tensor


def pool_parts(maps: Tensor, shares: Tensor, own: bool = False) -> Tensor:
    """Average the map once for each part, every pixel weighed by its share in the part.

    The weighted sum is divided by the number of all pixels, so that a small part has a small feature (Zhu et al. 2020,
    eq. 2). With `own` it is divided by the part's own area, so that a half hidden part has the feature of a whole one.

    maps: (B, C, h, w); shares: (B, P, h, w) in [0, 1] -> (B, P, C) float32, also under autocast.
    """
    with torch.autocast(maps.device.type, enabled=False):
        pixels = maps.float().flatten(2)
        shares = shares.float().flatten(2)
        area = shares.sum(2, keepdim=True).clamp_min(1) if own else pixels.shape[2]
        return shares @ pixels.transpose(1, 2) / area


def visible_parts(scores: Tensor, cells: int = 1) -> Tensor:
    """Which parts are visible: those with the highest score of all classes in at least so many cells.

    scores: (B, 1 + P, h, w), the background first -> (B, P) float32 of 0 and 1.
    """
    wins = scores.argmax(1).flatten(1)
    classes = torch.arange(1, scores.shape[1], device=scores.device)
    return ((wins[:, None] == classes[:, None]).sum(2) >= cells).float()


def stripes(parts: int, cells: tuple[int, int], device: torch.device | str = "cpu") -> Tensor:
    """Equal horizontal stripes as part shares (parts, *cells) float32, the topmost first; each row lies in one."""
    height, width = cells
    row = torch.arange(height, device=device) * parts // height
    return (row == torch.arange(parts, device=device)[:, None]).float()[..., None].expand(parts, height, width)
