"""Paired comparison of two methods: their difference on the same queries, with its bootstrap interval.

Queries on which both methods do well or badly say nothing about the difference, so a paired interval is far narrower
than the two methods' own. A method may have runs with several seeds: people and seeds are resampled together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sameperson.checks import InputError
from sameperson.evaluation.result import FIGURES, Evaluation
from sameperson.evaluation.stats import Accuracy, tail_of

Values = NDArray[np.float64]


@dataclass(frozen=True)
class PairedComparison:
    """Method A minus method B in each figure, with the 95 % interval over query identities and seeds.

    better: figure -> share of resamples in which A is ahead, ties counted half.
    queries, identities: how many were compared. seeds: how many runs of A and of B.
    """

    difference: dict[str, Accuracy]
    better: dict[str, float]
    protocol: str
    queries: int
    identities: int
    seeds: tuple[int, int]

    def sure(self, figure: str) -> bool:
        """Whether the difference is significant: its interval does not contain 0."""
        difference = self.difference[figure]
        return difference.low > 0 or difference.high < 0

    def to_json(self) -> dict[str, Any]:
        """The differences with their intervals, and the counts behind them, as plain data."""
        return {
            "difference": {name: value.to_json() for name, value in self.difference.items()},
            "better": self.better,
            "protocol": self.protocol,
            "queries": self.queries,
            "query_identities": self.identities,
            "seeds": list(self.seeds),
        }


def compare_paired(
    a: Sequence[Evaluation], b: Sequence[Evaluation], pids: NDArray[np.int64], resamples: int = 10_000, seed: int = 0
) -> PairedComparison:
    """Compare runs of method A with runs of method B, one run a seed, all on the same queries.

    pids: (Q,) who each query shows. Only queries that every run answered count.
    Raises InputError for runs of two protocols or of other queries, and where no query is left.
    """
    runs = [*a, *b]
    protocols = sorted({run.protocol for run in runs})
    if len(protocols) > 1:
        raise InputError(f"results by {' and '.join(protocols)}", "one protocol", "evaluate them by the same one")
    if any(len(run.per_query) != len(pids) for run in runs):
        counts = ", ".join(str(len(run.per_query)) for run in runs)
        raise InputError(f"results of {counts} queries", "the same queries", "evaluate them on one dataset")
    answered = np.logical_and.reduce([np.isfinite(run.per_query).all(axis=1) for run in runs])
    if not answered.any():
        raise InputError("no query that all runs answered", "at least one", "check the protocol")
    _, person = np.unique(pids[answered], return_inverse=True)
    sums = [np.stack([summed(run.per_query[answered], person) for run in side]) for side in (a, b)]
    counts = np.bincount(person).astype(np.float64)
    drawn = np.random.default_rng(seed)
    value = np.subtract(*(side.mean(axis=0).sum(axis=0) for side in sums)) / counts.sum()
    resampled = np.stack([resample(sums, counts, drawn) for _ in range(resamples)]) if resamples else value[None]
    tail = tail_of(len(counts))
    low, high = np.quantile(resampled, [tail, 1 - tail], axis=0)
    ahead = ((resampled > 0) + 0.5 * (resampled == 0)).mean(axis=0)
    return PairedComparison(
        difference={n: Accuracy(*map(float, each)) for n, *each in zip(FIGURES, value, low, high, strict=True)},
        better=dict(zip(FIGURES, ahead.tolist(), strict=True)),
        protocol=protocols[0],
        queries=int(answered.sum()),
        identities=len(counts),
        seeds=(len(a), len(b)),
    )


def summed(values: Values, person: NDArray[np.int64]) -> Values:
    """Sum each figure over each person's queries: (P, M)."""
    sums = np.zeros((person.max() + 1, values.shape[1]))
    np.add.at(sums, person, values)
    return sums


def resample(sums: Sequence[Values], counts: Values, rng: np.random.Generator) -> Values:
    """The difference (M,) of two methods (S, P, M) in one resample: the same people for both, seeds for each."""
    times = np.bincount(rng.integers(len(counts), size=len(counts)), minlength=len(counts)).astype(np.float64)
    one, other = (resample_seeds(side, rng) for side in sums)
    return times @ (one - other) / (times @ counts)


def resample_seeds(side: Values, rng: np.random.Generator) -> Values:
    """The mean (P, M) over resampled seeds (S, P, M).

    The variance of a resampled mean of S is too small by the factor (S - 1) / S, so deviations from the mean are
    widened by sqrt(S / (S - 1)).
    """
    count = len(side)
    if count == 1:
        return side[0]
    middle = side.mean(axis=0)
    return middle + np.sqrt(count / (count - 1)) * (side[rng.integers(count, size=count)].mean(axis=0) - middle)
