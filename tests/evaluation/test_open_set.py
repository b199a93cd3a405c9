"""Verification and identification against loops over every pair."""

import numpy as np
import pytest

from sameperson.checks import InputError
from sameperson.evaluation.open_set import STEPS, level_of, open_set, steps_of
from sameperson.types import Embeddings, Samples


def problem(seed=0, count=10, noise=1.0, distractors=5):
    """Ten people by two cameras, some distractors, one query whose person is not in the gallery."""
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((count + 2, 6))
    pid = rng.integers(1, count + 1, 40)
    pid[0] = count + 1
    g_pid = np.concatenate([rng.integers(1, count + 1, 60), np.zeros(distractors, int)])
    q = (centres[pid] + noise * rng.standard_normal((40, 6))).astype(np.float32)
    g = (centres[g_pid] + noise * rng.standard_normal((len(g_pid), 6))).astype(np.float32)
    queries = Samples.of([f"q{k}.jpg" for k in range(40)], pid, rng.integers(0, 3, 40))
    pictures = Samples.of([f"g{k}.jpg" for k in range(len(g_pid))], g_pid, rng.integers(0, 3, len(g_pid)))
    return Embeddings(q, "t"), queries, Embeddings(g, "t"), pictures


def by_loops(query, queries, gallery, pictures):
    """Steps of genuine and impostor pairs, and each query's best own and other step score."""
    unit = [side.features / np.linalg.norm(side.features, axis=1, keepdims=True) for side in (query, gallery)]
    scores = unit[0] @ unit[1].T
    genuine, impostor, best, stranger = [], [], [], []
    for q in range(len(queries)):
        own, others = [], []
        for g in range(len(pictures)):
            if queries.pid[q] == pictures.pid[g]:
                if queries.camid[q] != pictures.camid[g]:
                    own.append(scores[q, g])
            else:
                others.append(scores[q, g])
        genuine += own
        impostor += others
        best.append(max(own, default=-np.inf))
        stranger.append(max(others))
    return np.array(genuine), np.array(impostor), np.array(best), np.array(stranger)


@pytest.mark.parametrize("seed", range(5))
def test_rates_are_those_of_every_pair(seed):
    data = problem(seed)
    genuine, impostor, best, stranger = by_loops(*data)
    found = open_set(*data, rates=(0.5, 0.1, 0.01, 1e-6))
    assert (found.genuine, found.impostors) == (len(genuine), len(impostor))
    for at in found.verification:
        level = 1 - at.threshold
        # The product of a tile and of a whole matrix may differ in the last bit: a pair may lie on either side.
        assert at.reached == pytest.approx((impostor >= level).mean(), abs=1.5 / len(impostor))
        assert at.reached <= at.rate
        assert at.right.value == pytest.approx((genuine >= level).mean(), abs=1.5 / len(genuine))
        one_step_lower = (impostor >= level - 2 / STEPS - 1e-6).mean()
        assert level <= -1 or one_step_lower > at.rate, "a lower threshold would have done"
    enrolled = np.isfinite(best)
    assert found.enrolled == enrolled.sum() < 40
    for at in found.identification:
        level = 1 - at.threshold
        assert at.reached == pytest.approx((stranger >= level).mean(), abs=1e-9) and at.reached <= at.rate
        right = (best > stranger) & (best >= level)
        assert at.right.value == pytest.approx(right[enrolled].mean(), abs=1e-9)


def test_equal_error_is_where_the_rates_cross():
    data = problem(3)
    genuine, impostor, _, _ = by_loops(*data)
    found = open_set(*data)
    level = 1 - found.equal_error_threshold
    refused, accepted = (genuine < level).mean(), (impostor >= level).mean()
    assert found.equal_error == pytest.approx((refused + accepted) / 2, abs=0.01)
    assert abs(refused - accepted) <= 1.5 / len(genuine) + 1.5 / len(impostor)


@pytest.mark.parametrize("seed", range(3))
def test_auc_is_the_share_of_pairs_in_the_right_order(seed):
    data = problem(seed)
    genuine, impostor, _, _ = by_loops(*data)
    share = np.mean([(one > impostor).mean() + 0.5 * (one == impostor).mean() for one in genuine])
    found = open_set(*data)
    assert found.auc.value == pytest.approx(share, abs=1e-3)  # scores of one bin count as equal
    assert found.auc.low < found.auc.value < found.auc.high
    assert found.to_json()["AUC"]["value"] == found.auc.value


def test_people_as_far_apart_as_can_be_are_told_apart():
    eye = np.eye(4, dtype=np.float32)
    queries, pictures = (Samples.of([f"{side}{k}" for k in range(4)], [1, 2, 3, 4], [side] * 4) for side in (0, 1))
    found = open_set(Embeddings(eye, "t"), queries, Embeddings(eye, "t"), pictures)
    assert found.equal_error == 0
    assert all(at.right.value == 1.0 and at.reached == 0.0 for at in (*found.verification, *found.identification))
    assert found.to_json()["verification"][0]["TPR"]["value"] == 1.0


def test_steps_and_levels_agree():
    steps = np.array([0, 1, STEPS // 2, STEPS - 1])
    levels = np.array([level_of(int(step)) for step in steps], np.float32)
    assert steps_of(levels).tolist() == steps.tolist()
    assert steps_of(np.array([-1.5, 1.0, 1.5], np.float32)).tolist() == [0, STEPS - 1, STEPS - 1]


def test_what_cannot_be_asked_is_told():
    query, queries, gallery, pictures = problem()
    strangers = Samples.of(pictures.path, pictures.pid + 100, pictures.camid)
    with pytest.raises(InputError, match="no pair of one person"):
        open_set(query, queries, gallery, strangers)
    with pytest.raises(InputError, match="Euclidean"):
        open_set(query, queries, gallery, pictures, metric="euclidean")
