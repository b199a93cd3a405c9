"""The split of a run that learns to parse: pictures with label maps to learn from, and others to choose the weights on.

No identities are needed. Where people are known, all pictures of a person are on one side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sameperson.checks import InputError
from sameperson.config import Recipe
from sameperson.data.broken_pictures import readable
from sameperson.data.dataset import Dataset
from sameperson.data.readers import read_dataset
from sameperson.data.split import pictures_held_out
from sameperson.priors.label_sets import LabelSet
from sameperson.priors.load import open_priors
from sameperson.priors.maps import Maps
from sameperson.priors.part_groups import label_set
from sameperson.priors.prior import Prior
from sameperson.types import Samples

MAPS = "parsing"


@dataclass(frozen=True)
class ParsingSplit:
    """Pictures that have label maps, and others held out, with their true maps of the label set that is learned.

    truth: None where nothing is held out. unlabelled: how many pictures were left out for want of a map.
    """

    train: Samples
    held_out: Samples
    labels: LabelSet
    truth: Maps | None
    skipped: int
    unlabelled: int
    priors: Mapping[str, Prior] = field(default_factory=dict)
    nothing: str = ""

    @property
    def validated(self) -> bool:
        """Whether any pictures are held out."""
        return len(self.held_out) > 0

    def with_needs(self, names: Sequence[str], recipe: Recipe) -> ParsingSplit:  # noqa: ARG002 - of other tasks
        """The same: a parser looks at pictures alone."""
        return self

    def counts(self) -> Mapping[str, Any]:
        """What stands behind the figures of the validation."""
        return {
            "validation_identities": self.held_out.people,
            "validation_pictures": len(self.held_out),
            "unlabelled": self.unlabelled,
            "labels": self.labels.name,
        }


def split_parsing(recipe: Recipe, dataset: Dataset | None = None) -> ParsingSplit:
    """Divide the labelled training pictures of `dataset`, or of the one that the recipe names.

    Raises InputError for broken pictures (unless the recipe skips them), too few pictures, and pictures without maps.
    """
    data = recipe.data
    dataset, broken = readable(dataset or read_dataset(data), data.skip_broken)
    train, held_out = pictures_held_out(dataset, data.val_fraction, recipe.seed)
    (train, _), (held_out, truth) = (_labelled(samples, recipe) for samples in (train, held_out))
    wanted = data.parsing.labels if data.parsing.merge == "none" else data.parsing.merge
    unlabelled = len(dataset.train) + len(dataset.val or ()) - len(train) - len(held_out)
    if data.val_fraction == 0 and dataset.val is not None:
        unlabelled -= len(dataset.val)
    priors = open_priors(train, list(dict.fromkeys((MAPS, *data.priors))), data)
    return ParsingSplit(train, held_out, label_set(wanted), truth, broken, unlabelled, priors)


def _labelled(samples: Samples, recipe: Recipe) -> tuple[Samples, Maps | None]:
    """The pictures that have a map, and the maps; no maps of no pictures."""
    if not len(samples):
        return samples, None
    maps = open_priors(samples, (MAPS,), recipe.data)[MAPS]
    if np.all(maps.valid):
        return samples, _maps(maps)
    samples = samples.take(maps.valid)
    return samples, _maps(open_priors(samples, (MAPS,), recipe.data)[MAPS])


def _maps(prior: Prior) -> Maps:
    if not isinstance(prior, Maps):
        raise InputError("parsing that is no label maps", "a PNG of labels for each picture", "set data.priors=[]")
    return prior
