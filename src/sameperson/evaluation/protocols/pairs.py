"""Positive pairs: a query and a gallery picture of one person, those that a protocol counts and those it drops."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sameperson.evaluation.protocols.definition import Protocol
from sameperson.evaluation.protocols.rules import dropped, require_clothes, same_file
from sameperson.images.same_content import same_content
from sameperson.types import DISTRACTOR, Samples


@dataclass(frozen=True)
class Pairs:
    """Positive pairs of queries (`row`) and gallery rows (`column`): those that count, and those dropped.

    starts: (Q + 1,), where the pairs of each query that count begin.
    """

    row: NDArray[np.int64]
    column: NDArray[np.int64]
    starts: NDArray[np.int64]
    dropped_row: NDArray[np.int64]
    dropped_column: NDArray[np.int64]


@dataclass(frozen=True)
class OwnPictures:
    """Where each query's own person lies in the gallery: the rows `order[first[i] : first[i] + count[i]]`.

    copies: (M,), which of all pairs are two files of the same bytes, where the protocol asks for that; else None. The
    files are compared once, since pairs are made a tile at a time.
    """

    queries: Samples
    pictures: Samples
    protocol: Protocol
    order: NDArray[np.int64]
    first: NDArray[np.int64]
    count: NDArray[np.int64]
    copies: NDArray[np.bool_] | None = None

    @classmethod
    def of(cls, queries: Samples, pictures: Samples, protocol: Protocol) -> OwnPictures:
        """Find the gallery rows of each query's person. Raises InputError as `rules.require_clothes`."""
        order = np.argsort(pictures.pid, kind="stable")
        ordered = pictures.pid[order]
        first = np.searchsorted(ordered, queries.pid, "left")
        count = np.searchsorted(ordered, queries.pid, "right") - first
        count[queries.pid <= DISTRACTOR] = 0  # junk and distractors have no positives
        if protocol.clothes != "any":
            asked = np.isin(pictures.pid, queries.pid[count > 0])
            require_clothes(protocol, queries, np.flatnonzero(count), pictures, np.flatnonzero(asked))
        own = cls(queries, pictures, protocol, order, first, count)
        if not protocol.not_itself:
            return own
        row, column = own.candidates(0, len(queries))
        copies = np.zeros(len(row), bool)
        others = np.flatnonzero(~same_file(queries, row, pictures, column))
        copies[others] = same_content(queries, row[others], pictures, column[others])
        return replace(own, copies=copies)

    @property
    def queries_with_copies(self) -> int:
        """How many queries have a file of the same bytes in the gallery under another name."""
        row, _ = self.candidates(0, len(self.queries))
        return 0 if self.copies is None else len(np.unique(row[self.copies]))

    def candidates(self, start: int, stop: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """All pairs of one person, of the queries from `start` to `stop` and of gallery rows: (M,) each."""
        count = self.count[start:stop]
        row = np.repeat(np.arange(start, start + len(count)), count)
        within = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
        return row, self.order[np.repeat(self.first[start:stop], count) + within]

    def pairs(self, start: int, stop: int) -> Pairs:
        """The positive pairs of the queries from `start` to `stop`, with their rows counted from 0."""
        row, column = self.candidates(start, stop)
        before = int(self.count[:start].sum())
        copies = None if self.copies is None else self.copies[before : before + len(row)]
        drop = dropped(self.protocol, self.queries, row, self.pictures, column, copies)
        row, queries = row - start, len(self.count[start:stop])
        keep = np.flatnonzero(~drop)
        out = np.flatnonzero(drop)
        starts = np.searchsorted(row[keep], np.arange(queries + 1))
        return Pairs(row[keep], column[keep], starts, row[out], column[out])


def same_person(queries: Samples, pictures: Samples, protocol: Protocol) -> Pairs:
    """All positive pairs of queries and a gallery. Raises InputError where clothes labels are missing."""
    return OwnPictures.of(queries, pictures, protocol).pairs(0, len(queries))
