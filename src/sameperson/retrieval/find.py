"""Search: the nearest gallery pictures of a query, without the query's own file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sameperson.evaluation.rank import rank_top
from sameperson.evaluation.similarity import Similarity
from sameperson.types import JUNK, Embeddings, Ranking, Samples


@dataclass(frozen=True)
class SearchResult:
    """The result of Q queries. itself: (Q,) int64, the gallery row that is the query's own file, -1 where none is."""

    ranking: Ranking
    itself: NDArray[np.int64]


def find(
    query: Embeddings,
    queries: Samples,
    gallery: Embeddings,
    pictures: Samples,
    top: int,
    how: Similarity | None = None,
) -> SearchResult:
    """Find the `top` nearest gallery pictures of each query, whatever their labels.

    how: the similarity; cosine distance without it. A query whose own file is in the gallery would come first in its
    own list, so that file is left out.
    """
    own = own_rows(queries, pictures)
    most = max((len(rows) for rows in own), default=0)
    nearest = rank_top(query, gallery, min(top + most, len(gallery)), how=how)
    indices = np.full((len(query), top), -1, np.int64)
    distances = np.full((len(query), top), np.inf, np.float32)
    for row, mine in enumerate(own):
        others = np.flatnonzero(~np.isin(nearest.indices[row], [*mine, -1]))[:top]
        indices[row, : len(others)] = nearest.indices[row, others]
        distances[row, : len(others)] = nearest.distances[row, others]
    itself = np.array([rows[0] if rows else -1 for rows in own], np.int64)
    return SearchResult(Ranking(indices, distances, nearest.protocol), itself)


def within(result: SearchResult, distance: float) -> SearchResult:
    """Remove the pictures that are farther than `distance` from a result."""
    near = result.ranking.distances <= distance
    ranking = replace(
        result.ranking,
        indices=np.where(near, result.ranking.indices, -1),
        distances=np.where(near, result.ranking.distances, np.inf).astype(np.float32),
    )
    return replace(result, ranking=ranking)


def own_rows(queries: Samples, pictures: Samples) -> list[list[int]]:
    """Find the gallery rows that are each query's own file, however either path is spelt."""
    wanted = {queries.file(row).name for row in range(len(queries))}
    named: dict[str, list[int]] = {}
    for row, path in enumerate(pictures.path):
        name = str(path).rpartition("/")[2]
        if name in wanted:
            named.setdefault(name, []).append(row)
    return [_same_file(queries, row, pictures, named.get(queries.file(row).name, [])) for row in range(len(queries))]


def _same_file(queries: Samples, row: int, pictures: Samples, candidates: Sequence[int]) -> list[int]:
    """Find the candidate rows that are the query's file; a stored gallery may name files that no longer exist."""
    query = queries.file(row)
    return [at for at in candidates if pictures.file(at).exists() and query.samefile(pictures.file(at))]


def borrow_labels(queries: Samples, pictures: Samples, itself: NDArray[np.int64]) -> Samples:
    """Take the labels of queries from the gallery rows of the same files, if all queries are unlabelled."""
    known = itself >= 0
    if (queries.pid != JUNK).any() or not known.any():
        return queries
    pid = np.where(known, pictures.pid[itself], JUNK)
    camid = np.where(known, pictures.camid[itself], queries.camid)
    return replace(queries, pid=pid, camid=camid.astype(np.int32), names=pictures.names)
