"""Two methods on the same queries: the difference by hand, and intervals that are as wide as they should be."""

import numpy as np
import pytest

from sameperson.checks import InputError
from sameperson.evaluation.paired_comparison import compare_paired
from sameperson.evaluation.result import FIGURES, evaluate
from sameperson.types import Embeddings, Samples

PEOPLE, EACH = 30, 3


def problem(seed, noise):
    """Queries and a gallery of PEOPLE, each picture its person's direction with noise."""
    centres = np.random.default_rng(0).standard_normal((PEOPLE, 8))
    sides = []
    for camera in (0, 1):
        pid = np.repeat(np.arange(1, PEOPLE + 1), EACH)
        rng = np.random.default_rng([seed, camera])
        features = centres[pid - 1] + noise * rng.standard_normal((len(pid), 8))
        names = [f"{camera}-{row}.jpg" for row in range(len(pid))]
        sides += [
            Embeddings(features.astype(np.float32), "test"),
            Samples.of(names, pid, np.full(len(pid), camera)),
        ]
    return sides


def run(seed, noise):
    return evaluate(*problem(seed, noise), resamples=0)


def pids():
    return problem(0, 1.0)[1].pid


def test_the_difference_is_that_of_the_means_and_a_better_method_is_found():
    good, bad = run(1, 0.6), run(1, 2.0)
    found = compare_paired([good], [bad], pids(), resamples=500)
    for name in FIGURES:
        assert found.difference[name].value == pytest.approx(getattr(good, name).value - getattr(bad, name).value)
    assert found.sure("mAP") and found.better["mAP"] == 1.0
    assert (found.queries, found.identities, found.seeds) == (PEOPLE * EACH, PEOPLE, (1, 1))
    turned = compare_paired([bad], [good], pids(), resamples=500)
    assert turned.difference["mAP"].high == pytest.approx(-found.difference["mAP"].low)


def test_the_same_run_twice_is_a_draw():
    one = run(1, 1.0)
    found = compare_paired([one], [one], pids(), resamples=50)
    assert found.difference["mAP"].low == found.difference["mAP"].high == 0
    assert found.better["rank1"] == 0.5 and not found.sure("mAP")


def test_a_paired_interval_is_narrower_than_the_runs_own():
    a, b = run(1, 1.0), run(1, 1.05)  # the same noise, a little stronger
    found = compare_paired([a], [b], pids(), resamples=2000).difference["mAP"]
    own = evaluate(*problem(1, 1.0), resamples=2000).mAP
    assert found.high - found.low < 0.5 * (own.high - own.low)


def test_more_seeds_are_more_certain_and_seeds_count():
    # Seeds differ by their own noise alone: their mean varies less with more of them.
    a, b = [run(seed, 1.0) for seed in range(6)], [run(seed, 1.3) for seed in range(10, 16)]
    few, many = (compare_paired(a[:n], b[:n], pids(), resamples=1000).difference["mAP"] for n in (2, 6))
    assert many.high - many.low < few.high - few.low
    assert many.value == pytest.approx(np.mean([r.mAP.value for r in a]) - np.mean([r.mAP.value for r in b]))


def test_what_cannot_be_compared_is_told():
    a = run(1, 1.0)
    blind = evaluate(*problem(1, 1.0), "camera_blind", resamples=0)
    with pytest.raises(InputError, match="camera_blind and market1501"):
        compare_paired([a], [blind], pids())
    with pytest.raises(InputError, match="results of 90, 90 queries"):
        compare_paired([a], [a], pids()[:5])


def test_the_intervals_hold_what_they_promise():
    # Many small studies of two equal methods: how often does the interval leave out the true difference, 0?
    rng = np.random.default_rng(5)
    missed, studies = 0, 300
    person = np.repeat(np.arange(60), 3)
    template = run(1, 1.0)
    from dataclasses import replace

    for _ in range(studies):
        shared = rng.standard_normal((60, 1))[person]
        runs = []
        for _ in range(2):
            own = rng.standard_normal((60, 1))[person] + rng.standard_normal((180, 1))
            runs.append(replace(template, per_query=np.repeat(shared + own, len(FIGURES), axis=1)))
        found = compare_paired(runs[:1], runs[1:], person, resamples=400, seed=int(rng.integers(1 << 30)))
        missed += found.sure("mAP")
    assert 0.02 <= missed / studies <= 0.09  # 5 % promised, 1.3 % its standard error
