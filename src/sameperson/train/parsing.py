"""How well parts found without labels agree with true ones, told each time that they are found anew.

True maps are measured by and never learned from (ISP, Zhu et al., ECCV 2020, section 4.4). numpy only.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sameperson.config import Recipe
from sameperson.evaluate.segmentation import Confusion, agreement, nearest, shared_tasks
from sameperson.methods.method import LabelMaps
from sameperson.priors.label_sets import FOREGROUND, IGNORED, Labels, LabelSet
from sameperson.priors.maps import Maps
from sameperson.priors.masks import load_masks
from sameperson.priors.parsing import load_parsing
from sameperson.priors.part_groups import label_set
from sameperson.types import Samples


@dataclass(frozen=True)
class TrueParsing:
    """The true maps that lie beside training pictures; kept small, so that the files are read once.

    masks: of whole people, where they lie there too: LIP's labels have no place for a bag, a mask has.
    """

    maps: Maps
    labels: LabelSet
    masks: TrueParsing | None = None
    _small: dict[tuple[int, int], Labels] = field(default_factory=dict)

    def agreement(self, found: LabelMaps, labels: LabelSet) -> dict[str, Any]:
        """A line of metrics: `parsing/head`, ... the class IoU of each task that both label sets know, and its seconds.

        `parsing/mask` is the IoU of everything but the background with the masks.

        found: the same pictures' maps, of the set `labels`. True maps are brought to the size of those found.
        """
        began = time.monotonic()
        shares = {f"parsing/{name}": share for name, share in self._shares(found, labels).items()}
        if self.masks is not None and (whole := self.masks._shares(found, labels)):
            shares["parsing/mask"] = whole["foreground"]
        return {**shares, "seconds": round(time.monotonic() - began, 3)}

    def _shares(self, found: LabelMaps, labels: LabelSet) -> dict[str, float]:
        """The class IoU of each task of which anything is true."""
        confusion = Confusion(labels, self.labels)
        for row in np.flatnonzero(found.valid & self.maps.valid).tolist():
            predicted = found.read(row)
            if predicted is not None:
                confusion.add(predicted, self._true(row, predicted.shape), 0)
        tasks = agreement(confusion.counts, shared_tasks(labels, self.labels), resamples=0)
        return {name: round(task.class_iou.value, 4) for name, task in tasks.items() if task.pixels}

    def _true(self, row: int, size: tuple[int, ...]) -> Labels:
        """The true map of a picture at that size; a map is all 255, which says nothing, until its file is read."""
        key = (size[0], size[1])
        small = self._small.setdefault(key, np.full((len(self.maps.valid), *key), IGNORED, np.uint8))
        if (small[row] == IGNORED).all():
            true = self.maps.read(row)
            if true is not None:
                small[row] = nearest(true, key)
        return small[row]


def true_parsing(samples: Samples, recipe: Recipe) -> TrueParsing | None:
    """The parsing beside pictures, with the labels that `data.parsing.labels` names; None where there is none."""
    place, masks = samples.priors.get("parsing"), samples.priors.get("mask")
    if place is None:
        return None
    maps = load_parsing(place, samples, recipe.data.parsing.labels)
    whole = None if masks is None else TrueParsing(load_masks(masks, samples), FOREGROUND)
    return TrueParsing(maps, label_set(recipe.data.parsing.labels), whole) if maps.valid.any() else None
