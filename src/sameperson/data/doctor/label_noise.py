"""Label noise: finds labels that are likely wrong, by embeddings that look like another person's.

Each picture is compared with the other pictures of its own person, and with the other person most similar to it. Both
similarities (cosine) are means over the most similar pictures of that person, under other cameras than its own where
there are any, since two people before one wall look alike to a weak network. A picture is suspected if the second
exceeds the first by more than REACH times what lies, for this network, between the similarity of one person's pictures
and that of strangers.

Measured with version 1 of the shipped weights on a world of 60 people that they never saw, 5 % of its labels swapped,
in the mean of 20 draws (`benchmarks/labels.py`): 84 % of the suspects were swapped, and 91 % of the swapped suspected;
of the first half of the suspects all were swapped. Of the untouched world's pictures 0.9 % are suspected.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sameperson.data.doctor.all_splits import AllSplits
from sameperson.data.doctor.finding import Finding, Shown, counted, finding
from sameperson.types import UNKNOWN, Rows

MOST_ALIKE = 3
"""How many pictures of a person, the most similar ones, the similarity is averaged over."""
TILE = 256
"""Pictures that are compared with all others at once."""
REACH = 0.4
BLIND = 0.05
"""Difference between the similarity of one person's pictures and that of strangers (cosine) below which the network
hardly tells people apart."""
A_SUSPECT = 3
"""Pictures of either person that the page shows beside a suspect."""
ALIKE = 0.05
"""Share of `Likeness.reach` by which pictures must be more similar to their own person than to another to be told from
that person."""


@dataclass(frozen=True)
class Likeness:
    """How similar each of N pictures is to its own person and to the most similar other person.

    own: (N,) similarity to the other pictures of its person, NaN where there is none. other: (N,) similarity to the
    most similar other person, whose pid is in `whom` (N,). reach: the median of `own` less the mean similarity of
    strangers.
    """

    own: NDArray[np.float32]
    other: NDArray[np.float32]
    whom: NDArray[np.int64]
    reach: float

    @property
    def excess(self) -> NDArray[np.float32]:
        """How much more similar each picture is to another person than to its own: (N,), -inf where unknown."""
        return np.where(np.isnan(self.own) | np.isnan(self.other), -np.inf, self.other - self.own).astype(np.float32)


def likeness(features: NDArray[np.float32], pid: NDArray[np.int64], camid: NDArray[np.int32]) -> Likeness:
    """Measure how similar each picture is to its own person and to the others.

    features: (N, D), of any length each, in any order. The work is N * N * D, a tile at a time.
    """
    unit = features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-12)
    order = np.argsort(pid, kind="stable")
    people, starts, counts = np.unique(pid[order], return_index=True, return_counts=True)
    unit, who, where = unit[order].astype(np.float32), pid[order], camid[order]
    column = np.searchsorted(people, who)
    # Each person's pictures get a block of equal width, so that the most similar ones of all people are found at once.
    width = int(counts.max())
    slot = column * width + np.arange(len(order)) - starts[column]
    own, other = np.full(len(order), np.nan, np.float32), np.full(len(order), np.nan, np.float32)
    whom = np.full(len(order), -1, np.int64)
    tile = max(1, min(TILE, (1 << 26) // (len(people) * width)))
    for start in range(0, len(order), tile):
        stop = min(start + tile, len(order))
        scores = unit[start:stop] @ unit.T
        rows = np.arange(stop - start)
        elsewhere = (where[start:stop, None] != where[None]) | (where[None] == UNKNOWN)
        scores[rows, start + rows] = -np.inf
        averages = []
        for allowed in (elsewhere, np.ones_like(elsewhere)):
            block = np.full((stop - start, len(people) * width), -np.inf, np.float32)
            block[:, slot] = np.where(allowed, scores, -np.inf)
            averages.append(_mean_of_best(block.reshape(stop - start, len(people), width)))
        means = np.where(np.isnan(averages[0]), averages[1], averages[0])
        mine = column[start:stop]
        own[start:stop] = means[rows, mine]
        means[rows, mine] = np.nan
        most = np.where(np.isnan(means), -np.inf, means)
        best = most.argmax(axis=1)
        other[start:stop], whom[start:stop] = (
            np.where(np.isinf(most[rows, best]), np.nan, most[rows, best]),
            people[best],
        )
    back = np.empty_like(order)
    back[order] = np.arange(len(order))
    reach = float(np.nanmedian(own)) - _strangers(unit, starts, counts) if np.isfinite(own).any() else 0.0
    return Likeness(own[back], other[back], whom[back], reach)


def _strangers(unit: NDArray[np.float32], starts: NDArray[np.int64], counts: NDArray[np.int64]) -> float:
    """Return the mean similarity over all pairs of pictures of different people.

    unit: (N, D) of length 1, sorted by person; each person's rows begin at `starts` and there are `counts` of them.
    """
    sums = np.add.reduceat(unit.astype(np.float64), starts, axis=0)
    inside, everywhere = (sums**2).sum(), (sums.sum(axis=0) ** 2).sum()
    return float((everywhere - inside) / (counts.sum() ** 2 - (counts**2).sum()))


def _mean_of_best(block: NDArray[np.float32]) -> NDArray[np.float32]:
    """Average the most similar pictures: (B, P, W), -inf where there is none, to (B, P), NaN where there is none."""
    few = min(MOST_ALIKE, block.shape[2])
    best = -np.partition(-block, few - 1, axis=2)[..., :few]
    there = np.isfinite(best)
    count = there.sum(axis=2)
    total = np.where(there, best, 0).sum(axis=2)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan).astype(np.float32)


def label_noise(splits: AllSplits, features: NDArray[np.float32], rows: Rows) -> Iterator[Finding]:
    """Report suspected wrong labels among the embedded rows; features: (M, D) of `rows` (M,)."""
    keep = splits.known[rows]
    rows, features = rows[keep], features[keep]
    _, first = np.unique(splits.picture[rows], return_index=True)
    rows, features = rows[first], features[first]
    if len(np.unique(splits.pid[rows])) < 2:
        return
    alike = likeness(features, splits.pid[rows], splits.camid[rows])
    excess = alike.excess
    if alike.reach < BLIND:
        says = "This network hardly tells these people apart, so it says nothing about their labels"
        yield finding("labels-untold", "note", says, then="give a network that suits these pictures")
        return
    suspects = np.flatnonzero(excess > REACH * alike.reach)
    suspects = suspects[np.argsort(-excess[suspects], kind="stable")]
    yield from _two_names_for_one(splits, rows, alike)
    if not len(suspects):
        return
    where = [
        f"{splits.path[rows[place]]} (labelled {splits.who(int(splits.pid[rows[place]]))}, "
        f"looks like {splits.who(int(alike.whom[place]))})"
        for place in suspects
    ]
    says = (
        f"{counted(len(suspects), 'picture looks', 'pictures look')} more like somebody else than like the person "
        "written down: the first ones are most likely wrong labels"
    )
    shows = [_row(splits, rows, int(place), int(alike.whom[place])) for place in suspects]
    yield finding("label-noise", "warning", says, where, then="look at them from the first on", shows=shows)


def _row(splits: AllSplits, rows: Rows, place: int, whom: int) -> list[Shown]:
    """Show the suspect, some pictures of its own person, and some of the person it looks like."""
    row = int(rows[place])
    mine = [int(r) for r in rows[splits.pid[rows] == splits.pid[row]] if r != row][:A_SUSPECT]
    theirs = [int(r) for r in rows[splits.pid[rows] == whom]][:A_SUSPECT]
    return [
        splits.shown(row, "suspected"),
        *(splits.shown(one, "same label") for one in mine),
        *(splits.shown(one, "looks like") for one in theirs),
    ]


def _two_names_for_one(splits: AllSplits, rows: Rows, alike: Likeness) -> Iterator[Finding]:
    """Report pairs of people who may be one: most pictures of each are about as similar to the other as to itself."""
    pid = splits.pid[rows]
    undecided = alike.excess > -ALIKE * alike.reach
    people, place = np.unique(pid, return_inverse=True)
    each = np.bincount(place)
    votes: dict[tuple[int, int], int] = {}
    for one, other in zip(
        place[undecided].tolist(), np.searchsorted(people, alike.whom[undecided]).tolist(), strict=True
    ):
        votes[one, other] = votes.get((one, other), 0) + 1
    pairs = [
        (one, other)
        for (one, other), count in sorted(votes.items())
        if one < other and 2 * count > each[one] and 2 * votes.get((other, one), 0) > each[other]
    ]
    if pairs:
        names = [f"{splits.who(int(people[one]))} and {splits.who(int(people[other]))}" for one, other in pairs]
        shows = [[splits.shown(int(row)) for who in pair for row in rows[place == who][:4]] for pair in pairs]
        says = f"{counted(len(pairs), 'pair')} of people look like one person under two names"
        yield finding(
            "two-look-like-one", "warning", says, names, then="look at them; give one person one name", shows=shows
        )
