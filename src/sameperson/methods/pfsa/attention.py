"""Parameter-free spatial attention: each cell of a feature map is weighed by the sum of its channels.

Wang et al., "Parameter-Free Spatial Attention Network for Person Re-Identification", 2018, section 3.1.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

Attention = Literal["sum", "softmax", "none"]


def attend(maps: Tensor, attention: Attention = "sum", temperature: float = 1.0) -> Tensor:
    """Multiply each cell of maps (B, C, h, w) by its weight -> (B, C, h, w) float32, also under autocast.

    With a = sum_c maps_c, the weight of a cell is

    - `sum`: max(a, 0) / sum over cells of max(a, 0);
    - `softmax`: exp(a / temperature) / sum over cells of exp(a / temperature);
    - `none`: 1 / (h w).

    times h w, so that the mean weight is 1 and the scale of the features stays as it was. A picture whose sums are all
    0 or less has equal weights under `sum`.
    """
    with torch.autocast(maps.device.type, enabled=False):
        maps = maps.float()
        if attention == "none":
            return maps
        cells = maps.sum(1).flatten(1)
        if attention == "softmax":
            weights = (cells / temperature).softmax(1)
        else:
            positive = cells.clamp_min(0)
            total = positive.sum(1, keepdim=True)
            some = total > torch.finfo(total.dtype).tiny
            weights = torch.where(some, positive / total.where(some, torch.ones_like(total)), 1 / cells.shape[1])
        return maps * (weights * cells.shape[1]).reshape(len(maps), 1, *maps.shape[2:])
