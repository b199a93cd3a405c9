"""Identity loss: label-smoothed cross-entropy over the training identities."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F


def identity_loss(logits: Tensor, pids: Tensor, smoothing: float = 0.1) -> Tensor:
    """Cross-entropy with label smoothing e, averaged over the batch.

    It is (1 - e) * -log p[pid] + e * mean over people of -log p, with p the softmax of a picture's logits.

    logits: (B, people); pids: (B,) int64 in [0, people); smoothing: e.

    Szegedy et al., "Rethinking the Inception Architecture", CVPR 2016, section 7.
    """
    return F.cross_entropy(logits.float(), pids, label_smoothing=smoothing)
