"""CMC, AP and INP equal what a loop over a fully sorted list says."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sameperson.checks import InputError
from sameperson.evaluation import rank
from sameperson.evaluation.result import evaluate
from sameperson.types import Embeddings, Samples


def naive(q, queries, g, pictures, counts):
    """The textbook: distances of all, a stable sort of all, a walk down the list."""
    out = []
    for i in range(len(q)):
        score = (q[i].astype(np.float32) * g.astype(np.float32)).sum(axis=1)
        order = np.argsort(-score, kind="stable")
        hits = []
        for j in order:
            if pictures.pid[j] == -1:
                continue
            mine = pictures.pid[j] == queries.pid[i] and queries.pid[i] > 0
            same_camera = pictures.camid[j] == queries.camid[i]
            same_clothes = pictures.clothes_id[j] == queries.clothes_id[i]
            if mine and not counts(same_camera, same_clothes):
                continue
            hits.append(bool(mine))
        if not any(hits):
            out.append((-1, np.nan, np.nan, np.nan))
            continue
        seen, precisions, last = 0, [], 0
        area, old_recall, old_precision = 0.0, 0.0, 1.0  # Market-1501's own walk, by the trapezoid
        for place, hit in enumerate(hits, 1):
            if hit:
                seen, last = seen + 1, place
                precisions.append(seen / place)
            recall, precision = seen / sum(hits), seen / place
            area += (recall - old_recall) * (old_precision + precision) / 2
            old_recall, old_precision = recall, precision
        out.append((hits.index(True), float(np.mean(precisions)), seen / last, area))
    return out


COUNTS = {
    "market1501": lambda camera, _: not camera,
    "camera_blind": lambda *_: True,
    "same_clothes": lambda camera, clothes: clothes and not camera,
    "cross_clothes": lambda camera, clothes: not clothes and not camera,
}
"""Which of a query's own person's pictures count, by whether camera and clothes are the query's."""


@st.composite
def problems(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    people, cameras = draw(st.integers(1, 6)), draw(st.integers(1, 3))
    queries, pictures = draw(st.integers(1, 9)), draw(st.integers(1, 40))
    levels = draw(st.sampled_from([1, 2, 5]))  # few whole numbers make many ties, and sums that are exact in float32
    q = rng.integers(-levels, levels + 1, (queries, 4)).astype(np.float32)
    g = rng.integers(-levels, levels + 1, (pictures, 4)).astype(np.float32)
    sides = []
    for side, count, lowest in (("q", queries, 1), ("g", pictures, -1)):
        pid = rng.integers(lowest, people + 1, count)
        clothes = np.where(pid > 0, rng.integers(0, 3, count), -1)  # some share clothes; of strangers nothing is known
        sides.append(
            Samples.of([f"{side}{k}" for k in range(count)], pid, rng.integers(0, cameras, count), clothes_id=clothes)
        )
    return q, sides[0], g, sides[1]


@settings(max_examples=200)
@given(problems(), st.sampled_from(sorted(COUNTS)), st.sampled_from([1, 3, 256]))
def test_equals_the_naive_loop(problem, protocol, tile):
    q, queries, g, pictures = problem
    rank.TILE, before = tile, rank.TILE
    # Squared lengths in a fifth column make the Euclidean score q.g - |g|^2 / 2 an exact product for the loop too.
    loop = naive(
        np.hstack([q, np.ones((len(q), 1))]), queries, np.hstack([g, -0.5 * (g * g).sum(1, keepdims=True)]), pictures,
        COUNTS[protocol],
    )  # fmt: skip
    try:
        result = evaluate(
            Embeddings(q, "f"), queries, Embeddings(g, "f"), pictures, protocol, metric="euclidean", resamples=10
        )
    finally:
        rank.TILE = before
    first, precision, penalty, trapezoid = (np.array(column) for column in zip(*loop, strict=True))
    np.testing.assert_array_equal(result.first_rank, first)
    np.testing.assert_allclose(result.average_precision, precision, rtol=0, atol=1e-9)
    np.testing.assert_allclose(result.inverse_negative_penalty, penalty, rtol=0, atol=1e-9)
    assert result.skipped.tolist() == np.flatnonzero(first < 0).tolist()
    if (first >= 0).any():
        assert result.mAP.value == pytest.approx(np.nanmean(precision), abs=1e-9)
        assert result.mAP_trapezoid.value == pytest.approx(np.nanmean(trapezoid), abs=1e-9)
        assert result.mINP.value == pytest.approx(np.nanmean(penalty), abs=1e-9)
        assert result.rank5.value == pytest.approx(np.mean(first[first >= 0] < 5), abs=1e-9)
        assert result.cmc[4] == pytest.approx(result.rank5.value, abs=1e-9)
    else:
        assert np.isnan(result.mAP.value)


def test_a_table_made_by_hand():
    # One query at camera 0. By distance: a stranger, own person in own camera (dropped), own person, junk (dropped),
    # a distractor, own person. So positives stand at places 2 and 4 of 4.
    angle = np.radians([10, 20, 30, 40, 50, 60])
    g = np.stack([np.cos(angle), np.sin(angle)], 1).astype(np.float32)
    pictures = Samples.of(list("abcdef"), [2, 1, 1, -1, 0, 1], [1, 0, 1, 1, 1, 2])
    query = Samples.of(["q"], [1], [0])
    result = evaluate(Embeddings(np.array([[1, 0]], np.float32), "f"), query, Embeddings(g, "f"), pictures, resamples=5)
    assert result.first_rank.tolist() == [1]
    assert result.average_precision[0] == pytest.approx((1 / 2 + 2 / 4) / 2)
    assert result.inverse_negative_penalty[0] == pytest.approx(2 / 4)
    assert (result.rank1.value, result.rank5.value) == (0.0, 1.0)
    assert result.cmc[:2].tolist() == [0.0, 1.0]
    written = result.to_json()
    assert written["protocol"] == "market1501"
    assert (written["queries"], written["skipped_queries"], written["gallery"]) == (1, 0, 5)


def test_a_query_without_its_person_is_counted_and_named():
    same = Embeddings(np.eye(3, dtype=np.float32), "f")
    queries = Samples.of(["x", "y", "z"], [1, 2, 3], [0, 0, 0])
    pictures = Samples.of(["a", "b", "c"], [1, 2, 9], [1, 0, 1])
    result = evaluate(same, queries, same, pictures, resamples=5)
    assert result.skipped.tolist() == [1, 2]
    assert result.rank1.value == 1.0
    assert result.identities == 1


def test_no_query_can_be_answered():
    same = Embeddings(np.eye(2, dtype=np.float32), "f")
    result = evaluate(same, Samples.of(["x", "y"], [1, 2]), same, Samples.of(["a", "b"], [7, 8]))
    assert np.isnan(result.rank1.value)
    assert len(result.skipped) == 2


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda f: f.__setitem__((1, 0), np.nan), "not finite in rows 1"),
        (lambda f: f.__setitem__((2, 1), np.inf), "not finite in rows 2"),
        (lambda f: f.__setitem__(0, 0), "all zero in rows 0"),
    ],
)
def test_features_that_cannot_be_compared_are_named(change, says):
    good = np.eye(3, dtype=np.float32)
    bad = good.copy()
    change(bad)
    people = Samples.of(list("abc"), [1, 2, 3])
    with pytest.raises(InputError, match=says):
        evaluate(Embeddings(good, "f"), people, Embeddings(bad, "f"), people)


def test_two_networks_do_not_mix():
    same, people = np.eye(3, dtype=np.float32), Samples.of(list("abc"), [1, 2, 3])
    with pytest.raises(InputError, match="embeddings of f and of g"):
        evaluate(Embeddings(same, "f"), people, Embeddings(same, "g"), people)
