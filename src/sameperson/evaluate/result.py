"""Embeddings and a protocol -> numbers with intervals: a pure function that knows no data set.

CMC counts a query right at rank r if its first positive is among the first r; AP is the mean precision at the positives
(plain area), and beside it, always under that name, by the trapezoid; INP is the share of positives among all rows down
to the last one (Ye et al. 2021, AGW). Where a protocol draws galleries, a query's figure is its mean over the draws.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sameperson.evaluate.per_query import find
from sameperson.evaluate.protocols.apply import terms_of
from sameperson.evaluate.protocols.catalogue import PROTOCOLS
from sameperson.evaluate.protocols.definition import Protocol
from sameperson.evaluate.similarity import Similarity, scores_of
from sameperson.evaluate.stats import Accuracy, bootstrap
from sameperson.types import Embeddings, Samples

RANKS = (1, 5, 10, 20)
FIGURES = ("rank1", "rank5", "rank10", "rank20", "mAP", "mINP", "mAP_trapezoid")
CMC_LENGTH = 50


@dataclass(frozen=True, eq=False)
class Evaluation:
    """How well queries found their person, each figure with its interval over query identities.

    protocol: its name; rules: all of it in words, with nothing left to decide; notes: what was decided on these labels.
    shots: how many pictures of a person a query meets; repeats: how many galleries were drawn. unit: what a query is.
    metric, compared: how two pictures were (`comparing.Similarity`).
    cmc: (50,) share of queries right at rank 1, 2, ...
    per_query: (Q, 7) float64, what each query brings to each of FIGURES, in the order given; NaN where it counts for
    nothing. first_rank: (Q,) int64 from 0, -1 there; of several draws the middle one.
    skipped: rows of queries that were asked and have no positive; not_asked: of those that the protocol leaves out.
    gallery: pictures searched. dropped_pairs: pairs of one person that did not count.
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
        """How many queries the figures are of."""
        return len(self.first_rank) - len(self.skipped) - len(self.not_asked)

    @property
    def average_precision(self) -> NDArray[np.float64]:
        """Of each query (Q,); NaN where it counts for nothing."""
        return self.per_query[:, FIGURES.index("mAP")]

    @property
    def inverse_negative_penalty(self) -> NDArray[np.float64]:
        """Of each query (Q,); NaN where it counts for nothing."""
        return self.per_query[:, FIGURES.index("mINP")]

    def to_json(self) -> dict[str, Any]:
        """The figures, the rules, and the counts behind them."""
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
    """Ask for each query's person in the gallery.

    metric: of the features, or all that is to be known of the comparison. seed: of the resampling, and of the galleries
    that a protocol draws.
    Raises InputError for embeddings that cannot be compared (see `similarity.scores_of`), and for labels that the
    protocol lacks (see `protocols.apply.terms_of`).
    """
    how = Similarity(metric) if isinstance(metric, str) else metric
    terms = terms_of(PROTOCOLS[protocol] if isinstance(protocol, str) else protocol, queries, pictures)
    scores = scores_of(query.take(terms.queries), gallery.take(terms.pictures), how)
    asked, searched = queries.take(terms.queries), pictures.take(terms.pictures)
    found = find(scores, asked, searched, terms.protocol, seed)
    some = found.places.max(axis=1, initial=-1) >= 0
    shares = found.shares(RANKS)
    figures = np.column_stack([shares, found.precision, found.penalty, found.trapezoid])[some]
    accuracies = bootstrap(figures, asked.pid[some], resamples, seed)
    rows = np.arange(len(queries))[terms.queries]
    first, per_query = np.full(len(queries), -1), np.full((len(queries), len(FIGURES)), np.nan)
    first[rows[some]], per_query[rows[some]] = found.middle()[some], figures
    return Evaluation(
        protocol=terms.protocol.name,
        rules=terms.protocol.rules,
        shots=terms.protocol.shots,
        repeats=terms.protocol.repeats,
        metric=how.metric,
        compared=how.to_json(),
        **dict(zip(FIGURES, accuracies, strict=True)),
        cmc=found.shares(range(1, CMC_LENGTH + 1))[some].sum(0) / max(int(some.sum()), 1),
        per_query=per_query,
        first_rank=first,
        skipped=rows[~some],
        not_asked=np.setdiff1d(np.arange(len(queries)), rows),
        identities=len(np.unique(asked.pid[some])),
        gallery=len(searched),
        dropped_pairs=found.dropped,
        resamples=resamples,
        seed=seed,
        notes=terms.notes,
    )
