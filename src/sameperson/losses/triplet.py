"""Batch-hard triplets: each picture against its furthest friend and its nearest stranger."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F

Margin = float | Literal["soft"]


def triplet_loss(features: Tensor, pids: Tensor, margin: Margin = 0.3) -> Tensor:
    """Mean over pictures of max(0, margin + furthest same - nearest other), or of softplus for a `soft` margin.

    features: (B, D), compared by Euclidean distance in float32; pids: (B,) int64. A picture without a stranger in the
    batch adds nothing.

    Hermans et al., "In Defense of the Triplet Loss for Person Re-Identification", 2017, eq. 5 and section 2.
    """
    distances = euclidean(features, features)
    same = pids[:, None] == pids[None, :]
    furthest_same = distances.masked_fill(~same, 0).amax(1)
    nearest_other = distances.masked_fill(same, torch.inf).amin(1)
    gap = furthest_same - nearest_other
    return (F.softplus(gap) if margin == "soft" else F.relu(gap + margin)).mean()


def euclidean(a: Tensor, b: Tensor) -> Tensor:
    """Distances between the rows of a (A, D) and b (B, D) -> (A, B) float32, whatever precision surrounds the call.

    Never quite zero, where the root has no gradient.
    """
    # Autocast would take the product in half precision, whose error outweighs a margin.
    with torch.autocast(a.device.type, enabled=False):
        a, b = a.float(), b.float()
        squares = a.square().sum(1, keepdim=True) + b.square().sum(1) - 2 * a @ b.T
        return squares.clamp_min(1e-12).sqrt()
