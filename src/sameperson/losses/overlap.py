"""Overlap loss: one minus the soft mean IoU (soft Jaccard), in which a small part counts as much as a large one.

Rahman and Wang, "Optimizing Intersection-Over-Union in Deep Neural Networks for Image Segmentation", 2016.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from sameperson.losses.pixel import IGNORED


def overlap_loss(logits: Tensor, labels: Tensor, ignored: int = IGNORED) -> Tensor:
    """1 - mean over the labels present of sum(p * t) / sum(p + t - p * t), over the pixels that are not ignored.

    p: softmax of the logits; t: 1 on the label's pixels, else 0. The sums are over the whole batch; 0 where all pixels
    are ignored. logits: (B, classes, H, W); labels: (B, H, W) integer.
    """
    shares = logits.float().softmax(1)
    labels = labels.long()
    counted = labels != ignored
    true = F.one_hot(labels.masked_fill(~counted, 0), shares.shape[1]).movedim(3, 1)
    true = (true * counted[:, None]).to(shares.dtype)
    shares = shares * counted[:, None]
    both = (shares * true).sum((0, 2, 3))
    pixels = true.sum((0, 2, 3))
    iou = both / (shares.sum((0, 2, 3)) + pixels - both).clamp_min(torch.finfo(shares.dtype).tiny)
    present = pixels > 0
    return ((1 - iou) * present).sum() / present.sum().clamp_min(1)
