"""Maps that a parser, a network of ours, makes on the way for a network that needs parsing maps or masks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sameperson.checks import InputError
from sameperson.data.loading import eval_loader
from sameperson.data.needed_priors import PARSED
from sameperson.methods.load import TrainedNetwork
from sameperson.priors.label_sets import IGNORED, LABEL_SETS, Labels, merge_table
from sameperson.priors.maps import mirror_maps
from sameperson.priors.part_groups import label_set
from sameperson.priors.prior import NeededPrior, Placement
from sameperson.types import Samples, Size

BLOCK = 32
"""Pictures that the parser is given at once, counted from the first, so that a resumed run makes the same maps."""


@dataclass(frozen=True)
class Meaning:
    """What the parser's labels are to the network.

    table: (256,) uint8, the network's label for each of the parser's. swap: what each becomes in the mirror, or None.
    """

    table: Labels
    swap: Labels | None = None


@dataclass
class ParserLabels:
    """The parser's labels of pictures, made a block of pictures at a time when one of them is first asked for.

    readers: how often each is read; then it is forgotten, so that few are held. Safe to read from many threads.
    """

    parser: TrainedNetwork
    samples: Samples
    readers: int = 1
    _made: dict[int, Labels] = field(default_factory=dict, repr=False)
    _left: dict[int, int] = field(default_factory=dict, repr=False)
    _lock: Any = field(default_factory=Lock, repr=False)

    def read(self, row: int) -> Labels:
        """The labels of a picture (h, w), as the parser gives them."""
        with self._lock:
            if row not in self._made:
                self._make(row // BLOCK * BLOCK)
            found = self._made[row]
            self._left[row] -= 1
            if not self._left[row]:
                del self._made[row], self._left[row]
        return found

    def _make(self, start: int) -> None:
        block = self.samples.take(slice(start, start + BLOCK))
        for part in eval_loader(block, self.parser.size, BLOCK, workers=0, skip_broken=True):
            if len(part.rows):
                rows = (part.rows + start).tolist()
                self._made.update(zip(rows, self.parser.parse(part.images).numpy(), strict=True))
                self._left.update(dict.fromkeys(rows, self.readers))


@dataclass(frozen=True)
class ParserMaps:
    """The maps of N pictures for a network, made of the parser's labels."""

    labels: ParserLabels
    meaning: Meaning

    @property
    def valid(self) -> NDArray[np.bool_]:
        """The mask (N,) of pictures that have a map: all, since the parser makes it."""
        return np.ones(len(self.labels.samples), bool)

    def blank(self, count: int, size: Size) -> Labels:
        """Make maps of background: (count, *size) zeros."""
        return np.zeros((count, *size), np.uint8)

    def place(self, row: int, placement: Placement) -> Labels:
        """Return the map of a picture (H, W) over its sample."""
        found = self.meaning.table[self.labels.read(row)]
        return placement.labels(found, placement.size, self.meaning.swap)

    def mirror(self, values: Labels, size: Size) -> Labels:  # noqa: ARG002 - as keypoints need it
        """Mirror the maps of samples (n, H, W)."""
        return mirror_maps(values, self.meaning.swap)

    def stamp(self, row: int) -> str:  # noqa: ARG002 - one parser for all
        """Return the name of the parser."""
        return self.labels.parser.fingerprint


def with_parser(network: TrainedNetwork, parser: TrainedNetwork) -> TrainedNetwork:
    """Return the network with a parser that makes the parsing maps or masks it needs.

    Raises InputError for a parser that does not parse, for a network that needs no maps, and where the labels of the
    one cannot be made of those of the other.
    """
    parser.require_parsing()
    if not set(network.needs) & set(PARSED):
        found = f"a parser for {network.card.name}, weights that need no parsing maps or masks"
        raise InputError(found, "weights that need them", "leave the parser out")
    _meanings(network, parser)
    return replace(network, parser=parser)


def parser_maps(network: TrainedNetwork, samples: Samples) -> dict[str, NeededPrior]:
    """The maps that a network's parser makes of pictures, by the name of the prior; none without a parser."""
    if network.parser is None:
        return {}
    meanings = _meanings(network, network.parser)
    labels = ParserLabels(network.parser, samples, readers=len(meanings))
    return {name: ParserMaps(labels, meaning) for name, meaning in meanings.items()}


def _meanings(network: TrainedNetwork, parser: TrainedNetwork) -> dict[str, Meaning]:
    theirs = parser.method.label_set
    return {name: _meaning(name, network.needs[name], theirs) for name in PARSED if name in network.needs}


def _meaning(name: str, form: Mapping[str, Any], theirs: str) -> Meaning:
    """What labels of the set `theirs` are to a network that reads the prior in a form (`priors.needs`)."""
    if name == "mask":
        person = np.ones(256, np.uint8)
        person[[0, IGNORED]] = 0
        return Meaning(person)
    stored, merge = form["parsing.labels"], form["parsing.merge"]
    wanted = stored if merge == "none" else merge
    swap = label_set(wanted).swap
    if theirs == wanted:
        return Meaning(np.arange(256, dtype=np.uint8), swap)
    try:
        if theirs in LABEL_SETS:
            return Meaning(merge_table(theirs, wanted), swap)
    except InputError:
        pass
    found = f"a parser of {theirs} labels for weights that read {wanted} labels"
    raise InputError(found, f"a parser of {wanted} labels", "give another parser, or put the maps beside the pictures")
