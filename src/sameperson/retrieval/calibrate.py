"""Calibration: a logistic curve from a distance to the probability that two pictures show the same person.

numpy only. The curve is fitted on pairs of validation identities, never on a test gallery.

It holds for equal priors, that is, where half of all pairs are the same person. In a search among thousands of
strangers such pairs are far rarer, so `Calibration.probability` takes the prior that fits the question.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError
from scipy.special import expit, logit

from sameperson.checks import InputError, atomic, read_json
from sameperson.types import DISTRACTOR, UNKNOWN, Embeddings, Samples

SAME = 0.5
"""The probability from which on two pictures are called the same person."""
RATES = (1e-1, 1e-2, 1e-3, 1e-4)
"""False-match rates for which thresholds are recommended."""
ENOUGH = 10
"""The least number of accepted pairs of two people from which a threshold is recommended."""
PER_PERSON = 64
"""The most pictures of one person that are used, so that no person's pairs dominate."""


@dataclass(frozen=True)
class Calibration:
    """A calibration: P(same | cosine distance d) = 1 / (1 + exp(-(slope d + intercept))), at equal priors.

    positives, negatives: pairs it was fitted on. error: expected calibration error on identities left out of the fit,
    None where there were too few identities to leave any out. fingerprint: of the embeddings it holds for, "" unknown.
    thresholds: (false-match rate, largest distance at which at most that share of pairs of two people is accepted);
    only for rates at which at least ten of these pairs are accepted.
    """

    slope: float
    intercept: float
    positives: int = 0
    negatives: int = 0
    error: float | None = None
    fingerprint: str = ""
    thresholds: tuple[tuple[float, float], ...] = ()

    def threshold(self, rate: float) -> float:
        """The largest distance at which two pictures may be called one person at a given false-match rate.

        It is that of the largest measured rate that is not above `rate`. Raises InputError where there is none.

        >>> Calibration(-10.0, 4.0, thresholds=((0.1, 0.5), (0.01, 0.3))).threshold(0.05)
        0.3
        """
        known = [(measured, distance) for measured, distance in self.thresholds if measured <= rate]
        if not known:
            least = min((measured for measured, _ in self.thresholds), default=None)
            expected = "a calibration with thresholds" if least is None else f"a rate of at least {least:g}"
            raise InputError(f"a false-match rate of {rate:g}", expected, "calibrate on more people, or raise the rate")
        return max(known)[1]

    def probability(self, distances: Any, prior: float = SAME) -> NDArray[np.float64]:
        """Compute P(same) for cosine distances of any shape, where a share `prior` of all pairs is the same person.

        >>> float(Calibration(-10.0, 4.0).probability(0.4))
        0.5
        >>> round(float(Calibration(-10.0, 4.0).probability(0.4, prior=0.01)), 9)
        0.01
        """
        return expit(self.slope * np.asarray(distances, np.float64) + self.intercept + logit(prior))


def calibrate(embeddings: Embeddings, samples: Samples, *, seed: int = 0, limit: int = 20_000) -> Calibration:
    """Fit a calibration on at most `limit` pairs of the same person and as many of two people.

    Its error is measured by cross-validation: a fifth of the identities at a time is left out, and the curve fitted
    without them is tested on pairs among them. Raises InputError where the pictures lack pairs of either kind.
    """
    rng = np.random.default_rng(seed)
    first, second = sample_pairs(samples, rng, limit)
    same = samples.pid[first] == samples.pid[second]
    if same.all() or not same.any():
        missing = "two people" if same.any() else "one person"
        raise InputError(
            f"{len(samples)} pictures of {samples.people} people without a pair of {missing}",
            "at least two people, one of them twice",
            "calibrate on more pictures",
        )
    distances = paired_cosine(embeddings.features, first, second)
    slope, intercept = fit_logistic(distances, same)
    error = _left_out_error(distances, same, samples.pid[first], samples.pid[second], rng)
    return Calibration(
        slope,
        intercept,
        positives=int(same.sum()),
        negatives=int((~same).sum()),
        error=error,
        fingerprint=embeddings.fingerprint,
        thresholds=thresholds_at(distances[~same]),
    )


def thresholds_at(strangers: NDArray[np.float64]) -> tuple[tuple[float, float], ...]:
    """Find the threshold of each of RATES from the distances of pairs of two people (M,).

    A threshold lies halfway between the last accepted pair and the next; rates with too few accepted pairs have none.
    """
    ordered = np.sort(strangers)
    thresholds = []
    for rate in RATES:
        accepted = int(rate * len(ordered) + 1e-9)
        if accepted >= ENOUGH:
            thresholds.append((rate, float(ordered[accepted - 1 : accepted + 1].mean())))
    return tuple(thresholds)


def sample_pairs(samples: Samples, rng: np.random.Generator, limit: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Draw distinct pairs as rows (M,), (M,): at most `limit` of the same person and as many of two people.

    The pictures of a pair are from different cameras, as in a search, unless no person was seen by two cameras.
    """
    people = np.unique(samples.pid[samples.pid > DISTRACTOR])
    rows = [rng.permutation(np.flatnonzero(samples.pid == pid))[:PER_PERSON] for pid in people]
    positive = _pairs_within(rows)
    across = (samples.camid[positive[0]] != samples.camid[positive[1]]) | (samples.camid[positive[0]] == UNKNOWN)
    if across.any():
        positive = positive[:, across]
    positive = positive[:, rng.permutation(positive.shape[1])[:limit]]

    everyone = np.concatenate(rows) if rows else np.zeros(0, np.int64)
    if len(everyone) ** 2 <= 8 * limit:
        drawn = np.stack(np.triu_indices(len(everyone), 1))
    else:
        drawn = np.unique(np.sort(rng.integers(len(everyone), size=(2, 4 * limit)), axis=0), axis=1)
    negative = everyone[drawn]
    strangers = samples.pid[negative[0]] != samples.pid[negative[1]]
    if across.any():
        cameras = samples.camid[negative]
        strangers &= (cameras[0] != cameras[1]) | (cameras[0] == UNKNOWN)
    negative = negative[:, strangers]
    negative = negative[:, rng.permutation(negative.shape[1])[:limit]]
    first, second = np.concatenate([positive, negative], axis=1)
    return first, second


def paired_cosine(features: NDArray[Any], first: Any, second: Any) -> NDArray[np.float64]:
    """Compute the cosine distance (M,) of the rows first (M,) and second (M,) of features (N, D)."""
    unit = np.asarray(features, np.float64)
    unit = unit / np.maximum(np.linalg.norm(unit, axis=1, keepdims=True), 1e-12)
    return 1 - np.einsum("md,md->m", unit[first], unit[second])


def fit_logistic(distances: NDArray[Any], same: NDArray[np.bool_]) -> tuple[float, float]:
    """Fit slope and intercept by Newton's method with Platt's targets, each class weighing one half.

    Platt 1999, "Probabilistic outputs for support vector machines", with the numerics of Lin, Lin and Weng 2007: the
    targets stay off 0 and 1, so that classes without overlap still have a finite curve.
    """
    x = np.stack([np.asarray(distances, np.float64), np.ones(len(distances))], axis=1)
    many, few = same.sum(), (~same).sum()
    target = np.where(same, (many + 1) / (many + 2), 1 / (few + 2))
    weight = np.where(same, 0.5 / many, 0.5 / few)

    def loss(w: NDArray[np.float64]) -> float:
        z = x @ w
        return float(weight @ (np.logaddexp(0, z) - target * z))

    w = np.zeros(2)
    for _ in range(100):
        p = expit(x @ w)
        gradient = x.T @ (weight * (p - target))
        curvature = x.T @ (x * (weight * p * (1 - p))[:, None]) + 1e-12 * np.eye(2)
        step = np.linalg.solve(curvature, gradient)
        gain = gradient @ step
        if gain < 1e-13:
            break
        scale, before = 1.0, loss(w)
        while scale > 1e-10 and loss(w - scale * step) > before - 1e-4 * scale * gain:
            scale /= 2
        w = w - scale * step
    return float(w[0]), float(w[1])


def calibration_error(probability: NDArray[Any], same: NDArray[np.bool_], bins: int = 10) -> float:
    """Expected calibration error at equal priors, over bins of equal width.

    It is sum over bins of (weight of the bin) * |mean probability - share of same pairs|.
    """
    weight = np.where(same, 0.5 / max(same.sum(), 1), 0.5 / max((~same).sum(), 1))
    where = np.minimum((probability * bins).astype(int), bins - 1)
    predicted = np.bincount(where, weight * probability, bins)
    actual = np.bincount(where, weight * same, bins)
    return float(np.abs(predicted - actual).sum() / weight.sum())


def write_calibration(path: str | Path, calibration: Calibration) -> None:
    """Write a calibration as one JSON object, for `--calibration`."""
    with atomic(path) as temporary:
        temporary.write_text(json.dumps(asdict(calibration), indent=2) + "\n", encoding="utf-8")


def read_calibration(path: str | Path, then: str = "give another file") -> Calibration:
    """Read a calibration from the JSON that `write_calibration` wrote. Raises InputError for any other file.

    then: what to do instead of reading such a file.
    """
    tree = read_json(path, 'a calibration {"slope": .., "intercept": ..}', then)
    return calibration_of(tree, str(path), then)


def calibration_of(tree: Any, source: str, then: str = "use other weights") -> Calibration:
    """Make a calibration from plain data, such as a weights card's. Raises InputError for data of another shape.

    then: what to do instead.
    """
    try:
        return TypeAdapter(Calibration).validate_python(tree)
    except ValidationError as error:
        raise InputError(f"{source}: no calibration", '{"slope": .., "intercept": ..}', then) from error


def _pairs_within(groups: list[NDArray[np.int64]]) -> NDArray[np.int64]:
    """All pairs of rows inside each group, as (2, M)."""
    pairs = [group[np.stack(np.triu_indices(len(group), 1))] for group in groups]
    return np.concatenate(pairs, axis=1) if pairs else np.zeros((2, 0), np.int64)


def _left_out_error(
    distances: NDArray[Any],
    same: NDArray[np.bool_],
    first: NDArray[np.int64],
    second: NDArray[np.int64],
    rng: np.random.Generator,
) -> float | None:
    """Calibration error on pairs of people left out of the fit, pooled over folds of identities; None if too few."""
    people = rng.permutation(np.unique(np.concatenate([first, second])))
    folds = min(5, len(people) // 2)
    predicted, actual = [], []
    for fold in range(folds if folds > 1 else 0):
        left_out = people[fold::folds]
        a, b = np.isin(first, left_out), np.isin(second, left_out)
        seen, unseen = ~a & ~b, a & b
        if any(same[part].all() or not same[part].any() for part in (seen, unseen)):
            continue
        slope, intercept = fit_logistic(distances[seen], same[seen])
        predicted.append(Calibration(slope, intercept).probability(distances[unseen]))
        actual.append(same[unseen])
    return calibration_error(np.concatenate(predicted), np.concatenate(actual)) if predicted else None
