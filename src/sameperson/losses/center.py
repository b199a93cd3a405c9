"""Center loss: it draws each person's features to one learned centre."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class CenterLoss(nn.Module):
    """Center loss: weight * mean_i |f_i - c_(pid_i)|^2 over the batch.

    The weight scales the gradient of the features only. The centres move by the unweighted gradient, so that a small
    weight does not slow them; they are trained by a plain SGD of their own (lr 0.5).

    Wen et al., "A Discriminative Feature Learning Approach for Deep Face Recognition", ECCV 2016.
    """

    def __init__(self, people: int, channels: int, weight: float = 5e-4) -> None:
        super().__init__()
        self.weight = weight
        self.centers = nn.Parameter(torch.randn(people, channels))

    def forward(self, features: Tensor, pids: Tensor) -> Tensor:
        """Compute the loss of features (B, D) of the people pids (B,) int64 -> scalar float32."""
        own, features = self.centers[pids], features.float()
        pull = _mean_square(features, own.detach())
        drift = _mean_square(features.detach(), own)
        return self.weight * pull + (drift - drift.detach())


def _mean_square(features: Tensor, own: Tensor) -> Tensor:
    return (features - own).square().sum(1).clamp(1e-12, 1e12).mean()
