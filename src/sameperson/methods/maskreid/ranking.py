"""Ranking loss of MaskReID: the least similar positive of each anchor against all negatives.

Qi et al., "MaskReID: A Mask Based Deep Ranking Neural Network for Person Re-identification", 2018.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F


def ranking_loss(features: Tensor, pids: Tensor, margin: float = 0.15, pull: float = 2.0) -> Tensor:
    """Average over anchors k of log(1 + sum_j exp(max(0, s_kj - min_i s_ki + margin))) + pull / 2 mean_i (s_ki - 1)^2.

    i runs over the other pictures of the anchor's person, j over those of others, and s is the cosine of two features.
    Negatives that are far enough away count exp(0) each, as in the paper, which changes the value but adds no gradient.

    features: (B, D), in float32 also under autocast; pids: (B,) int64. A picture without a positive is no anchor; the
    loss is 0 where there is none.
    """
    with torch.autocast(features.device.type, enabled=False):
        unit = F.normalize(features.float())
        similar = unit @ unit.T
    same = pids[:, None] == pids
    positive = same & ~torch.eye(len(pids), dtype=torch.bool, device=pids.device)
    anchors = positive.any(1)
    if not bool(anchors.any()):
        return features.sum() * 0.0
    similar, same, positive = similar[anchors], same[anchors], positive[anchors]
    hardest = similar.masked_fill(~positive, torch.inf).amin(1, keepdim=True)
    excess = (similar - hardest + margin).clamp_min(0).exp()
    push = torch.log1p(excess.masked_fill(same, 0).sum(1))
    drawn = ((similar - 1).square() * positive).sum(1) / positive.sum(1)
    return (push + pull / 2 * drawn).mean()
