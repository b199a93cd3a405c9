"""Where each query's person was found, by whichever gallery the protocol has it look through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from sameperson.evaluate.protocols.definition import Protocol
from sameperson.evaluate.protocols.shots_by_camera import EachPersonOnce, drawn_gallery
from sameperson.evaluate.protocols.single_shot import EachQuery
from sameperson.evaluate.rank import PositiveRanks, positive_ranks
from sameperson.evaluate.scores import Scores
from sameperson.evaluate.skipped_cameras import SkippedCameras
from sameperson.types import Samples

BLOCK = 1 << 16
"""Positives looked at together, about; they stay in the cache."""


@dataclass(frozen=True)
class Found:
    """places: (Q, R) int64, where the first positive came, from 0, in each of R galleries; -1 where there was none.

    precision, trapezoid, penalty: (Q,) AP by either area and INP, the mean over galleries; NaN without a positive.
    dropped: pairs of one person
    that did not count.
    """

    places: NDArray[np.int64]
    precision: NDArray[np.float64]
    trapezoid: NDArray[np.float64]
    penalty: NDArray[np.float64]
    dropped: int

    def shares(self, ranks: Sequence[int]) -> NDArray[np.float64]:
        """In what share of its galleries each query was right at each rank (Q, len(ranks)); 0 without a positive."""
        valid = self.places >= 0
        right = [((self.places < rank) & valid).sum(1) for rank in ranks]
        return np.stack(right, axis=1) / np.maximum(valid.sum(1), 1)[:, None]

    def middle(self) -> NDArray[np.int64]:
        """The median place of each query (Q,), the better of two; -1 without one."""
        ordered = np.sort(self.places, axis=1)  # -1 comes first
        without = (ordered < 0).sum(1)
        at = np.minimum(without + (ordered.shape[1] - without - 1) // 2, ordered.shape[1] - 1)
        return ordered[np.arange(len(ordered)), at]


def find(scores: Scores, queries: Samples, pictures: Samples, protocol: Protocol, seed: int) -> Found:
    """Look for everyone; scores of the queries and pictures that `protocols.apply.terms_of` chose."""
    if protocol.skips:
        scores = SkippedCameras(scores, queries.camid, pictures.camid, protocol.skips)
    if protocol.single_shot == "per_query":
        drawn = EachQuery(queries, pictures, protocol, seed)
        whole = per_query(positive_ranks(scores, queries, pictures, protocol, drawn.look))
        return replace(whole, places=drawn.places)
    if protocol.single_shot == "no":
        return per_query(positive_ranks(scores, queries, pictures, protocol))
    each = []
    for repeat in range(protocol.repeats):
        rows = drawn_gallery(pictures, protocol, seed, repeat)
        each.append(in_one_gallery(scores.among(rows), queries, pictures.take(rows), protocol))
    return Found(
        np.hstack([one.places for one in each]),
        mean_of([one.precision for one in each]),
        mean_of([one.trapezoid for one in each]),
        mean_of([one.penalty for one in each]),
        sum(one.dropped for one in each),
    )


def in_one_gallery(scores: Scores, queries: Samples, pictures: Samples, protocol: Protocol) -> Found:
    """Look for everyone in a gallery that was drawn for all queries."""
    if protocol.single_shot != "per_camera":
        return per_query(positive_ranks(scores, queries, pictures, protocol))
    people = EachPersonOnce(queries, pictures)
    whole = per_query(positive_ranks(scores, queries, pictures, protocol, people.look))
    return replace(whole, places=people.places[:, None])


def mean_of(galleries: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """The mean (Q,) over the galleries in which a query has a positive; NaN where it has none in any."""
    values = np.stack(galleries)
    there = np.isfinite(values)
    return np.where(there, values, 0).sum(0) / np.where(there.any(0), there.sum(0), np.nan)


def per_query(found: PositiveRanks) -> Found:
    """First rank (from 0), AP and inverse negative penalty of each query, in one gallery.

    AP is the mean precision at the positives; by the trapezoid, as Market-1501's own evaluation has it, the precision
    just before a positive counts for half, and is 1 before the first picture of all.
    """
    counts = np.diff(found.starts)
    first = np.full(len(counts), -1, np.int64)
    precision, trapezoid, penalty = np.full((3, len(counts)), np.nan)
    some = np.flatnonzero(counts)
    begin, count = found.starts[some], counts[some]
    first[some] = found.ranks[begin]
    penalty[some] = count / (found.ranks[begin + count - 1] + 1)
    blocks = np.searchsorted(begin, np.arange(0, len(found.ranks), BLOCK))
    for one, stop in pairwise(np.unique([*blocks, len(some)]).tolist()):
        rows, start = slice(one, stop), begin[one]
        ranks = found.ranks[start : begin[stop - 1] + count[stop - 1]]
        place = np.arange(len(ranks)) - np.repeat(begin[rows] - start, count[rows])  # positives before this one
        at = (place + 1) / (ranks + 1)
        before = np.where(ranks > 0, place / np.maximum(ranks, 1), 1.0)
        for area, values in ((precision, at), (trapezoid, (at + before) / 2)):
            area[some[rows]] = np.add.reduceat(values, begin[rows] - start) / count[rows]
    return Found(first[:, None], precision, trapezoid, penalty, found.dropped)
