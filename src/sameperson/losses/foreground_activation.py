"""Foreground activation loss: features become long on the person and short on the background, given masks.

ISP finds the foreground by the length of features. Training on ImageNet's classes makes a network's features so; a
small network that was trained on people alone lacks it. This loss trains such a network, to be used as starting
weights, on people whose masks are known.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from sameperson.losses.pixel import IGNORED

SLOPE, SHIFT = 10.0, 2.0
"""The sigmoid by which ISP tells strong pixels from weak ones (Zhu et al. 2020, its `enhanced` norms)."""


def foreground_activation_loss(maps: Tensor, masks: Tensor, valid: Tensor) -> Tensor:
    """Binary cross-entropy of sigmoid(10 r - 2) and the share of each cell that shows the person.

    r = sqrt(mean_c x_c^2) is the root mean square of a cell's feature x, so that it does not grow with the number of
    channels. The loss is 0 where no mask is known.

    maps: (B, C, h, w); masks: (B, H, W) of any integer type, 0 off the person and 255 where the picture is erased;
    valid: (B,) bool, the pictures whose mask is known.
    """
    if not bool(valid.any()):
        return maps.sum() * 0.0
    maps, masks = maps[valid].float(), masks[valid]
    cells = (maps.shape[2], maps.shape[3])
    shown = F.adaptive_avg_pool2d(((masks > 0) & (masks != IGNORED)).float()[:, None], cells)[:, 0]
    # The square root has no gradient at 0, a value that is frequent after ReLU.
    strength = maps.square().mean(1).clamp_min(torch.finfo(maps.dtype).eps).sqrt()
    return F.binary_cross_entropy_with_logits(SLOPE * strength - SHIFT, shown)
