"""Batch-hard triplet loss: each picture with its furthest positive and its nearest negative in the batch."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F

Margin = float | Literal["soft"]


def triplet_loss(features: Tensor, pids: Tensor, margin: Margin = 0.3) -> Tensor:
    """Batch-hard triplet loss: mean over pictures of max(0, margin + d(furthest positive) - d(nearest negative)).

    With a `soft` margin it is the mean of softplus(d(furthest positive) - d(nearest negative)).

    features: (B, D), compared by Euclidean distance in float32; pids: (B,) int64. A picture without a negative in the
    batch adds nothing.

    Hermans et al., "In Defense of the Triplet Loss for Person Re-Identification", 2017, eq. 5 and section 2.
    """
    distances = euclidean(features, features)
    same = pids[:, None] == pids[None, :]
    furthest_positive = distances.masked_fill(~same, 0).amax(1)
    nearest_negative = distances.masked_fill(same, torch.inf).amin(1)
    gap = furthest_positive - nearest_negative
    return (F.softplus(gap) if margin == "soft" else F.relu(gap + margin)).mean()


def euclidean(a: Tensor, b: Tensor) -> Tensor:
    """Euclidean distances between the rows of a (A, D) and b (B, D) -> (A, B) float32, also under autocast.

    Squared distances are clamped to 1e-12 from below, since the square root has no gradient at 0.
    """
    # Autocast would take the product in half precision, whose error outweighs a margin.
    with torch.autocast(a.device.type, enabled=False):
        a, b = a.float(), b.float()
        squares = a.square().sum(1, keepdim=True) + b.square().sum(1) - 2 * a @ b.T
        return squares.clamp_min(1e-12).sqrt()
