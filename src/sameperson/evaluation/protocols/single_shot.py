"""Single-shot galleries: one random picture of each person, drawn for each query, or once for all queries.

Both are drawn from generators seeded by (seed, repeat). Each query has its own place in the random stream, so that
neither tiles nor threads change what is drawn.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sameperson.evaluation.distance import Features
from sameperson.evaluation.protocols.definition import Protocol
from sameperson.types import DISTRACTOR, Samples

WORDS = 4
"""Numbers that Philox makes from one value of its counter; each query's draws begin at a new value."""


def one_of_each(pictures: Samples, seed: int, repeat: int) -> NDArray[np.int64]:
    """Draw a random gallery picture of each person, and keep all distractors; returns rows, ascending."""
    known = np.flatnonzero(pictures.pid > DISTRACTOR)
    order = known[np.argsort(pictures.pid[known], kind="stable")]
    _, begin, size = np.unique(pictures.pid[order], return_index=True, return_counts=True)
    chosen = order[begin + np.random.default_rng([seed, repeat]).integers(size)]
    return np.sort(np.concatenate([chosen, np.flatnonzero(pictures.pid == DISTRACTOR)]))


class PerQueryGalleries:
    """A single-shot gallery for each query and repeat; `rank.positive_ranks` passes it tiles of scores.

    places: (Q, R) int64, the rank from 0 of the picture drawn of the query's person; -1 where none may be drawn. Among
    equal scores the picture that comes first in the gallery is first.
    """

    def __init__(self, queries: Samples, pictures: Samples, protocol: Protocol, seed: int) -> None:
        self.places = np.full((len(queries), protocol.repeats), -1, np.int64)
        self._protocol, self._seed = protocol, seed
        known = np.flatnonzero(pictures.pid > DISTRACTOR)
        self._order = order = known[np.lexsort((pictures.camid[known], pictures.pid[known]))]
        people, self._begin, self._size = np.unique(pictures.pid[order], return_index=True, return_counts=True)
        cameras, camera = np.unique(pictures.camid[order], return_inverse=True)
        # A person's pictures by one camera lie together: their keys are equal, and ascend along `order`.
        self._stride = len(cameras) + 1
        self._keys = np.repeat(np.arange(len(people)), self._size) * self._stride + camera
        self._camera = index_in(cameras, queries.camid, otherwise=len(cameras))
        self._person = index_in(people, queries.pid, otherwise=-1)
        self._strangers = np.flatnonzero(pictures.pid == DISTRACTOR)
        self._strangers_camera = pictures.camid[self._strangers]
        self._queries_camera = queries.camid

    def rank_tile(self, start: int, scores: Features) -> None:
        """Draw galleries for the queries from `start` on and rank in them; scores: (n, G), with nothing dropped yet."""
        if not len(self._begin):
            return
        row, mine = np.arange(len(scores)), self._person[start : start + len(scores)]
        own, out = self._own_camera(start, mine)
        left = self._size - out
        strangers = scores[:, self._strangers]
        if self._protocol.separate_cameras:
            theirs = self._queries_camera[start : start + len(scores), None]
            strangers = np.where(self._strangers_camera == theirs, -np.inf, strangers)
        for repeat in range(self._protocol.repeats):
            pick = self._begin + (self._draws(start, repeat, len(scores)) * left).astype(np.int64)
            pick += np.where(pick >= own, out, 0)
            column = self._order[np.minimum(pick, len(self._order) - 1)]
            score = np.where(left > 0, scores[row[:, None], column], -np.inf)
            best, at = score[row, mine][:, None], column[row, mine][:, None]
            place = ahead(score, column, best, at) + ahead(strangers, self._strangers, best, at)
            drawn = (mine >= 0) & (left[row, mine] > 0)
            self.places[start : start + len(scores), repeat] = np.where(drawn, place, -1)

    def _own_camera(self, start: int, mine: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Where in `_order` each person's pictures by the query's camera begin, and how many may not be drawn."""
        person = np.arange(len(self._begin))
        key = person * self._stride + self._camera[start : start + len(mine), None]
        first = np.searchsorted(self._keys, key, "left")
        out = np.searchsorted(self._keys, key, "right") - first
        if not self._protocol.across_cameras:
            out[:] = 0
        elif not self._protocol.separate_cameras:
            out[person != mine[:, None]] = 0
        return first, out

    def _draws(self, start: int, repeat: int, count: int) -> NDArray[np.float64]:
        """Random numbers in [0, 1) for `count` queries and each person: (count, P)."""
        width = -(-len(self._begin) // WORDS)
        before = (repeat * len(self.places) + start) * width
        numbers = np.random.Generator(np.random.Philox(self._seed).advance(before)).random((count, WORDS * width))
        return numbers[:, : len(self._begin)]


def ahead(
    score: NDArray[np.floating], column: NDArray[np.int64], best: NDArray[np.floating], at: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Count how many of each row's scores (n, P), of gallery rows `column`, rank before `best` (n, 1) of row `at`."""
    return ((score > best) | ((score == best) & (column < at))).sum(1)


def index_in(known: NDArray[np.integer], values: NDArray[np.integer], otherwise: int) -> NDArray[np.int64]:
    """The index of each value in the ascending `known`; `otherwise` for those that are not there."""
    place = np.searchsorted(known, values)
    there = place < len(known)
    there[there] = known[place[there]] == values[there]
    return np.where(there, place, otherwise)
