"""Look-alikes: pairs of people who are taken for one another most often. numpy only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sameperson.types import DISTRACTOR, Ranking, Samples


@dataclass(frozen=True)
class LookAlikes:
    """Two people, of whom one is the first answer to queries for the other.

    taken: how many queries for `one` are answered with `other` first, and the reverse; asked: of how many queries.
    query, answer: the rows of the clearest such query, by its distance, and of the gallery picture that came first.
    """

    one: int
    other: int
    taken: tuple[int, int]
    asked: tuple[int, int]
    query: int
    answer: int

    @property
    def times(self) -> int:
        """How often one of the two is taken for the other."""
        return sum(self.taken)


def look_alikes(
    ranking: Ranking, queries: Samples, pictures: Samples, counted: NDArray[np.bool_], most: int
) -> list[LookAlikes]:
    """Find the pairs of people who are taken for one another most often; of equal ones, those taken both ways first.

    ranking: the first answers (Q, k). counted: (Q,) the queries that count. Distractors are nobody in particular, and
    are left out.
    """
    first = ranking.indices[:, 0]
    rows = np.flatnonzero(counted & (first >= 0))
    asked, answered = queries.pid[rows], pictures.pid[first[rows]]
    wrong = (asked != answered) & (answered > DISTRACTOR)
    rows, asked, answered = rows[wrong], asked[wrong], answered[wrong]
    pairs: dict[tuple[int, int], list[int]] = {}
    for row, a, b in zip(rows.tolist(), asked.tolist(), answered.tolist(), strict=True):
        pairs.setdefault((min(a, b), max(a, b)), []).append(row)
    counts = dict(zip(*(each.tolist() for each in np.unique(queries.pid[counted], return_counts=True)), strict=True))
    found = []
    for (one, other), mine in pairs.items():
        there = sum(int(queries.pid[row]) == one for row in mine)
        nearest = min(mine, key=lambda row: float(ranking.distances[row, 0]))
        taken = there, len(mine) - there
        asks = counts.get(one, 0), counts.get(other, 0)
        found.append(LookAlikes(one, other, taken, asks, nearest, int(first[nearest])))
    return sorted(found, key=lambda pair: (-pair.times, -min(pair.taken), pair.one, pair.other))[:most]
