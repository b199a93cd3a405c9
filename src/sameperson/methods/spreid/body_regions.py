"""Body regions of a parsing map in the label set `spreid`, and the mean activation of each.

Kalayeh et al., "Human Semantic Parsing for Person Re-identification", CVPR 2018, section 3.2.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

REGIONS = 4
"""Head, upper body, lower body and shoes: labels 1 to 4 of the label set `spreid`. The background is 0."""


def region_shares(labels: Tensor, cells: tuple[int, int]) -> Tensor:
    """The share of each cell that each region covers: labels (B, H, W) of any integer type -> (B, 4, *cells) float32.

    Label maps are hard: a pixel lies in one region. The shares of a cell stand for the probabilities that the authors'
    parser gives. Ignored pixels (255) lie in no region, as those of the background.
    """
    numbers = torch.arange(1, REGIONS + 1, device=labels.device)[:, None, None]
    return F.adaptive_avg_pool2d((labels[:, None] == numbers).float(), cells)


def region_means(maps: Tensor, shares: Tensor) -> tuple[Tensor, Tensor]:
    """Average the activations over each region, weighed by its shares, which are divided by their sum.

    maps: (B, C, h, w); shares: (B, P, h, w) of 0 or more -> means (B, P, C) float32, zeros where a region is absent,
    and which are present (B, P) bool. Also under autocast.
    """
    with torch.autocast(maps.device.type, enabled=False):
        weights = shares.float().flatten(2)
        area = weights.sum(2, keepdim=True)
        present = area > 0
        weights = weights / area.where(present, torch.ones_like(area))
        return weights @ maps.float().flatten(2).transpose(1, 2), present[..., 0]


def joined(means: Tensor, present: Tensor, how: str) -> Tensor:
    """Make one feature of those of the present regions: their `max` or `mean`, number by number.

    means: (B, P, C); present: (B, P) bool -> (B, C). A picture without any region gets zeros.
    """
    some = present.any(1, keepdim=True)
    if how == "mean":
        return (means * present[..., None]).sum(1) / present.sum(1, keepdim=True).clamp_min(1)
    largest = means.masked_fill(~present[..., None], -torch.inf).amax(1)
    return largest.where(some, torch.zeros_like(largest))
