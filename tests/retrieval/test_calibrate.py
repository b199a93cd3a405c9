"""The curve against a general optimiser, the pairs against a naive enumeration, the error against a hand-made table."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import minimize

from sameperson.checks import InputError
from sameperson.retrieval.calibrate import (
    Calibration,
    calibrate,
    calibration_error,
    fit_logistic,
    paired_cosine,
    read_calibration,
    sample_pairs,
    write_calibration,
)
from sameperson.types import Embeddings, Samples


def two_clouds(same: int, other: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Distances of pairs of one person around .3 and of two around .6, overlapping."""
    rng = np.random.default_rng(seed)
    distances = np.concatenate([rng.normal(0.3, 0.1, same), rng.normal(0.6, 0.1, other)])
    return distances, np.arange(same + other) < same


def people(count: int, cameras: int, pictures: int, spread: float, seed: int = 0) -> tuple[Embeddings, Samples]:
    """Features around one random direction per person."""
    rng = np.random.default_rng(seed)
    pid = np.repeat(np.arange(1, count + 1), cameras * pictures)
    camid = np.tile(np.repeat(np.arange(cameras), pictures), count)
    centre = rng.normal(size=(count + 1, 16))
    features = centre[pid] + spread * rng.normal(size=(len(pid), 16))
    return Embeddings(features.astype(np.float32), "test"), Samples.of(
        [f"{i}.jpg" for i in range(len(pid))], pid, camid
    )


def test_the_curve_is_the_optimum_of_platts_loss() -> None:
    distances, same = two_clouds(40, 170)

    def loss(w: np.ndarray) -> float:
        total = 0.0
        for d, s in zip(distances, same):
            target = 41 / 42 if s else 1 / 172
            p = 1 / (1 + np.exp(-(w[0] * d + w[1])))
            total -= (target * np.log(p) + (1 - target) * np.log(1 - p)) / (2 * (40 if s else 170))
        return total

    expected = minimize(loss, np.zeros(2), method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-12}).x
    assert np.allclose(fit_logistic(distances, same), expected, rtol=1e-3)


def test_a_known_curve_is_found_again() -> None:
    rng = np.random.default_rng(3)
    distances = rng.uniform(0, 1, 100_000)
    same = rng.uniform(size=len(distances)) < 1 / (1 + np.exp(12 * distances - 6))
    # This curve is symmetric about .5, so the classes are equally many and equal priors change nothing.
    assert np.allclose(fit_logistic(distances, same), (-12, 6), rtol=0.04)


def test_more_strangers_do_not_move_the_curve() -> None:
    distances, same = two_clouds(2000, 2000)
    many, which = two_clouds(2000, 200_000)
    balanced, skewed = Calibration(*fit_logistic(distances, same)), Calibration(*fit_logistic(many, which))
    assert np.allclose(balanced.probability([0.3, 0.45, 0.6]), skewed.probability([0.3, 0.45, 0.6]), atol=0.03)


def test_classes_without_overlap_have_a_finite_curve() -> None:
    slope, intercept = fit_logistic(np.array([0.1, 0.2, 0.8, 0.9]), np.array([True, True, False, False]))
    assert -1e3 < slope < 0
    # Platt's target for two pairs is 3/4, and the middle is undecided.
    assert Calibration(slope, intercept).probability(0.5) == pytest.approx(0.5)
    assert 0.7 < Calibration(slope, intercept).probability(0.15) < 0.8


def test_pairs_are_distinct_and_across_cameras() -> None:
    samples = Samples.of(list("abcdefgh"), [1, 1, 1, 2, 2, 3, 0, -1], [0, 0, 1, 0, 1, 0, 1, 1])
    first, second = sample_pairs(samples, np.random.default_rng(0), 1000)
    found = {tuple(sorted(map(int, pair))) for pair in zip(first, second)}
    expected = {
        (i, j)
        for i, j in combinations(range(8), 2)
        if samples.pid[i] > 0 and samples.pid[j] > 0 and samples.camid[i] != samples.camid[j]
    }
    assert found == expected
    assert len(first) == len(found)


def test_one_camera_is_enough_when_there_is_no_other() -> None:
    samples = Samples.of(list("abcd"), [1, 1, 2, 2])
    first, _ = sample_pairs(samples, np.random.default_rng(0), 1000)
    assert len(first) == 6
    one = Samples.of(list("abcd"), [1, 1, 2, 2], [5, 5, 5, 5])
    assert len(sample_pairs(one, np.random.default_rng(0), 1000)[0]) == 6


def test_the_limit_holds_for_each_kind() -> None:
    _, samples = people(30, 2, 4, 0.5)
    first, second = sample_pairs(samples, np.random.default_rng(0), 50)
    same = samples.pid[first] == samples.pid[second]
    assert (same.sum(), (~same).sum()) == (50, 50)


def test_calibration_error_of_a_hand_made_table() -> None:
    # Bin [.8, .9): said .8 three times, true for two of the three same; bin [.2, .3): the rest.
    said = np.array([0.8, 0.8, 0.2, 0.8, 0.2, 0.2, 0.2])
    so = np.array([1, 1, 1, 0, 0, 0, 0], bool)
    high = abs((2 / 6 + 1 / 8) * 0.8 - 2 / 6)
    low = abs((1 / 6 + 3 / 8) * 0.2 - 1 / 6)
    assert calibration_error(said, so) == pytest.approx(high + low)


def test_calibrating_overlapping_people_says_what_is_so() -> None:
    embeddings, samples = people(60, 2, 3, 1.2)
    calibration = calibrate(embeddings, samples)
    assert calibration.slope < 0
    assert calibration.positives == 60 * 9
    assert calibration.error is not None and calibration.error < 0.08
    fresh, labels = people(60, 2, 3, 1.2, seed=9)
    unit = fresh.features / np.linalg.norm(fresh.features, axis=1, keepdims=True)
    first, second = sample_pairs(labels, np.random.default_rng(1), 5000)
    said = calibration.probability(1 - (unit[first] * unit[second]).sum(1))
    assert calibration_error(said, labels.pid[first] == labels.pid[second]) < 0.08


def test_the_same_seed_gives_the_same_calibration() -> None:
    embeddings, samples = people(40, 2, 4, 1.0)
    assert calibrate(embeddings, samples, seed=4, limit=200) == calibrate(embeddings, samples, seed=4, limit=200)
    assert calibrate(embeddings, samples, seed=4, limit=200) != calibrate(embeddings, samples, seed=5, limit=200)


def test_too_few_people_to_leave_any_out() -> None:
    embeddings, samples = people(3, 2, 2, 0.5)
    assert calibrate(embeddings, samples).error is None


@pytest.mark.parametrize(("pids", "missing"), [([1, 1, 1], "two people"), ([1, 2, 3], "one person")])
def test_pictures_without_both_kinds_of_pair_are_refused(pids: list[int], missing: str) -> None:
    embeddings = Embeddings(np.eye(3, dtype=np.float32), "test")
    with pytest.raises(InputError, match=f"without a pair of {missing}"):
        calibrate(embeddings, Samples.of(list("abc"), pids, [0, 1, 2]))


def test_a_calibration_survives_its_file(tmp_path: Path) -> None:
    calibration = Calibration(-9.5, 3.25, 100, 200, 0.01)
    write_calibration(tmp_path / "c.json", calibration)
    assert read_calibration(tmp_path / "c.json") == calibration


@pytest.mark.parametrize("text", ["", "[1, 2]", '{"slope": "steep", "intercept": 1}', '{"intercept": 1}'])
def test_another_file_is_no_calibration(tmp_path: Path, text: str) -> None:
    (tmp_path / "c.json").write_text(text)
    with pytest.raises(InputError, match=r"c\.json"):
        read_calibration(tmp_path / "c.json")


def test_a_hand_written_calibration_needs_two_numbers(tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text(json.dumps({"slope": -10, "intercept": 4}))
    assert read_calibration(tmp_path / "c.json").probability(0.4) == pytest.approx(0.5)


def test_a_threshold_lets_through_no_more_strangers_than_was_asked() -> None:
    rng = np.random.default_rng(0)
    features, pid = rng.standard_normal((600, 8)), np.repeat(np.arange(1, 61), 10)
    samples = Samples.of([f"{row}.jpg" for row in range(600)], pid, np.tile([0, 1], 300))
    made = calibrate(Embeddings(features.astype(np.float32), "net"), samples)
    assert made.fingerprint == "net"
    assert [rate for rate, _ in made.thresholds] == [0.1, 0.01, 0.001]  # of 20,000 pairs two would be one in 10,000
    first, second = np.triu_indices(600, 1)
    strangers = paired_cosine(features, first, second)[pid[first] != pid[second]]
    for rate, distance in made.thresholds:
        assert (strangers <= distance).mean() == pytest.approx(rate, rel=0.5, abs=3e-4)
    assert made.threshold(0.05) == made.threshold(0.01) < made.threshold(0.1)
    with pytest.raises(InputError, match=r"at least 0\.001"):
        made.threshold(1e-5)
    with pytest.raises(InputError, match="calibration with thresholds"):
        Calibration(-1.0, 0.0).threshold(0.1)
