"""Which of two methods is better, and how sure that is: their difference on the same queries, with its interval.

Queries on which both do well or badly say nothing about the difference, so a paired interval is far narrower than the
two methods' own. Several seeds of a method are one sample of it: people and seeds are drawn again together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sameperson.checks import InputError
from sameperson.evaluate.result import FIGURES, Evaluation
from sameperson.evaluate.stats import Accuracy, tail_of

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Versus:
    """Method A less method B in each figure, with the 95 % interval over query identities and seeds.

    better: figure -> share of resamples in which A is ahead, ties counted half.
    queries, identities: what both were asked. seeds: how many runs of A and of B.
    """

    difference: dict[str, Accuracy]
    better: dict[str, float]
    protocol: str
    queries: int
    identities: int
    seeds: tuple[int, int]

    def sure(self, figure: str) -> bool:
        """Whether the interval leaves out 0."""
        of = self.difference[figure]
        return of.low > 0 or of.high < 0

    def to_json(self) -> dict[str, Any]:
        """The differences as every result writes figures, and how sure each is."""
        return {
            "difference": {name: value.to_json() for name, value in self.difference.items()},
            "better": self.better,
            "protocol": self.protocol,
            "queries": self.queries,
            "query_identities": self.identities,
            "seeds": list(self.seeds),
        }


def versus(
    a: Sequence[Evaluation], b: Sequence[Evaluation], pids: NDArray[np.int64], resamples: int = 10_000, seed: int = 0
) -> Versus:
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
    resampled = np.stack([again(sums, counts, drawn) for _ in range(resamples)]) if resamples else value[None]
    tail = tail_of(len(counts))
    low, high = np.quantile(resampled, [tail, 1 - tail], axis=0)
    ahead = ((resampled > 0) + 0.5 * (resampled == 0)).mean(axis=0)
    return Versus(
        difference={n: Accuracy(*map(float, each)) for n, *each in zip(FIGURES, value, low, high, strict=True)},
        better=dict(zip(FIGURES, ahead.tolist(), strict=True)),
        protocol=protocols[0],
        queries=int(answered.sum()),
        identities=len(counts),
        seeds=(len(a), len(b)),
    )


def summed(values: Values, person: NDArray[np.int64]) -> Values:
    """The sum of each figure over each person's queries: (P, M)."""
    sums = np.zeros((person.max() + 1, values.shape[1]))
    np.add.at(sums, person, values)
    return sums


def again(sums: Sequence[Values], counts: Values, rng: np.random.Generator) -> Values:
    """The difference (M,) of two sides (S, P, M) with people drawn again for both, and each side's seeds too."""
    times = np.bincount(rng.integers(len(counts), size=len(counts)), minlength=len(counts)).astype(np.float64)
    one, other = (seeds_again(side, rng) for side in sums)
    return times @ (one - other) / (times @ counts)


def seeds_again(side: Values, rng: np.random.Generator) -> Values:
    """The mean (P, M) over seeds (S, P, M) drawn again.

    Means of S drawn again vary less than means of S others would, by (S - 1) / S: they are spread by as much.
    """
    count = len(side)
    if count == 1:
        return side[0]
    middle = side.mean(axis=0)
    return middle + np.sqrt(count / (count - 1)) * (side[rng.integers(count, size=count)].mean(axis=0) - middle)
