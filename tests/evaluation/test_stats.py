"""Intervals over people, not over queries."""

import numpy as np
import pytest

from sameperson.evaluation.stats import bootstrap


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    rng = np.random.default_rng(0)
    covered = 0
    for trial in range(300):
        skill = rng.beta(8, 2, 80)  # people differ in how easily they are found; the truth is 0.8
        pids = np.repeat(np.arange(80), 3)
        right = (rng.random(240) < skill[pids]).astype(float)[:, None]
        interval = bootstrap(right, pids, 400, seed=trial)[0]
        covered += interval.low <= 0.8 <= interval.high
    assert 0.90 <= covered / 300 <= 0.98


@pytest.mark.parametrize("people", [25, 60, 200])
def test_two_thousand_evaluations_are_covered_as_often_as_promised(people):
    # Everyone is found with a chance of their own, in one to five queries; AP scatters about that chance.
    rng = np.random.default_rng(people)
    truth = np.array([2 / 2.7, (4 * 2 / 2.7 + 0.05) / 4.1])
    covered = np.zeros(2)
    for study in range(2000):
        chance = rng.beta(2, 0.7, people)
        pids = np.repeat(np.arange(people), rng.integers(1, 6, people))
        mine = chance[pids]
        right = rng.random(len(pids)) < mine
        precision = rng.beta(4 * mine + 0.05, 4 * (1 - mine) + 0.05)
        found = bootstrap(np.column_stack([right, precision]), pids, 500, seed=study)
        covered += [each.low <= true <= each.high for each, true in zip(found, truth, strict=True)]
    assert (covered / 2000 >= 0.93).all() and (covered / 2000 <= 0.97).all()


def test_queries_of_one_person_are_drawn_together():
    values = np.repeat([[1.0], [0.0]], 12, axis=0)
    together = bootstrap(values, np.repeat([1, 2], 12), 4000)[0]
    apart = bootstrap(values, np.arange(24), 4000)[0]
    assert (together.low, together.high) == (0.0, 1.0)
    assert apart.low > 0.0
    assert together.value == apart.value == 0.5


def test_the_mean_is_over_queries_where_people_have_different_numbers():
    values = np.array([[1.0], [1.0], [1.0], [0.0]])
    one = bootstrap(values, np.array([5, 5, 5, 9]), 2000, seed=3)
    assert one[0].value == 0.75
    assert one == bootstrap(values, np.array([5, 5, 5, 9]), 2000, seed=3)


def test_all_alike_has_no_width():
    interval = bootstrap(np.full((9, 1), 0.25), np.arange(9), 500)[0]
    assert (interval.low, interval.high) == pytest.approx((0.25, 0.25))
