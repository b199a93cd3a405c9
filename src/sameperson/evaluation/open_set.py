"""Open-set evaluation: error rates and thresholds of verification and identification, for people who may be absent.

It asks two questions, both over the pairs that a protocol counts. *Verification*: are these two pictures the same
person? A pair of one person that is refused is a false non-match, a pair of two people that is accepted is a false
match. *Identification* (watch list): is this person in the gallery, and who? A query whose person is not in the gallery
but that is matched all the same is a false alarm. A query whose person is there is found if the person comes first,
above the threshold.

Names follow ISO/IEC 19795-1. Pairs of two people are too many to keep, so scores are counted in fine steps: thresholds
lie between steps, and the rates at these thresholds are exact. Identification uses each query twice: as enrolled and,
with its own person's pictures left out, as not enrolled.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sameperson.checks import InputError
from sameperson.evaluation.distance import Features
from sameperson.evaluation.protocols.apply import apply_protocol
from sameperson.evaluation.protocols.catalogue import PROTOCOLS
from sameperson.evaluation.protocols.definition import Protocol
from sameperson.evaluation.protocols.pairs import OwnPictures
from sameperson.evaluation.rank import tiles
from sameperson.evaluation.scores import Scores
from sameperson.evaluation.similarity import Similarity, scores_of
from sameperson.evaluation.stats import Accuracy, bootstrap
from sameperson.types import Embeddings, Samples

STEPS = 1 << 16
"""Bins in which scores of pairs are counted, from -1 to 1, the range of all scores but Euclidean ones."""
RATES = (1e-1, 1e-2, 1e-3, 1e-4)
"""False-match and false-alarm rates at which the true-positive and detection rates are reported."""


@dataclass(frozen=True)
class AtRate:
    """The operating point at a false-match or false-alarm rate.

    rate: the rate asked for. threshold: the largest distance that is accepted. reached: the rate at that threshold, at
    most `rate`. right: the share of genuine pairs accepted (TPR, 1 - FNMR), or of enrolled queries found (DIR).
    """

    rate: float
    threshold: float
    reached: float
    right: Accuracy


@dataclass(frozen=True)
class OpenSet:
    """The result of verification and identification by one protocol.

    auc: the share of pairs of two people that a pair of one person beats (area under the ROC curve), with its interval
    over query identities. equal_error: the rate at which false matches and false non-matches are equally frequent.
    genuine, impostors: pairs. enrolled: queries that have a match. identities: of those queries.
    """

    protocol: str
    verification: tuple[AtRate, ...]
    identification: tuple[AtRate, ...]
    auc: Accuracy
    equal_error: float
    equal_error_threshold: float
    genuine: int
    impostors: int
    enrolled: int
    identities: int

    def to_json(self) -> dict[str, Any]:
        """The figures under the field's names."""

        def point(at: AtRate, rate: str, right: str) -> dict[str, Any]:
            return {rate: at.rate, "threshold": at.threshold, "reached": at.reached, right: at.right.to_json()}

        return {
            "protocol": self.protocol,
            "verification": [point(at, "FMR", "TPR") for at in self.verification],
            "identification": [point(at, "FAR", "DIR") for at in self.identification],
            "AUC": self.auc.to_json(),
            "EER": self.equal_error,
            "EER_threshold": self.equal_error_threshold,
            "genuine_pairs": self.genuine,
            "impostor_pairs": self.impostors,
            "enrolled_queries": self.enrolled,
            "query_identities": self.identities,
        }


def open_set(
    query: Embeddings,
    queries: Samples,
    gallery: Embeddings,
    pictures: Samples,
    protocol: Protocol | str = "market1501",
    *,
    metric: Similarity | str = "cosine",
    rates: tuple[float, ...] = RATES,
    seed: int = 0,
) -> OpenSet:
    """Evaluate verification on every pair that the protocol counts, and identification of every query.

    Intervals are over query identities. Raises InputError as `result.evaluate`, and where no pair is genuine or none is
    of two people.
    """
    rules = PROTOCOLS[protocol] if isinstance(protocol, str) else protocol
    applied = apply_protocol(rules, queries, pictures)
    asked, searched = queries.take(applied.query_rows), pictures.take(applied.gallery_rows)
    scores = scores_of(query.take(applied.query_rows), gallery.take(applied.gallery_rows), metric)
    pairs = Pairs.among(scores, OwnPictures.of(asked, searched, applied.protocol))
    if not len(pairs.genuine) or not pairs.impostors:
        lacking = "one person" if not len(pairs.genuine) else "two people"
        raise InputError(f"no pair of {lacking}", "pairs of either kind", "check queries and gallery")
    enrolled = np.flatnonzero(np.isfinite(pairs.best))
    first = pairs.best[enrolled] > pairs.stranger[enrolled]
    distance = distance_from(scores)
    by_pair, by_query = asked.pid[pairs.row], asked.pid[enrolled]
    alarms = np.sort(pairs.stranger[np.isfinite(pairs.stranger)])
    verification, identification = [], []
    for rate in rates:
        step, reached = pairs.threshold(rate)
        right = _share(pairs.genuine >= step, by_pair, seed)
        verification.append(AtRate(rate, distance(level_of(step)), reached, right))
        level, reached = at_most(alarms, rate)
        right = _share(first & (pairs.best[enrolled] >= level), by_query, seed)
        identification.append(AtRate(rate, distance(level), reached, right))
    equal, step = pairs.equal_error()
    return OpenSet(
        protocol=rules.name,
        verification=tuple(verification),
        identification=tuple(identification),
        auc=bootstrap(pairs.ahead()[:, None], by_pair, seed=seed)[0],
        equal_error=equal,
        equal_error_threshold=distance(level_of(step)),
        genuine=len(pairs.genuine),
        impostors=pairs.impostors,
        enrolled=len(enrolled),
        identities=len(np.unique(by_query)),
    )


def distance_from(scores: Scores) -> Callable[[float], float]:
    """The function that turns a score into a distance.

    Raises InputError for Euclidean scores, whose distance depends on the query's length.
    """
    if getattr(scores, "squares", None) is not None:
        raise InputError("a threshold on Euclidean distances", "the cosine", "choose --metric cosine")
    return lambda score: float(scores.distances(np.array([[score]]))[0, 0])


def at_most(ascending: NDArray[np.floating], rate: float) -> tuple[float, float]:
    """Find the lowest level that at most a share `rate` of the scores reaches; returns the level and that share."""
    allowed = int(np.floor(rate * len(ascending) + 1e-9))
    if allowed >= len(ascending):
        return -1.0, 1.0
    refused = ascending[len(ascending) - 1 - allowed]
    passed = ascending[np.searchsorted(ascending, refused, "right") :]  # scores equal to `refused` are refused too
    above = float(passed[0]) if len(passed) else float(refused) + 2 / STEPS
    return (float(refused) + above) / 2, len(passed) / len(ascending)


def steps_of(scores: Features) -> NDArray[np.int64]:
    """The bin of each score, 0 to STEPS - 1."""
    return np.clip((scores + np.float32(1)) * np.float32(STEPS / 2), 0, STEPS - 1).astype(np.int64)


def level_of(step: int) -> float:
    """The lower edge of a bin, as a score."""
    return 2 * step / STEPS - 1


def _share(right: NDArray[np.bool_], pids: NDArray[np.int64], seed: int) -> Accuracy:
    return bootstrap(right[:, None].astype(np.float64), pids, seed=seed)[0]


@dataclass(frozen=True, eq=False)
class Pairs:
    """The scores of all pairs that count.

    genuine: (M,) int64 bins of the pairs of one person; row: (M,) their queries. counts: (STEPS,) pairs of two people
    in each bin. best, stranger: (Q,) each query's highest score with its own person, and with anyone else; -inf where
    there is none.
    """

    genuine: NDArray[np.int64]
    row: NDArray[np.int64]
    counts: NDArray[np.int64]
    best: Features
    stranger: Features

    @property
    def impostors(self) -> int:
        """The number of pairs of two people."""
        return int(self.counts.sum())

    @classmethod
    def among(cls, scores: Scores, own: OwnPictures) -> Pairs:
        """Count the scores of all pairs, tile by tile."""
        counts = np.zeros(STEPS, np.int64)
        best, stranger = np.full((2, scores.shape[0]), -np.inf, np.float32)
        genuine, rows = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        for start, tile in tiles(scores):
            pairs = own.pairs(start, start + len(tile))
            mine = tile[pairs.row, pairs.column]
            genuine.append(steps_of(mine))
            rows.append(pairs.row + start)
            np.maximum.at(best, pairs.row + start, mine)
            for row, column in ((pairs.row, pairs.column), (pairs.dropped_row, pairs.dropped_column)):
                tile[row, column] = -np.inf
            stranger[start : start + len(tile)] = tile.max(axis=1, initial=-np.inf)
            counts += np.bincount(steps_of(tile[tile > -np.inf]), minlength=STEPS)
        return cls(np.concatenate(genuine), np.concatenate(rows), counts, best, stranger)

    def accepted(self) -> NDArray[np.float64]:
        """The share of pairs of two people at or above each bin, and above the last: (STEPS + 1,)."""
        return np.concatenate([np.cumsum(self.counts[::-1])[::-1], [0]]) / self.impostors

    def threshold(self, rate: float) -> tuple[int, float]:
        """Find the lowest bin that at most a share `rate` of pairs of two people reaches; returns it and the share."""
        accepted = self.accepted()
        step = int(np.argmax(accepted <= rate))
        return step, float(accepted[step])

    def ahead(self) -> NDArray[np.float64]:
        """The share of pairs of two people that each pair of one person (M,) beats, ties counted half.

        Its mean is the area under the ROC curve of verification (AUC).
        """
        below = np.cumsum(self.counts) - self.counts
        return (below + 0.5 * self.counts)[self.genuine] / self.impostors

    def equal_error(self) -> tuple[float, int]:
        """The equal error rate and its bin, where the false-match and false-non-match rates are closest.

        The rate is the mean of both.
        """
        refused = np.concatenate([[0], np.cumsum(np.bincount(self.genuine, minlength=STEPS))]) / len(self.genuine)
        accepted = self.accepted()
        step = int(np.argmin(np.abs(accepted - refused)))
        return float(accepted[step] + refused[step]) / 2, step
