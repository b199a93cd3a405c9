"""Labels that are likely wrong, by embeddings: pictures that look like somebody else throughout.

Each picture is left out in turn: how alike is it to the rest of its own person, and how alike to the other it is most
like? Both are means over the most alike pictures of that person, under other cameras than its own where there are any,
since two people before one wall look alike to a weak network. A picture is suspected where the difference is large for
this network: REACH of what lies between the likeness of one person's pictures and that of strangers.

Measured with the shipped weights on a world of 60 people that they never saw, 5 % of its labels swapped, in the mean of
20 draws (`benchmarks/labels.py`): 84 % of the suspects were swapped, and 91 % of the swapped suspected; of the first
half of the suspects all were swapped. Of the untouched world's pictures 0.9 % are suspected.
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
"""Pictures of a person over which likeness is averaged,"""
TILE = 256
"""and pictures that are held against all others at once."""
REACH = 0.4
BLIND = 0.05
"""What lies between one person and strangers (cosine) for a network that hardly tells people apart."""
A_SUSPECT = 3
"""Pictures of either person that the page shows beside a suspect."""
ALIKE = 0.05
"""Share of the reach by which pictures must be more like their own person than like another to be told from it."""


@dataclass(frozen=True)
class Likeness:
    """Of N pictures: own: (N,) likeness to the rest of their person, NaN where there is none; other: (N,) to the other
    person most like them, whom `whom` (N,) names. reach: from strangers' likeness to that of one person, in the middle.
    """

    own: NDArray[np.float32]
    other: NDArray[np.float32]
    whom: NDArray[np.int64]
    reach: float

    @property
    def excess(self) -> NDArray[np.float32]:
        """(N,) how much more like somebody else than like itself; -inf where nothing can be said."""
        return np.where(np.isnan(self.own) | np.isnan(self.other), -np.inf, self.other - self.own).astype(np.float32)


def likeness(features: NDArray[np.float32], pid: NDArray[np.int64], camid: NDArray[np.int32]) -> Likeness:
    """How alike each picture is to its own person and to others.

    features: (N, D), of any length each. Pictures of one person lie anywhere; the work is N * N * D, a tile at a time.
    """
    unit = features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-12)
    order = np.argsort(pid, kind="stable")
    people, starts, counts = np.unique(pid[order], return_index=True, return_counts=True)
    unit, who, where = unit[order].astype(np.float32), pid[order], camid[order]
    column = np.searchsorted(people, who)
    # Each person's pictures in a block of their own width, so that the most alike of all people are found at once.
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
    """Mean likeness over all pairs of pictures of two people; unit: (N, D), each person's from `starts` on."""
    sums = np.add.reduceat(unit.astype(np.float64), starts, axis=0)
    inside, everywhere = (sums**2).sum(), (sums.sum(axis=0) ** 2).sum()
    return float((everywhere - inside) / (counts.sum() ** 2 - (counts**2).sum()))


def _mean_of_best(block: NDArray[np.float32]) -> NDArray[np.float32]:
    """(B, P, W) likeness, -inf where there is none -> (B, P) mean of the most alike, NaN where there is none."""
    few = min(MOST_ALIKE, block.shape[2])
    best = -np.partition(-block, few - 1, axis=2)[..., :few]
    there = np.isfinite(best)
    count = there.sum(axis=2)
    total = np.where(there, best, 0).sum(axis=2)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan).astype(np.float32)


def label_noise(splits: AllSplits, features: NDArray[np.float32], rows: Rows) -> Iterator[Finding]:
    """Suspects among the rows that were embedded; features: (M, D) of `rows` (M,)."""
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
    """The suspect, some pictures of its own person, and some of the person it looks like."""
    row = int(rows[place])
    mine = [int(r) for r in rows[splits.pid[rows] == splits.pid[row]] if r != row][:A_SUSPECT]
    theirs = [int(r) for r in rows[splits.pid[rows] == whom]][:A_SUSPECT]
    return [
        splits.shown(row, "suspected"),
        *(splits.shown(one, "same label") for one in mine),
        *(splits.shown(one, "looks like") for one in theirs),
    ]


def _two_names_for_one(splits: AllSplits, rows: Rows, alike: Likeness) -> Iterator[Finding]:
    """Pairs of people most of whose pictures are as like the other as like themselves, both ways: perhaps one."""
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
