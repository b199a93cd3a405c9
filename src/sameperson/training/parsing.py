"""The IoU of parts found without labels with true parsing maps, measured after each clustering.

True maps are used for this measurement only, never for training (ISP, Zhu et al., ECCV 2020, section 4.4). numpy only.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sameperson.config import Recipe
from sameperson.evaluation.segmentation import Confusion, agreement, nearest, shared_tasks
from sameperson.methods.method import LabelMaps
from sameperson.priors.label_sets import FOREGROUND, IGNORED, Labels, LabelSet
from sameperson.priors.maps import Maps
from sameperson.priors.masks import load_masks
from sameperson.priors.parsing import load_parsing
from sameperson.priors.part_groups import label_set
from sameperson.types import Samples


@dataclass(frozen=True)
class TrueParsing:
    """The true parsing maps of training pictures, cached at a small size, so that each file is read once.

    masks: masks of whole people, if there are any. They include bags, for which LIP's labels have no class.
    """

    maps: Maps
    labels: LabelSet
    masks: TrueParsing | None = None
    _small: dict[tuple[int, int], Labels] = field(default_factory=dict)

    def agreement(self, found: LabelMaps, labels: LabelSet) -> dict[str, Any]:
        """Measure label maps against the true ones, and return a line of metrics.

        It holds `parsing/head`, ..., the class IoU of each task that both label sets know; `parsing/mask`, the IoU of
        everything but the background with the masks; and the seconds that it took.

        found: the same pictures' maps, with labels of the set `labels`. True maps are resized to the size of these.
        """
        began = time.monotonic()
        shares = {f"parsing/{name}": share for name, share in self._shares(found, labels).items()}
        if self.masks is not None and (by_mask := self.masks._shares(found, labels)):
            shares["parsing/mask"] = by_mask["foreground"]
        return {**shares, "seconds": round(time.monotonic() - began, 3)}

    def _shares(self, found: LabelMaps, labels: LabelSet) -> dict[str, float]:
        """The class IoU of each task that has true pixels."""
        confusion = Confusion(labels, self.labels)
        for row in np.flatnonzero(found.valid & self.maps.valid).tolist():
            predicted = found.read(row)
            if predicted is not None:
                confusion.add(predicted, self._true(row, predicted.shape), 0)
        tasks = agreement(confusion.counts, shared_tasks(labels, self.labels), resamples=0)
        return {name: round(task.class_iou.value, 4) for name, task in tasks.items() if task.pixels}

    def _true(self, row: int, size: tuple[int, ...]) -> Labels:
        """The true map of a picture at that size; a map that was not read yet is all 255 (ignored)."""
        key = (size[0], size[1])
        small = self._small.setdefault(key, np.full((len(self.maps.valid), *key), IGNORED, np.uint8))
        if (small[row] == IGNORED).all():
            true = self.maps.read(row)
            if true is not None:
                small[row] = nearest(true, key)
        return small[row]


def true_parsing(samples: Samples, recipe: Recipe) -> TrueParsing | None:
    """Load the true parsing maps of pictures, with the label set `data.parsing.labels`; None where there are none."""
    place, masks = samples.priors.get("parsing"), samples.priors.get("mask")
    if place is None:
        return None
    maps = load_parsing(place, samples, recipe.data.parsing.labels)
    truth = None if masks is None else TrueParsing(load_masks(masks, samples), FOREGROUND)
    return TrueParsing(maps, label_set(recipe.data.parsing.labels), truth) if maps.valid.any() else None
