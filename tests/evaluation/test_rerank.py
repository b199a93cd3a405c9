"""Sparse re-ranking against the dense form, written out as in the paper's reference, on problems with every oddity."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sameperson.checks import InputError
from sameperson.evaluation.neighbours import neighbours
from sameperson.evaluation.rerank import k_reciprocal


def dense(query, gallery, k1, k2, weight):
    """Every matrix whole, every step a loop; ties in the order of rows, equal rows at distance 0."""
    rows = np.concatenate([query, gallery]).astype(np.float64)
    count, asked = len(rows), len(query)
    plain = ((rows[:, None] - rows[None]) ** 2).sum(2)
    largest = plain.max(0)
    plain = (plain / np.where(largest > 0, largest, 1)).T
    rank = np.argsort(plain, axis=1, kind="stable")
    vectors = np.zeros((count, count))

    def mutual(i, k):
        forward = rank[i, : k + 1]
        return forward[[i in rank[j, : k + 1] for j in forward]]

    for i in range(count):
        own = mutual(i, k1)
        wide = set(own.tolist())
        for candidate in own:
            theirs = mutual(candidate, round(k1 / 2))
            if len(np.intersect1d(theirs, own)) > 2 / 3 * len(theirs):
                wide |= set(theirs.tolist())
        members = sorted(wide)
        vectors[i, members] = np.exp(-plain[i, members])
        vectors[i] /= vectors[i].sum() or 1  # nobody, where duplicates crowd a row out of its own list
    if k2 > 1:
        vectors = np.stack([vectors[rank[i, :k2]].mean(0) for i in range(count)])
    both = np.minimum(vectors[:asked, None], vectors[None, asked:]).sum(2)
    return (1 - weight) * (1 - both / (2 - both)) + weight * plain[:asked, asked:]


@st.composite
def problems(draw):
    """Features on a coarse grid, so that ties, duplicates and zero vectors abound and every product is exact."""
    count, width = draw(st.integers(2, 40)), draw(st.integers(1, 5))
    seed = draw(st.integers(0, 2**32 - 1))
    reach = draw(st.sampled_from([0, 1, 3, 20]))
    rows = np.random.default_rng(seed).integers(-reach, reach + 1, (count, width)).astype(np.float32)
    return rows, draw(st.integers(1, count - 1)), draw(st.integers(1, 50)), draw(st.integers(1, 9))


@settings(max_examples=200)
@given(problem=problems(), weight=st.sampled_from([0.0, 0.3, 1.0]))
def test_it_equals_the_dense_form_in_value_and_in_rank(problem, weight):
    rows, asked, k1, k2 = problem
    expected = dense(rows[:asked], rows[asked:], k1, k2, weight)
    made = k_reciprocal(rows[:asked], rows[asked:], k1, k2, weight)
    found = np.concatenate([made.tile(start, start + 7) for start in range(0, asked, 7)])
    assert found.dtype == np.float32
    assert np.abs(found - expected).max() <= 1e-5
    order = np.argsort(found, axis=1, kind="stable")
    sorted_by_ours = np.take_along_axis(expected, order, axis=1)
    assert (np.diff(sorted_by_ours, axis=1) >= -1e-5).all()  # wherever values differ by more than rounding


def test_measured_features_rank_as_in_the_dense_form():
    rng = np.random.default_rng(3)
    centres = rng.standard_normal((12, 16))
    rows = (centres[rng.integers(0, 12, 150)] + 0.8 * rng.standard_normal((150, 16))).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    expected = dense(rows[:30], rows[30:], 20, 6, 0.3)
    found = k_reciprocal(rows[:30], rows[30:]).tile(0, 30)
    assert np.abs(found - expected).max() <= 1e-5
    assert (np.argsort(found, 1, kind="stable") == np.argsort(expected.astype(np.float32), 1, kind="stable")).all()


@settings(max_examples=60)
@given(problem=problems())
def test_neighbours_are_those_of_a_full_sort(problem):
    rows, _, k, _ = problem
    plain = ((rows[:, None] - rows[None]) ** 2).sum(2)
    found = neighbours(rows, k)
    assert (found.nearest == np.argsort(plain, axis=1, kind="stable")[:, :k]).all()
    assert found.farthest == pytest.approx(plain.max(1))


@pytest.mark.parametrize("wrong", [{"k1": 0}, {"k2": 0}, {"weight": 1.5}])
def test_settings_that_mean_nothing_are_told(wrong):
    rows = np.eye(4, dtype=np.float32)
    with pytest.raises(InputError, match=r"re-ranking with (k1=0|k2=0|weight 1\.5)"):
        k_reciprocal(rows[:2], rows[2:], **wrong)
