"""Checks of published segmentation figures: whether a mean IoU agrees with the IoU of each class beside it.

numpy only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class PrintedRun:
    """The figures of a run as they are printed. iou: of each class, None where one is missing; decimals: of the IoU."""

    mean_iou: float
    iou: Sequence[float | None]
    decimals: int = 4

    @property
    def recomputed(self) -> float | None:
        """The mean of the printed IoU; None where one is missing."""
        known = [share for share in self.iou if share is not None]
        return float(np.mean(known)) if len(known) == len(self.iou) else None

    @property
    def agrees(self) -> bool | None:
        """Whether the printed mean is the mean of the classes, up to their rounding; None where one is missing."""
        mean = self.recomputed
        return None if mean is None else abs(mean - self.mean_iou) <= 0.5 * 10**-self.decimals + 1e-6

    def implied(self, place: int) -> float:
        """The IoU that a class must have for the printed mean to be right, whatever is printed for it.

        Raises ValueError where that of another class is missing.
        """
        others = [share for at, share in enumerate(self.iou) if at != place]
        known = [share for share in others if share is not None]
        if len(known) < len(others):
            raise ValueError(f"of {len(self.iou)} classes only {len(known)} others are printed")
        return self.mean_iou * len(self.iou) - sum(known)


CE2P_STUDY = {
    "384x128, study-7": PrintedRun(0.236828, (0.7844, 0.3227, 0.3396, 0.0990, 0.1154, 0.0567, 0.0998)),
    "473x473, study-7": PrintedRun(0.475463, (0.7844, 0.6652, 0.6951, 0.3543, 0.4130, 0.1832, 0.2330)),
    "512x512, study-8": PrintedRun(0.688660, (0.8735, 0.7714, 0.7939, 0.7266, 0.6386, 0.5283, 0.5209, None)),
}
"""The runs of the parsing study that docs/papers/ce2p.md is about (LIP's validation pictures), background first.

Of the eight classes of the last run seven are printed; which one is missing is not said.
"""
