"""Opens the priors that a network needs at test time, wherever pictures come from: a dataset, a folder, one file."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from sameperson.checks import InputError
from sameperson.data.command_options import command, path
from sameperson.priors.load import PRIORS, open_if_there
from sameperson.priors.locations import find_priors_of_pictures
from sameperson.priors.needs import Needs, data_of
from sameperson.priors.prior import NeededPrior
from sameperson.priors.prior_rows import PriorRows
from sameperson.types import Samples

log = logging.getLogger(__name__)
NAMED = 5
"""How many pictures without a prior a note names; it only counts the rest."""
MADE_BY_BLAZEPOSE = ("keypoints", "mask")
"""Priors that `priors make` makes without a network of the user's."""
PARSED = ("parsing", "mask")
"""Priors that a network of ours that parses can make on the way."""


@dataclass(frozen=True)
class SamplesWithPriors:
    """N pictures, and the priors of theirs that are open, by name."""

    samples: Samples
    priors: Mapping[str, NeededPrior] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.samples)

    def take(self, which: Any) -> SamplesWithPriors:
        """The rows chosen by indices (n,) int, a mask (N,) bool or a slice."""
        rows = np.arange(len(self))[which]
        priors = {name: PriorRows(prior, rows) for name, prior in self.priors.items()}
        return SamplesWithPriors(self.samples.take(which), priors)

    def stamp(self, row: int) -> list[Any]:
        """Return what the priors of a picture were read from, as JSON values."""
        return [self.priors[name].stamp(row) for name in sorted(self.priors)]

    def note_missing(self) -> None:
        """Count the pictures that lack a prior in the log, and name the first ones."""
        for name, prior in self.priors.items():
            without = np.flatnonzero(~prior.valid).tolist()
            if without:
                named = ", ".join(str(self.samples.path[row]) for row in without[:NAMED])
                more = f" and {len(without) - NAMED} more" if len(without) > NAMED else ""
                of = f"{len(without)} of {len(self)} pictures"
                log.warning("note: %s: no %s of %s: %s%s", self.samples.root, name, of, named, more)


def open_needed(samples: Samples, needs: Needs) -> SamplesWithPriors:
    """Open the priors that a network needs of pictures.

    They lie where the reader found them; for pictures that no reader of a dataset read, in their folder or beside it.
    A picture may lack one.

    Raises InputError for a prior that lies nowhere, that is damaged, or that no picture has, unless it is one that many
    pictures lack by nature.
    """
    if not len(samples):
        return SamplesWithPriors(samples)
    if not samples.priors and needs:
        samples = replace(samples, priors=find_priors_of_pictures(samples.root))
    data, opened = data_of(needs), {}
    for name in needs:
        found = open_if_there(name, samples, data)
        if found is None:
            raise InputError(*_nowhere(name, samples))
        place, opened[name] = found
        if not PRIORS[name].optional and not opened[name].valid.any():
            expected = f"the names of the pictures, such as {samples.path[0]}"
            found = f"{place}: {name} of none of {_pictures(samples)}"
            raise InputError(found, expected, "check which pictures it was made of")
    return SamplesWithPriors(samples, opened)


def _nowhere(name: str, samples: Samples) -> tuple[str, str, str]:
    places = " or ".join(f"{folder}/" for folder in PRIORS[name].folders)
    expected = f"{places} in {samples.root} or beside it, since these weights look at the {name} of each picture"
    return f"no {name} of {_pictures(samples)}", expected, _then(name, samples)


def _then(name: str, samples: Samples) -> str:
    parser = ", or give weights that parse with --parser" if name in PARSED else ""
    if samples.source is not None:
        made = command("world", "make", "people", "--labels", "keypoints,parsing,masks")
        return f"type {made}, whose tree has labels{parser}"
    if name in ("face", "face_restored", "irrelevant"):
        return "put them there"
    model = "blazepose" if name in MADE_BY_BLAZEPOSE else "NETWORK.onnx"
    return f"type {command('priors', 'make', name, path(samples.root), '--model', model)}{parser}"


def _pictures(samples: Samples) -> str:
    count = "the picture" if len(samples) == 1 else f"the {len(samples)} pictures"
    return f"{count} in {samples.root}" + (f", {samples.path[0]}" if len(samples) == 1 else "")
