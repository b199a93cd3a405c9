"""Alternatives to how pictures were compared: what re-ranking, or matching visible parts (ARM), would have changed."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sameperson.evaluation.paired_comparison import PairedComparison, compare_paired
from sameperson.evaluation.protocols.definition import Protocol
from sameperson.evaluation.result import FIGURES, Evaluation, evaluate
from sameperson.evaluation.similarity import Rerank, Similarity
from sameperson.types import Embeddings, Samples

MOST_RERANKED = 60_000
"""Pictures above which re-ranking is left to the user, since it takes many minutes."""
RESAMPLES = 2000


@dataclass(frozen=True, eq=False)
class Alternative:
    """The same search, compared otherwise.

    name: what is done otherwise, in words. difference: the alternative less what was done. gained, lost: rows of the
    queries whose first answer becomes right, or wrong, those first whose AP changes most.
    """

    name: str
    similarity: Similarity
    result: Evaluation
    difference: PairedComparison
    gained: NDArray[np.int64]
    lost: NDArray[np.int64]


def other_similarities(similarity: Similarity, query: Embeddings, pictures: int) -> dict[str, Similarity]:
    """What may be tried instead: re-ranking and visible parts, or to do without them. pictures: queries and gallery."""
    found: dict[str, Similarity] = {}
    plain = replace(similarity, match="features", rerank=None)
    if similarity.rerank is not None:
        found["without re-ranking"] = plain
    elif pictures <= MOST_RERANKED:
        found["with k-reciprocal re-ranking"] = replace(plain, rerank=Rerank())
    if query.parts is not None and similarity.match == "parts":
        found["by whole pictures, without visible parts (ARM)"] = plain
    elif query.parts is not None and similarity.metric == "cosine":
        found["by visible parts (ARM)"] = replace(plain, match="parts", expansion=None)
    return found


def alternatives(
    query: Embeddings, queries: Samples, gallery: Embeddings, pictures: Samples, protocol: Protocol, done: Evaluation,
    similarity: Similarity,
) -> list[Alternative]:  # fmt: skip
    """Evaluate each alternative on the same queries. done: the evaluation by `similarity`."""
    found = []
    for name, how in other_similarities(similarity, query, len(queries) + len(pictures)).items():
        result = evaluate(query, queries, gallery, pictures, protocol, metric=how, resamples=0, seed=done.seed)
        difference = compare_paired([result], [done], queries.pid, min(done.resamples, RESAMPLES), done.seed)
        gained, lost = changed_first_answers(result, done)
        found.append(Alternative(name, how, result, difference, gained, lost))
    return found


def changed_first_answers(new: Evaluation, old: Evaluation) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find the queries whose first answer becomes right, and those whose becomes wrong, the largest change in AP first.

    Queries that either leaves out do not count.
    """
    rank1 = FIGURES.index("rank1")
    before, after = old.per_query[:, rank1], new.per_query[:, rank1]
    change = new.average_precision - old.average_precision
    gained, lost = np.flatnonzero((before < 1) & (after == 1)), np.flatnonzero((before == 1) & (after < 1))
    return gained[np.argsort(-change[gained], kind="stable")], lost[np.argsort(change[lost], kind="stable")]
