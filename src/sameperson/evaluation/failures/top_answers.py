"""The first answers to every query that count by a protocol, found tile by tile without the whole matrix of scores."""

from __future__ import annotations

import numpy as np

from sameperson.evaluation.protocols.apply import apply_protocol
from sameperson.evaluation.protocols.definition import Protocol
from sameperson.evaluation.protocols.pairs import OwnPictures
from sameperson.evaluation.rank import OUT, tiles
from sameperson.evaluation.similarity import Similarity, scores_of
from sameperson.evaluation.skipped_cameras import SkippedCameras
from sameperson.types import Embeddings, Ranking, Samples


def top_answers(
    query: Embeddings,
    queries: Samples,
    gallery: Embeddings,
    pictures: Samples,
    protocol: Protocol,
    similarity: Similarity,
    k: int,
) -> tuple[Ranking, np.ndarray]:
    """Find the k nearest gallery rows that count for each query, and its nearest right one.

    Returns the ranking (Q, k), with -1 where there are fewer or the query is not asked, and (Q,) int64 the gallery row
    of the nearest right answer, -1 without one. Protocols that draw galleries are searched whole. Ties go to the
    earlier gallery row.
    """
    applied = apply_protocol(protocol, queries, pictures)
    rows = np.arange(len(queries))[applied.query_rows]
    columns = np.arange(len(pictures))[applied.gallery_rows]
    asked, searched = queries.take(rows), pictures.take(columns)
    scores = scores_of(query.take(rows), gallery.take(columns), similarity)
    if applied.protocol.skips:
        scores = SkippedCameras(scores, asked.camid, searched.camid, applied.protocol.skips)
    own = OwnPictures.of(asked, searched, applied.protocol)
    indices = np.full((len(queries), k), -1, np.int64)
    distances = np.full((len(queries), k), np.inf, np.float32)
    right = np.full(len(queries), -1, np.int64)
    few = min(k, len(columns))
    for start, tile in tiles(scores):
        pairs = own.pairs(start, start + len(tile))
        tile[pairs.dropped_row, pairs.dropped_column] = OUT
        at = rows[start : start + len(tile)]
        for place, line in enumerate(tile):
            mine = pairs.column[pairs.starts[place] : pairs.starts[place + 1]]
            if len(mine):
                right[at[place]] = columns[mine[np.lexsort((mine, -line[mine]))[0]]]
            best = np.argpartition(-line, few - 1)[:few] if few < len(line) else np.arange(len(line))
            weakest = line[best].min()
            near = np.flatnonzero(line >= weakest)
            near = near[np.argsort(-line[near], kind="stable")][:few]
            near = near[line[near] > OUT]
            indices[at[place], : len(near)] = columns[near]
            distances[at[place], : len(near)] = line[near]
    found = indices >= 0
    # Distances are made a row at a time in their own shape, and rows that are not asked stay infinite.
    made = scores.distances(np.where(found[rows], distances[rows], 0))
    distances[rows] = np.where(found[rows], made, np.inf)
    return Ranking(indices, distances, applied.protocol.name), right
