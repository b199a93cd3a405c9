"""Where there is no one, say nothing: a network's map is drawn to short features off the person and long ones on it.

What ImageNet's classes do for a network in passing, and what a small network that only ever saw people lacks: ISP finds
the foreground by the length of features. For weights to start from, on people whose masks are known.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from sameperson.losses.pixel import IGNORED

SLOPE, SHIFT = 10.0, 2.0
"""Of the curve by which ISP tells strong pixels from weak ones (Zhu et al. 2020, its `enhanced` norms)."""


def silence_loss(maps: Tensor, masks: Tensor, valid: Tensor) -> Tensor:
    """Cross-entropy of sigmoid(10 r - 2) against the share of a cell that shows the person; 0 where no mask is known.

    r is the root of a feature's mean square, so that it does not grow with the number of channels.

    maps: (B, C, h, w); masks: (B, H, W) of any integer type, 0 off the person and 255 where it is erased;
    valid: (B,) bool, whose mask is known.
    """
    if not bool(valid.any()):
        return maps.sum() * 0.0
    maps, masks = maps[valid].float(), masks[valid]
    cells = (maps.shape[2], maps.shape[3])
    shown = F.adaptive_avg_pool2d(((masks > 0) & (masks != IGNORED)).float()[:, None], cells)[:, 0]
    # The root has no slope at 0, where a rectified map often lies.
    strength = maps.square().mean(1).clamp_min(torch.finfo(maps.dtype).eps).sqrt()
    return F.binary_cross_entropy_with_logits(SLOPE * strength - SHIFT, shown)
