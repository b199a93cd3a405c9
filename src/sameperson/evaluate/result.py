"""Embeddings and a protocol -> numbers with intervals: a pure function that knows no data set.

CMC counts a query right at rank r if its first positive is among the first r; AP is the mean precision at the positives
(plain area); INP is the share of positives among all rows down to the last one (Ye et al. 2021, AGW).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sameperson.evaluate.distance import scorable
from sameperson.evaluate.protocols import PROTOCOLS, Protocol
from sameperson.evaluate.rank import PositiveRanks, positive_ranks, without_junk
from sameperson.evaluate.stats import Accuracy, bootstrap
from sameperson.types import Embeddings, Samples

RANKS = (1, 5, 10)
CMC_LENGTH = 50


@dataclass(frozen=True, eq=False)
class Evaluation:
    """How well queries found their person, each figure with its interval over query identities.

    cmc: (50,) share of queries right at rank 1, 2, ... Per query, in the order given: average_precision and
    inverse_negative_penalty (Q,) float64, NaN where skipped; first_rank (Q,) int64 from 0, -1 where skipped.
    skipped: query rows without a positive; they count nowhere.
    """

    protocol: str
    metric: str
    rank1: Accuracy
    rank5: Accuracy
    rank10: Accuracy
    mAP: Accuracy
    mINP: Accuracy
    cmc: NDArray[np.float64]
    average_precision: NDArray[np.float64]
    inverse_negative_penalty: NDArray[np.float64]
    first_rank: NDArray[np.int64]
    skipped: NDArray[np.int64]
    identities: int
    gallery: int
    resamples: int
    seed: int

    def to_json(self) -> dict[str, Any]:
        """The figures and the counts behind them."""
        names = ("rank1", "rank5", "rank10", "mAP", "mINP")
        return {
            **{name: getattr(self, name).to_json() for name in names},
            "protocol": self.protocol,
            "metric": self.metric,
            "queries": len(self.first_rank) - len(self.skipped),
            "skipped_queries": len(self.skipped),
            "query_identities": self.identities,
            "gallery": self.gallery,
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
    metric: str = "cosine",
    resamples: int = 2000,
    seed: int = 0,
) -> Evaluation:
    """Ask for each query's person in the gallery.

    Raises InputError for embeddings that cannot be compared (see `distance.scorable`) and for labels that the protocol
    lacks (see `Protocol.drops`).
    """
    protocol = PROTOCOLS[protocol] if isinstance(protocol, str) else protocol
    gallery, pictures = without_junk(gallery, pictures)
    q, g = scorable(query, gallery, metric)
    found = positive_ranks(q, queries, g, pictures, protocol)
    first, precision, penalty = per_query(found)
    asked = np.flatnonzero(first >= 0)
    hits = (first[asked, None] < np.array(RANKS)).astype(np.float64)
    figures = np.column_stack([hits, precision[asked], penalty[asked]])
    rank1, rank5, rank10, mean_precision, mean_penalty = bootstrap(figures, queries.pid[asked], resamples, seed)
    return Evaluation(
        protocol=protocol.name,
        metric=metric,
        rank1=rank1,
        rank5=rank5,
        rank10=rank10,
        mAP=mean_precision,
        mINP=mean_penalty,
        cmc=np.cumsum(np.bincount(first[asked], minlength=CMC_LENGTH)[:CMC_LENGTH]) / max(len(asked), 1),
        average_precision=precision,
        inverse_negative_penalty=penalty,
        first_rank=first,
        skipped=np.flatnonzero(first < 0),
        identities=len(np.unique(queries.pid[asked])),
        gallery=len(pictures),
        resamples=resamples,
        seed=seed,
    )


def per_query(found: PositiveRanks) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """First rank (from 0), AP and inverse negative penalty of each query; -1 and NaN without positives."""
    counts = np.diff(found.starts)
    query = np.repeat(np.arange(len(counts)), counts)
    place = np.arange(len(found.ranks)) - found.starts[query]  # positives before this one
    some = counts > 0
    first = np.full(len(counts), -1, np.int64)
    first[some] = found.ranks[found.starts[:-1][some]]
    precision = np.full(len(counts), np.nan)
    precision[some] = np.bincount(query, (place + 1) / (found.ranks + 1), len(counts))[some] / counts[some]
    penalty = np.full(len(counts), np.nan)
    penalty[some] = counts[some] / (found.ranks[found.starts[1:][some] - 1] + 1)
    return first, precision, penalty
