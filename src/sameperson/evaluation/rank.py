"""Ranking by tiles: the ranks of each query's positives, and its top k, without the whole matrix of scores in memory.

CMC, AP and mINP need only the ranks of a query's positives, so a row of scores is never sorted as a whole: scores below
the weakest positive do not matter, and of those above it only the values are sorted. numpy outside; a tile's product is
torch's. Each thread computes a tile and ranks its rows while they are in the cache, without waiting for the others.
Each product is made by one thread, so the scores do not depend on the number of threads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray

from sameperson.evaluation.distance import Features
from sameperson.evaluation.protocols.definition import Protocol
from sameperson.evaluation.protocols.pairs import OwnPictures
from sameperson.evaluation.scores import Scores
from sameperson.evaluation.similarity import Similarity, scores_of
from sameperson.evaluation.threads import in_threads
from sameperson.types import Embeddings, Ranking, Samples

TILE = 128
"""The largest number of queries in a tile."""
HELD = 1 << 25
"""The largest number of scores in the tiles of all threads together: 128 MiB."""
OUT = np.float32(-np.inf)
"""The score of a gallery row that does not count for the query."""


@dataclass(frozen=True)
class PositiveRanks:
    """The ranks of each query's positives: `ranks[starts[i]:starts[i + 1]]` for query i, ascending, 0 is first.

    ranks: (M,) int64 among the gallery rows that count for the query; starts: (Q + 1,) int64. dropped: how many
    positive pairs did not count.
    """

    ranks: NDArray[np.int64]
    starts: NDArray[np.int64]
    dropped: int


def positive_ranks(
    scores: Scores,
    queries: Samples,
    pictures: Samples,
    protocol: Protocol,
    on_tile: Callable[[int, Features], None] | None = None,
) -> PositiveRanks:
    """Rank the positives of each query among the gallery rows that count; equal scores in the order of the gallery.

    scores: of the rows that take part in the protocol (`protocols.apply.apply_protocol`). on_tile: called with the
    first query's row and the scores (n, G) of each tile, from several threads at a time.
    """
    own = OwnPictures.of(queries, pictures, protocol)
    size = tile_size(scores.shape, torch.get_num_threads())
    starts = iter(range(0, len(queries), size))  # shared: each thread takes the next
    done: dict[int, tuple[NDArray[np.int64], NDArray[np.int64], int]] = {}

    def work() -> None:
        for start, tile in tiles(scores, size, starts):
            if on_tile is not None:
                on_tile(start, tile)
            pairs = own.pairs(start, start + len(tile))
            tile[pairs.dropped_row, pairs.dropped_column] = OUT
            ranks = ascending(ranks_in(tile, pairs.row, pairs.column), pairs.row, len(pictures))
            done[start] = ranks, np.diff(pairs.starts), len(pairs.dropped_row)

    in_threads(work)
    results = [done[start] for start in sorted(done)]
    ranks, counts, dropped = zip(*results, strict=True) if results else ((), (), ())
    return PositiveRanks(
        np.concatenate([np.zeros(0, np.int64), *ranks]),
        np.concatenate([[0], *counts]).astype(np.int64).cumsum(),
        sum(dropped),
    )


def ascending(ranks: NDArray[np.int64], row: NDArray[np.int64], gallery: int) -> NDArray[np.int64]:
    """Sort ranks (M,) within each row; row (M,) ascending. gallery: the gallery's size, which is above all ranks."""
    ordered = row * gallery + ranks
    ordered.sort()
    return ordered - row * gallery


def ranks_in(scores: Features, row: NDArray[np.int64], column: NDArray[np.int64]) -> NDArray[np.int64]:
    """Rank each `scores[row, column]` in its row, from 0; among equal scores the earlier column comes first.

    scores: (R, G); row, column: (M,), row ascending.
    """
    mine = scores[row, column]
    rows, first = np.unique(row, return_index=True)
    weakest = np.minimum.reduceat(mine, first) if len(first) else mine
    before, upto, next_below = np.empty(len(mine), np.int64), np.empty(len(mine), np.int64), np.empty_like(mine)
    for k, low, (start, stop) in zip(rows, weakest, pairwise([*first.tolist(), len(mine)]), strict=True):
        near = at_least(scores[k], low)
        upto[start:stop] = place = near.searchsorted(mine[start:stop], "right")
        before[start:stop] = len(near) - place
        next_below[start:stop] = near[place - 2]
    for k in np.flatnonzero((next_below == mine) & (upto > 1)):  # ties: rare in measured features
        before[k] += np.count_nonzero(scores[row[k], : column[k]] == mine[k])
    return before


def at_least(line: Features, weakest: np.float32) -> Features:
    """Sort the scores in `line` (G,) that are at least `weakest`, ascending; lower ones stay in if they are few."""
    near = line >= weakest
    scores = line.take(np.flatnonzero(near)) if 2 * np.count_nonzero(near) < len(line) else line.copy()
    scores.sort()
    return scores


def rank_top(
    query: Embeddings,
    gallery: Embeddings,
    k: int,
    *,
    metric: str = "cosine",
    protocol: str = "everything",
    how: Similarity | None = None,
) -> Ranking:
    """Find the k nearest gallery rows of each query, whatever their labels; ties in the order of the gallery.

    how: the whole similarity; without it features are compared by `metric`.
    """
    scores = scores_of(query, gallery, how or Similarity(metric))
    k = min(k, len(gallery))
    indices = np.empty((len(query), k), np.int64)
    best = np.empty((len(query), k), np.float32)
    for start, tile in tiles(scores) if k else ():
        for row, line in enumerate(tile, start):
            weakest = np.partition(line, -k)[-k]
            near = np.flatnonzero(line >= weakest)
            indices[row] = near[np.argsort(-line[near], kind="stable")[:k]]
            best[row] = line[indices[row]]
    return Ranking(indices, scores.distances(best), protocol)


def tiles(
    scores: Scores, size: int | None = None, starts: Iterable[int] | None = None
) -> Iterator[tuple[int, Features]]:
    """Compute the scores of `size` queries at a time; yields the first query's row and the scores (n, G).

    The scores lie in one buffer that the next tile overwrites. starts: the first rows of the tiles wanted; all tiles if
    not given.
    """
    queries, gallery = scores.shape
    size = size or tile_size(scores.shape)
    buffer = torch.empty(min(size, queries), gallery)
    for start in range(0, queries, size) if starts is None else starts:
        yield start, scores.tile(start, min(start + size, queries), buffer)


def tile_size(shape: tuple[int, int], threads: int = 1) -> int:
    """The number of queries in a tile, such that the tiles of all threads fit in memory and no thread is idle."""
    queries, gallery = shape
    return max(1, min(TILE, HELD // threads // max(gallery, 1), -(-queries // threads)))
