"""Results of each query: the rank of its first positive, AP and INP, in the galleries that the protocol prescribes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from sameperson.evaluation.protocols.definition import Protocol
from sameperson.evaluation.protocols.shots_by_camera import EachPersonOnce, drawn_gallery
from sameperson.evaluation.protocols.single_shot import PerQueryGalleries
from sameperson.evaluation.rank import PositiveRanks, positive_ranks
from sameperson.evaluation.scores import Scores
from sameperson.evaluation.skipped_cameras import SkippedCameras
from sameperson.types import Samples

BLOCK = 1 << 16
"""Positives that are processed at once, about; few enough to stay in the processor's cache."""


@dataclass(frozen=True)
class QueryResults:
    """The results of Q queries.

    places: (Q, R) int64, the rank from 0 of the first positive in each of R galleries; -1 where there is none.
    precision, trapezoid, penalty: (Q,) AP, AP by the trapezoid, and INP, the mean over galleries; NaN without a
    positive. dropped: positive pairs that did not count.
    """

    places: NDArray[np.int64]
    precision: NDArray[np.float64]
    trapezoid: NDArray[np.float64]
    penalty: NDArray[np.float64]
    dropped: int

    def shares(self, ranks: Sequence[int]) -> NDArray[np.float64]:
        """The share of a query's galleries in which it is right at each rank, (Q, len(ranks)); 0 without a positive."""
        valid = self.places >= 0
        right = [((self.places < rank) & valid).sum(1) for rank in ranks]
        return np.stack(right, axis=1) / np.maximum(valid.sum(1), 1)[:, None]

    def middle(self) -> NDArray[np.int64]:
        """The median rank of each query's first positive (Q,), the better of two middle ones; -1 without a positive."""
        ordered = np.sort(self.places, axis=1)  # -1 comes first
        without = (ordered < 0).sum(1)
        at = np.minimum(without + (ordered.shape[1] - without - 1) // 2, ordered.shape[1] - 1)
        return ordered[np.arange(len(ordered)), at]


def find(scores: Scores, queries: Samples, pictures: Samples, protocol: Protocol, seed: int) -> QueryResults:
    """Rank the gallery for each query; scores are of the rows that `protocols.apply.apply_protocol` chose."""
    if protocol.skips:
        scores = SkippedCameras(scores, queries.camid, pictures.camid, protocol.skips)
    if protocol.single_shot == "per_query":
        drawn = PerQueryGalleries(queries, pictures, protocol, seed)
        results = per_query(positive_ranks(scores, queries, pictures, protocol, drawn.rank_tile))
        return replace(results, places=drawn.places)
    if protocol.single_shot == "no":
        return per_query(positive_ranks(scores, queries, pictures, protocol))
    each = []
    for repeat in range(protocol.repeats):
        rows = drawn_gallery(pictures, protocol, seed, repeat)
        each.append(in_one_gallery(scores.among(rows), queries, pictures.take(rows), protocol))
    return QueryResults(
        np.hstack([one.places for one in each]),
        mean_of([one.precision for one in each]),
        mean_of([one.trapezoid for one in each]),
        mean_of([one.penalty for one in each]),
        sum(one.dropped for one in each),
    )


def in_one_gallery(scores: Scores, queries: Samples, pictures: Samples, protocol: Protocol) -> QueryResults:
    """Rank a gallery that was drawn for all queries."""
    if protocol.single_shot != "per_camera":
        return per_query(positive_ranks(scores, queries, pictures, protocol))
    people = EachPersonOnce(queries, pictures)
    results = per_query(positive_ranks(scores, queries, pictures, protocol, people.look))
    return replace(results, places=people.places[:, None])


def mean_of(galleries: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Average (Q,) over the galleries in which a query has a positive; NaN where it has none in any."""
    values = np.stack(galleries)
    there = np.isfinite(values)
    return np.where(there, values, 0).sum(0) / np.where(there.any(0), there.sum(0), np.nan)


def per_query(positives: PositiveRanks) -> QueryResults:
    """Compute first rank (from 0), AP and inverse negative penalty of each query, in one gallery.

    AP = mean over positives of (positives down to it / rows down to it). By the trapezoid, as in Market-1501's own
    evaluation, a positive counts the mean of the precision at it and just before it, which is 1 before the first row.
    INP = positives / (rank of the last positive, from 1).
    """
    counts = np.diff(positives.starts)
    first = np.full(len(counts), -1, np.int64)
    precision, trapezoid, penalty = np.full((3, len(counts)), np.nan)
    matched = np.flatnonzero(counts)
    begin, count = positives.starts[matched], counts[matched]
    first[matched] = positives.ranks[begin]
    penalty[matched] = count / (positives.ranks[begin + count - 1] + 1)
    blocks = np.searchsorted(begin, np.arange(0, len(positives.ranks), BLOCK))
    for one, stop in pairwise(np.unique([*blocks, len(matched)]).tolist()):
        rows, start = slice(one, stop), begin[one]
        ranks = positives.ranks[start : begin[stop - 1] + count[stop - 1]]
        place = np.arange(len(ranks)) - np.repeat(begin[rows] - start, count[rows])  # positives before this one
        at = (place + 1) / (ranks + 1)
        before = np.where(ranks > 0, place / np.maximum(ranks, 1), 1.0)
        for area, values in ((precision, at), (trapezoid, (at + before) / 2)):
            area[matched[rows]] = np.add.reduceat(values, begin[rows] - start) / count[rows]
    return QueryResults(first[:, None], precision, trapezoid, penalty, positives.dropped)
