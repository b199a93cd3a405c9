"""Ranks by tiles: how many gallery pictures beat each positive, and who comes first. Never a whole matrix.

CMC, AP and mINP need only the ranks of a query's positives, so a row of scores is never sorted whole: what lies behind
the weakest positive cannot matter, and of what lies before it only the values are put in order. numpy outside; the
tile's product is torch's, into one buffer, with torch's threads; as many Python threads then rank its rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from sameperson.evaluate.distance import Features, distances, scorable
from sameperson.evaluate.protocols import Protocol
from sameperson.types import JUNK, Embeddings, Ranking, Samples

TILE = 256
"""Queries whose scores are held at once,"""
HELD = 1 << 25
"""and so many scores at most: 128 MiB."""
SPAN = 32
"""Queries that a thread ranks at a time."""
FEW = 64
"""Picking scores out one by one pays where at most one in so many is picked."""
OUT = np.float32(-np.inf)
"""The score of a gallery row that does not count."""


@dataclass(frozen=True)
class PositiveRanks:
    """For each query that has positives, where they come: `ranks[starts[i]:starts[i + 1]]`, ascending, 0 is first.

    ranks: (M,) int64 among the gallery rows that count for the query; starts: (Q + 1,) int64.
    """

    ranks: NDArray[np.int64]
    starts: NDArray[np.int64]


def positive_ranks(
    query: Features, queries: Samples, gallery: Features, pictures: Samples, protocol: Protocol
) -> PositiveRanks:
    """Rank the positives of each query among what the protocol lets count; equal scores in the order of the gallery.

    query, gallery: (Q, D) and (G, D) as `distance.scorable` makes them; pictures must hold no junk.
    """
    pairs = same_person(queries, pictures, protocol)
    ranks = np.empty(len(pairs.column), np.int64)
    threads = torch.get_num_threads()
    with ThreadPoolExecutor(threads) as pool:
        for start, scores in tiles(query, gallery):
            stop = start + len(scores)
            drop = slice(pairs.dropped_starts[start], pairs.dropped_starts[stop])
            scores[pairs.dropped_row[drop] - start, pairs.dropped_column[drop]] = OUT
            mine = slice(pairs.starts[start], pairs.starts[stop])
            ranks[mine] = ranks_in(scores, pairs.row[mine] - start, pairs.column[mine], pool, threads)
    order = np.lexsort((ranks, pairs.row))
    return PositiveRanks(ranks[order], pairs.starts)


def ranks_in(
    scores: Features, row: NDArray[np.int64], column: NDArray[np.int64], pool: ThreadPoolExecutor, threads: int
) -> NDArray[np.int64]:
    """How many of a row's scores come before each `scores[row, column]`; among equals the earlier column comes first.

    scores: (R, G); row, column: (M,), row ascending. Only what is not behind a row's weakest positive is sorted.
    """
    mine = scores[row, column]
    rows, first = np.unique(row, return_index=True)
    weakest = np.minimum.reduceat(mine, first) if len(first) else mine
    bounds = [*first.tolist(), len(mine)]
    before, equal = np.empty(len(mine), np.int64), np.empty(len(mine), np.int64)

    def some(start: int) -> None:
        for k in range(start, len(rows), threads):
            line, positives = scores[rows[k]], slice(bounds[k], bounds[k + 1])
            near = line.take(np.flatnonzero(line >= weakest[k]))
            near.sort()
            upto = near.searchsorted(mine[positives], "right")
            before[positives] = len(near) - upto
            equal[positives] = upto - near.searchsorted(mine[positives], "left")

    list(pool.map(some, range(threads)))
    for k in np.flatnonzero(equal > 1):
        before[k] += np.count_nonzero(scores[row[k], : column[k]] == mine[k])
    return before


def rank_top(
    query: Embeddings, gallery: Embeddings, k: int, *, metric: str = "cosine", protocol: str = "everything"
) -> Ranking:
    """The k nearest gallery rows of each query, whatever their labels; equal distances in the order of the gallery."""
    q, g = scorable(query, gallery, metric)
    k = min(k, len(g))
    indices = np.empty((len(q), k), np.int64)
    best = np.empty((len(q), k), np.float32)
    for start, scores in tiles(q, g) if k else ():
        for row, line in enumerate(scores, start):
            weakest = np.partition(line, -k)[-k]
            near = np.flatnonzero(line >= weakest)
            indices[row] = near[np.argsort(-line[near], kind="stable")[:k]]
            best[row] = line[indices[row]]
    return Ranking(indices, distances(best, q, metric), protocol)


def tiles(query: Features, gallery: Features) -> Iterator[tuple[int, Features]]:
    """The product of queries and gallery, some queries at a time: the first query's row and their scores (n, G).

    The scores lie in one buffer that the next tile overwrites.
    """
    q, g = torch.from_numpy(np.ascontiguousarray(query)), torch.from_numpy(np.ascontiguousarray(gallery))
    size = min(TILE, max(1, HELD // max(len(g), 1)))
    buffer = torch.empty(min(size, len(q)), len(g))
    for start in range(0, len(q), size):
        rows = q[start : start + size]
        yield start, torch.mm(rows, g.T, out=buffer[: len(rows)]).numpy()


@dataclass(frozen=True)
class Pairs:
    """Each query (`row`) with its own person's gallery rows (`column`): those that count, and those dropped."""

    row: NDArray[np.int64]
    column: NDArray[np.int64]
    starts: NDArray[np.int64]
    dropped_row: NDArray[np.int64]
    dropped_column: NDArray[np.int64]
    dropped_starts: NDArray[np.int64]


def same_person(queries: Samples, pictures: Samples, protocol: Protocol) -> Pairs:
    """Every (query, gallery row) of one person, without looking at all pairs."""
    order = np.argsort(pictures.pid, kind="stable")
    ordered = pictures.pid[order]
    first = np.searchsorted(ordered, queries.pid, "left")
    count = np.searchsorted(ordered, queries.pid, "right") - first
    count[queries.pid <= 0] = 0  # nobody in particular has no positives
    row = np.repeat(np.arange(len(queries)), count)
    within = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    column = order[np.repeat(first, count) + within]
    drop = np.zeros(len(row), bool)
    if protocol.across_cameras:
        drop = queries.camid[row] == pictures.camid[column]
    return Pairs(
        row=row[~drop],
        column=column[~drop],
        starts=np.searchsorted(row[~drop], np.arange(len(queries) + 1)),
        dropped_row=row[drop],
        dropped_column=column[drop],
        dropped_starts=np.searchsorted(row[drop], np.arange(len(queries) + 1)),
    )


def without_junk(gallery: Embeddings, pictures: Samples) -> tuple[Embeddings, Samples]:
    """The gallery less what shows no one."""
    junk = pictures.pid == JUNK
    return (gallery.take(~junk), pictures.take(~junk)) if junk.any() else (gallery, pictures)
