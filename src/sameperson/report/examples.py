"""Examples that a report shows: people as their cameras saw them, and searches with their ranked answers."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sameperson.evaluation.protocols.definition import Protocol
from sameperson.evaluation.protocols.pairs import same_person
from sameperson.evaluation.protocols.rules import searched
from sameperson.evaluation.rank import rank_top
from sameperson.evaluation.result import Evaluation
from sameperson.evaluation.similarity import Similarity
from sameperson.report.run import Sheet
from sameperson.report.values import Answer, Asked, Shown
from sameperson.types import DISTRACTOR, UNKNOWN, Embeddings, Ranking, Samples


@dataclass(frozen=True)
class Searches:
    """An evaluation with the embeddings and the labels that it is of, from which its searches can be shown."""

    evaluation: Evaluation
    query: Embeddings
    queries: Samples
    gallery: Embeddings
    pictures: Samples
    similarity: Similarity = field(default_factory=Similarity)

    def drawn(self, count: int, seed: int) -> list[int]:
        """Rows of up to `count` queries drawn at random, each of another person; only such as have a right answer."""
        return some(self.evaluation.first_rank >= 0, self.queries.pid, count, seed)

    def hardest(self, count: int) -> list[int]:
        """Rows of the `count` queries with the lowest average precision, each of another person."""
        return hardest(self.evaluation.average_precision, self.queries.pid, count)

    def asked(self, rows: Sequence[int], protocol: Protocol, folder: Path, answers: int) -> tuple[Asked, ...]:
        """These queries with their first answers that count, their average precision and their first right rank.

        Paths are relative to `folder`. Where neighbours decide (re-ranking, expansion) all queries are ranked again.
        """
        chosen = np.asarray(rows, np.int64)
        together = self.similarity.rerank is not None or self.similarity.expansion is not None
        ranking_of = np.arange(len(self.queries)) if together else chosen
        asked = self.queries.take(ranking_of)
        query = self.query.take(ranking_of)
        ranking = ranked(query, asked, self.gallery, self.pictures, protocol, answers, self.similarity)
        if together:
            ranking = Ranking(ranking.indices[chosen], ranking.distances[chosen], ranking.protocol)
        precision, first = self.evaluation.average_precision[chosen], self.evaluation.first_rank[chosen] + 1
        return tuple(
            one.model_copy(update={"ap": float(precision[i]), "first": int(first[i])})
            for i, one in enumerate(answered(self.queries.take(chosen), self.pictures, ranking, folder))
        )


def sheet(samples: Samples, folder: Path, people: int = 12) -> Sheet:
    """The first `people` identities by all cameras, one picture each."""
    cameras = np.unique(samples.camid)
    rows = []
    for pid in np.unique(samples.pid[samples.pid > DISTRACTOR])[:people]:
        seen = [np.flatnonzero((samples.pid == pid) & (samples.camid == camera)) for camera in cameras]
        rows.append(tuple(shown(samples, found[0], folder) if len(found) else None for found in seen))
    return Sheet(cameras=tuple(camera_name(camera) for camera in cameras), rows=tuple(rows))


def some(valid: NDArray[np.bool_], pid: NDArray[np.int64], count: int, seed: int) -> list[int]:
    """Up to `count` valid queries drawn at random, each of another person."""
    order = np.random.default_rng(seed).permutation(len(pid))
    return first_of_each([row for row in order if valid[row]], pid, count)


def hardest(ap: NDArray[np.floating], pid: NDArray[np.int64], count: int) -> list[int]:
    """Up to `count` queries with the lowest average precision (NaN: not scored), each of another person."""
    order = np.argsort(ap, kind="stable")
    return first_of_each([row for row in order if np.isfinite(ap[row])], pid, count)


def first_of_each(rows: Sequence[int], pid: NDArray[np.int64], count: int) -> list[int]:
    """The first `count` of these rows, those left out whose person came before.

    >>> first_of_each([3, 1, 0, 2], np.array([7, 7, 8, 7]), 2)
    [3, 2]
    """
    best: dict[int, int] = {}
    for row in rows:
        best.setdefault(int(pid[row]), int(row))
    return list(best.values())[:count]


def ranked(
    query: Embeddings,
    queries: Samples,
    gallery: Embeddings,
    pictures: Samples,
    protocol: Protocol,
    k: int,
    similarity: Similarity | None = None,
) -> Ranking:
    """The k nearest pictures that count for each of a few queries: (Q, G) of them are looked at one by one."""
    out = np.zeros((len(queries), len(pictures)), bool)
    pairs = same_person(queries, pictures, protocol)
    out[pairs.dropped_row, pairs.dropped_column] = True
    out |= ~searched(protocol, pictures)
    nearest = rank_top(query, gallery, k + int(out.sum(1).max(initial=0)), how=similarity)
    indices = np.full((len(queries), k), -1, np.int64)
    distances = np.full((len(queries), k), np.inf, np.float32)
    for row, found in enumerate(nearest.indices):
        places = np.flatnonzero(~out[row, found])[:k]
        indices[row, : len(places)] = found[places]
        distances[row, : len(places)] = nearest.distances[row, places]
    return Ranking(indices, distances, protocol.name)


def answered(
    queries: Samples, gallery: Samples, ranking: Ranking, folder: Path, probability: NDArray[Any] | None = None
) -> list[Asked]:
    """Each query with its ranked answers; probability: (Q, k) of being the same person, where it is known."""
    out = []
    for row in range(len(queries)):
        answers = [
            Answer(
                **shown(gallery, index, folder).model_dump(),
                distance=float(ranking.distances[row, place]),
                right=bool(gallery.pid[index] == queries.pid[row]),
                probability=None if probability is None else float(probability[row, place]),
            )
            for place, index in enumerate(ranking.indices[row])
            if index >= 0
        ]
        out.append(Asked(query=shown(queries, row, folder), answers=tuple(answers)))
    return out


def shown(samples: Samples, row: int, folder: Path) -> Shown:
    """One picture, its file relative to the run's folder."""
    file = Path(os.path.relpath(samples.file(row), folder)).as_posix()
    return Shown(file=file, person=samples.name_of(samples.pid[row]), camera=camera_name(samples.camid[row]))


def camera_name(camid: int) -> str:
    """Cameras are counted from 1 for people.

    >>> camera_name(0), camera_name(-1)
    ('1', '?')
    """
    return "?" if camid == UNKNOWN else str(int(camid) + 1)
