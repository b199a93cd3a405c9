"""Intervals over people, not over queries."""

import numpy as np
import pytest

from sameperson.evaluate.stats import bootstrap


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


def test_queries_of_one_person_are_drawn_together():
    values = np.array([[1.0], [1.0], [1.0], [0.0], [0.0], [0.0]])
    together = bootstrap(values, np.array([1, 1, 1, 2, 2, 2]), 4000)[0]
    apart = bootstrap(values, np.arange(6), 4000)[0]
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
