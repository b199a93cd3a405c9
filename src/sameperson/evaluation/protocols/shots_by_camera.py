"""SYSU-MM01's galleries: a few random pictures of each person by each camera, and a CMC that counts each person once.

Drawn as `single_shot.one_of_each` is, from a generator seeded by (seed, repeat), the same for all queries.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sameperson.evaluation.distance import Features
from sameperson.evaluation.protocols.definition import Protocol
from sameperson.evaluation.protocols.single_shot import index_in, one_of_each
from sameperson.types import DISTRACTOR, Samples


def drawn_gallery(pictures: Samples, protocol: Protocol, seed: int, repeat: int) -> NDArray[np.int64]:
    """The gallery rows that a protocol draws for all queries, ascending."""
    if protocol.single_shot == "per_camera":
        return some_by_camera(pictures, protocol.drawn, seed, repeat)
    return one_of_each(pictures, seed, repeat)


def some_by_camera(pictures: Samples, count: int, seed: int, repeat: int) -> NDArray[np.int64]:
    """Gallery rows, ascending: `count` random pictures of each person by each camera, and all distractors.

    Where a camera has fewer of a person, all of them.
    """
    known = np.flatnonzero(pictures.pid > DISTRACTOR)
    pid, camid = pictures.pid[known], pictures.camid[known]
    order = np.lexsort((np.random.default_rng([seed, repeat]).random(len(known)), camid, pid))
    place = np.arange(len(known))
    new = np.ones(len(known), bool)
    new[1:] = (np.diff(pid[order]) != 0) | (np.diff(camid[order]) != 0)
    within = place - np.maximum.accumulate(np.where(new, place, 0))
    return np.sort(np.concatenate([known[order[within < count]], np.flatnonzero(pictures.pid == DISTRACTOR)]))


class EachPersonOnce:
    """Where each query's person comes among the people of one gallery, each at the place of their nearest picture.

    Hears of tiles of scores from `rank.positive_ranks`. places: (Q,) int64 from 0; -1 where no picture of the query's
    person counts. Each distractor is somebody else. Among equal scores the picture that comes first in the gallery is
    first.
    """

    def __init__(self, queries: Samples, pictures: Samples) -> None:
        self.places = np.full(len(queries), -1, np.int64)
        known = np.flatnonzero(pictures.pid > DISTRACTOR)
        self._order = known[np.argsort(pictures.pid[known], kind="stable")]
        people, self._begin, self._size = np.unique(pictures.pid[self._order], return_index=True, return_counts=True)
        self._person = index_in(people, queries.pid, otherwise=-1)
        self._strangers = np.flatnonzero(pictures.pid == DISTRACTOR)

    def look(self, start: int, scores: Features) -> None:
        """Place the queries from `start` on; scores: (n, G), minus infinity for pictures that a query skips."""
        if not len(self._begin):
            return
        row, mine = np.arange(len(scores)), self._person[start : start + len(scores)]
        strangers = scores[:, self._strangers]
        best = np.maximum.reduceat(scores[:, self._order], self._begin, axis=1)
        own = best[row, mine][:, None]
        place = (best > own).sum(1) + (strangers > own).sum(1)
        equal = (best == own).sum(1) + (strangers == own).sum(1)
        for k in np.flatnonzero(equal > 1):  # ties: rare in measured features
            place[k] += self._ahead_of_equals(scores[k], int(mine[k]), own[k, 0])
        self.places[start : start + len(scores)] = np.where((mine >= 0) & (own[:, 0] > -np.inf), place, -1)

    def _ahead_of_equals(self, line: Features, mine: int, own: np.floating) -> int:
        """How many people and distractors whose nearest picture scores as `own` lie before it in the gallery.

        line: (G,). mine: the query's person; -1 for nobody in the gallery.
        """
        theirs = line[self._order]
        best = np.maximum.reduceat(theirs, self._begin)
        column = np.where(theirs == np.repeat(best, self._size), self._order, len(line))
        first = np.minimum.reduceat(column, self._begin)
        at = first[mine]
        strangers = (line[self._strangers] == own) & (self._strangers < at)
        return int(((best == own) & (first < at)).sum() + strangers.sum())
