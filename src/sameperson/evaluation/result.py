"""Evaluation of embeddings by a protocol: CMC, mAP and mINP with confidence intervals, as a pure function.

CMC counts a query right at rank r if its first positive is among the first r. AP is the mean precision at the positives
(plain area); `mAP_trapezoid` is the mean of AP by the trapezoid. INP is the share of positives among all rows down to
the last positive (Ye et al. 2021, AGW). Where a protocol draws galleries, a query's figure is its mean over the draws.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sameperson.evaluation.per_query import find
from sameperson.evaluation.protocols.apply import apply_protocol
from sameperson.evaluation.protocols.catalogue import PROTOCOLS
from sameperson.evaluation.protocols.definition import Protocol
from sameperson.evaluation.similarity import Similarity, scores_of
from sameperson.evaluation.stats import Accuracy, bootstrap
from sameperson.types import Embeddings, Samples

RANKS = (1, 5, 10, 20)
FIGURES = ("rank1", "rank5", "rank10", "rank20", "mAP", "mINP", "mAP_trapezoid")
CMC_LENGTH = 50


@dataclass(frozen=True, eq=False)
class Evaluation:
    """The result of an evaluation, each figure with its interval over query identities.

    protocol: its name; rules: its settled rules in words; notes: what the labels settled. shots: whether a query meets
    all pictures of a person or one; repeats: how many galleries were drawn. unit: what a query is.
    metric, compared: how pictures were compared (`similarity.Similarity`).
    cmc: (50,) share of queries right at rank 1, 2, ...
    per_query: (Q, 7) float64, each query's value of each of FIGURES, in the order given; NaN for queries that do not
    count. first_rank: (Q,) int64, the rank from 0 of the first positive, -1 for queries that do not count; of several
    draws the middle one.
    skipped: rows of queries without a positive; not_asked: rows of queries that the protocol leaves out.
    gallery: how many pictures were searched. dropped_pairs: positive pairs that did not count.
    """

    protocol: str
    rules: str
    shots: Literal["multi", "single"]
    repeats: int
    metric: str
    compared: Mapping[str, Any]
    rank1: Accuracy
    rank5: Accuracy
    rank10: Accuracy
    rank20: Accuracy
    mAP: Accuracy
    mINP: Accuracy
    mAP_trapezoid: Accuracy
    cmc: NDArray[np.float64]
    per_query: NDArray[np.float64]
    first_rank: NDArray[np.int64]
    skipped: NDArray[np.int64]
    not_asked: NDArray[np.int64]
    identities: int
    gallery: int
    dropped_pairs: int
    resamples: int
    seed: int
    notes: tuple[str, ...] = ()
    unit: Literal["picture", "track"] = "picture"

    @property
    def queries(self) -> int:
        """The number of queries that count."""
        return len(self.first_rank) - len(self.skipped) - len(self.not_asked)

    @property
    def average_precision(self) -> NDArray[np.float64]:
        """AP of each query (Q,); NaN for queries that do not count."""
        return self.per_query[:, FIGURES.index("mAP")]

    @property
    def inverse_negative_penalty(self) -> NDArray[np.float64]:
        """INP of each query (Q,); NaN for queries that do not count."""
        return self.per_query[:, FIGURES.index("mINP")]

    def to_json(self) -> dict[str, Any]:
        """The figures, the rules, and the counts behind them, as plain data."""
        return {
            **{name: getattr(self, name).to_json() for name in FIGURES},
            "protocol": self.protocol,
            "rules": self.rules,
            "notes": list(self.notes),
            "shots": self.shots,
            "repeats": self.repeats,
            "unit": self.unit,
            "metric": self.metric,
            **self.compared,
            "queries": self.queries,
            "skipped_queries": len(self.skipped),
            "queries_not_asked": len(self.not_asked),
            "query_identities": self.identities,
            "gallery": self.gallery,
            "dropped_pairs": self.dropped_pairs,
            "resamples": self.resamples,
            "seed": self.seed,
        }


def evaluate(
    query: Embeddings,
    queries: Samples,
    gallery: Embeddings,
    pictures: Samples,
    protocol: Protocol | str = "market1501",
    *,
    metric: Similarity | str = "cosine",
    resamples: int = 2000,
    seed: int = 0,
) -> Evaluation:
    """Evaluate the search of each query's person in the gallery by a protocol.

    query, queries: embeddings and labels of the queries; gallery, pictures: those of the gallery. metric: the name of a
    metric, or a whole `Similarity`. seed: of the resampling, and of the galleries that a protocol draws.
    Raises InputError for embeddings that cannot be compared (see `similarity.scores_of`), and for labels that the
    protocol lacks (see `protocols.apply.apply_protocol`).
    """
    how = Similarity(metric) if isinstance(metric, str) else metric
    applied = apply_protocol(PROTOCOLS[protocol] if isinstance(protocol, str) else protocol, queries, pictures)
    scores = scores_of(query.take(applied.query_rows), gallery.take(applied.gallery_rows), how)
    asked, searched = queries.take(applied.query_rows), pictures.take(applied.gallery_rows)
    results = find(scores, asked, searched, applied.protocol, seed)
    counted = results.places.max(axis=1, initial=-1) >= 0
    shares = results.shares(RANKS)
    figures = np.column_stack([shares, results.precision, results.penalty, results.trapezoid])[counted]
    accuracies = bootstrap(figures, asked.pid[counted], resamples, seed)
    rows = np.arange(len(queries))[applied.query_rows]
    first, per_query = np.full(len(queries), -1), np.full((len(queries), len(FIGURES)), np.nan)
    first[rows[counted]], per_query[rows[counted]] = results.middle()[counted], figures
    return Evaluation(
        protocol=applied.protocol.name,
        rules=applied.protocol.rules,
        shots=applied.protocol.shots,
        repeats=applied.protocol.repeats,
        metric=how.metric,
        compared=how.to_json(),
        **dict(zip(FIGURES, accuracies, strict=True)),
        cmc=results.shares(range(1, CMC_LENGTH + 1))[counted].sum(0) / max(int(counted.sum()), 1),
        per_query=per_query,
        first_rank=first,
        skipped=rows[~counted],
        not_asked=np.setdiff1d(np.arange(len(queries)), rows),
        identities=len(np.unique(asked.pid[counted])),
        gallery=len(searched),
        dropped_pairs=results.dropped,
        resamples=resamples,
        seed=seed,
        notes=applied.notes,
    )
