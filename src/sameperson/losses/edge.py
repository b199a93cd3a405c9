"""Edge loss: where one label ends and another begins, computed from the label map, as a balanced two-class problem.

Ruan et al., "Devil in the Details: Towards Accurate Single and Multiple Human Parsing" (CE2P), AAAI 2019.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from sameperson.losses.pixel import IGNORED


def edge_labels(labels: Tensor, width: int = 3, ignored: int = IGNORED) -> Tensor:
    """Find the edges of label maps (B, H, W) integer -> (B, H, W) int64: 1 on an edge, 0 elsewhere, or `ignored`.

    Of each two neighbours (horizontal, vertical or diagonal) with different labels the first in reading order is an
    edge; edges are then widened to `width` pixels, an odd number. A pixel that is ignored makes no edge and stays
    ignored.
    """
    labels = labels.long()
    height, width_of_map = labels.shape[1:]
    edges = torch.zeros_like(labels, dtype=torch.bool)
    for down, right in ((0, 1), (1, 0), (1, 1), (1, -1)):
        here = labels[:, : height - down, max(0, -right) : width_of_map - max(0, right)]
        there = labels[:, down:, max(0, right) : width_of_map + min(0, right)]
        differs = (here != there) & (here != ignored) & (there != ignored)
        edges[:, : height - down, max(0, -right) : width_of_map - max(0, right)] |= differs
    wide = F.max_pool2d(edges[:, None].float(), width, stride=1, padding=width // 2)[:, 0]
    return torch.where(labels == ignored, labels, wide.long())


def edge_loss(logits: Tensor, edges: Tensor, ignored: int = IGNORED) -> Tensor:
    """Cross-entropy in which edge pixels together count as much as all others, averaged by weight.

    A batch with p edge pixels and n others weighs each edge pixel n / (p + n) and each other one p / (p + n); 0 where
    there are only edges, none, or no pixel that counts. logits: (B, 2, H, W); edges: (B, H, W) of 0, 1 and `ignored`.
    """
    edge, other = (edges == 1).sum(), (edges == 0).sum()
    counted = (edge + other).clamp_min(1)
    weights = torch.stack([edge / counted, other / counted]).float()
    each = F.cross_entropy(logits.float(), edges, weight=weights, ignore_index=ignored, reduction="sum")
    total = weights[0] * other + weights[1] * edge
    return each / torch.where(total > 0, total, 1)
