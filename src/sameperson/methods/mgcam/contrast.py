"""The losses of MGCAM: attention against masks, the region triplet within a picture, contrast between pictures.

Song et al., "Mask-guided Contrastive Attention Model for Person Re-Identification", CVPR 2018, section 3.3.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F


def attention_loss(attention: Tensor, masks: Tensor, valid: Tensor) -> Tensor:
    """Sum over cells of (attention - share of the person)^2, averaged over the pictures whose mask is known.

    attention: (B, 1, h, w) in (0, 1); masks: (B, 1, H, W) of 0 and 1; valid: (B,) bool. 0 where no mask is known.
    """
    shown = F.adaptive_avg_pool2d(masks, (attention.shape[2], attention.shape[3]))
    sums = (attention.float() - shown).square().sum((1, 2, 3))
    return (sums * valid).sum() / valid.sum().clamp_min(1)


def region_triplet_loss(full: Tensor, body: Tensor, background: Tensor, margin: float = 10.0) -> Tensor:
    """Average over pictures of |full - body|^2 + max(0, margin - |full - background|^2).

    All are (B, D) features of the same pictures, compared in float32.
    """
    full, body, background = full.float(), body.float(), background.float()
    near, far = (full - body).square().sum(1), (full - background).square().sum(1)
    return (near + (margin - far).clamp_min(0)).mean()


def contrastive_loss(features: Tensor, pids: Tensor, margin: float = 10.0) -> Tensor:
    """Mean of |a - b|^2 over the pairs of one person, plus mean of max(0, margin - |a - b|^2) over those of two.

    The two means are of their own kind of pair, since a batch has many more pairs of different people.

    features: (B, D), in float32 also under autocast; pids: (B,) int64. A kind without any pair adds nothing.
    """
    with torch.autocast(features.device.type, enabled=False):
        features = features.float()
        squares = features.square().sum(1)
        apart = (squares[:, None] + squares - 2 * features @ features.T).clamp_min(0)
    same = pids[:, None] == pids
    positive = same & ~torch.eye(len(pids), dtype=torch.bool, device=pids.device)
    pull = (apart * positive).sum() / positive.sum().clamp_min(1)
    push = ((margin - apart).clamp_min(0) * ~same).sum() / (~same).sum().clamp_min(1)
    return pull + push
