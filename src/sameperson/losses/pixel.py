"""Pixel loss: cross-entropy over the pixels of a label map."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F

IGNORED = 255
"""The label of a pixel that is left out."""


def pixel_loss(logits: Tensor, labels: Tensor, ignored: int = IGNORED) -> Tensor:
    """Cross-entropy -log p[label], averaged over the pixels that are not ignored; 0 where all pixels are.

    logits: (B, classes, h, w), enlarged to the labels where those are finer; labels: (B, H, W) of any integer type.
    """
    logits = logits.float()
    height, width = labels.shape[1:]
    if logits.shape[2:] != (height, width):
        logits = F.interpolate(logits, size=(height, width), mode="bilinear", align_corners=True)
    labels = labels.long()
    total = F.cross_entropy(logits, labels, ignore_index=ignored, reduction="sum")
    return total / (labels != ignored).sum().clamp_min(1)
