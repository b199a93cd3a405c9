"""Accuracy by pair of cameras: each query camera against the gallery of each other camera alone."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sameperson.evaluation.protocols.apply import apply_protocol
from sameperson.evaluation.protocols.definition import Protocol
from sameperson.evaluation.result import FIGURES, evaluate
from sameperson.evaluation.similarity import Similarity
from sameperson.evaluation.stats import Accuracy, bootstrap
from sameperson.types import Embeddings, Samples

MOST = 24
"""Cameras above which pairs are too many to read."""
RESAMPLES = 500


@dataclass(frozen=True)
class CameraPair:
    """The queries of one camera, searched among the pictures of another. camids from 0."""

    query: int
    gallery: int
    queries: int
    people: int
    rank1: Accuracy
    mAP: Accuracy


def camera_pairs(
    query: Embeddings, queries: Samples, gallery: Embeddings, pictures: Samples, protocol: Protocol,
    similarity: Similarity, seed: int = 0,
) -> list[CameraPair]:  # fmt: skip
    """Compute the accuracy of each pair of cameras that has a query with a right answer; the worst mAP first.

    Other cameras' pictures are not searched, so figures are higher than those of the whole gallery. Without known
    cameras, or with more than MOST of them, there are no pairs. Galleries are not drawn: every picture is searched.
    """
    cameras = np.unique(pictures.camid[pictures.camid >= 0])
    if not 2 <= len(cameras) <= MOST:
        return []
    plain = replace(
        apply_protocol(protocol, queries, pictures).protocol,
        single_shot="no",
        drawn=1,
        separate_cameras=False,
        repeats=1,
    )
    columns = [FIGURES.index("rank1"), FIGURES.index("mAP")]
    found = []
    for camera in cameras.tolist():
        there = np.flatnonzero(pictures.camid == camera)
        if plain.gallery_cameras and camera not in plain.gallery_cameras:
            continue
        if not (pictures.pid[there] >= 0).any():
            continue
        result = evaluate(
            query, queries, gallery.take(there), pictures.take(there), plain, metric=similarity, resamples=0
        )
        counted = np.isfinite(result.average_precision)
        for asking in np.unique(queries.camid[counted]).tolist():
            mine = counted & (queries.camid == asking)
            figures = bootstrap(result.per_query[mine][:, columns], queries.pid[mine], RESAMPLES, seed)
            people = len(np.unique(queries.pid[mine]))
            found.append(CameraPair(int(asking), camera, int(mine.sum()), people, *figures))
    return sorted(found, key=lambda pair: (pair.mAP.value, pair.query, pair.gallery))
