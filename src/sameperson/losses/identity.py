"""Who is it? Label-smoothed cross-entropy over the training identities."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F


def identity_loss(logits: Tensor, pids: Tensor, smoothing: float = 0.1) -> Tensor:
    """(1 - e) * -log p[pid] + e * mean over people of -log p, averaged over the batch.

    logits: (B, people); pids: (B,) int64 in [0, people); smoothing: e.

    Szegedy et al., "Rethinking the Inception Architecture", CVPR 2016, section 7.
    """
    return F.cross_entropy(logits.float(), pids, label_smoothing=smoothing)
