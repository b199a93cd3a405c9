"""Drawn galleries: a loop over the same numbers, the expectation over all galleries that can be drawn, edges."""

from itertools import product

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from sameperson.evaluation import per_query, rank
from sameperson.evaluation.protocols.definition import Protocol
from sameperson.evaluation.protocols.single_shot import one_of_each
from sameperson.evaluation.result import evaluate
from sameperson.types import Embeddings, Samples

CUHK03 = {"single_shot": "per_query", "separate_cameras": True}


def single_shot(repeats, **how):
    return Protocol("p", True, repeats=repeats, **{**CUHK03, **how})


@st.composite
def problems(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    people, cameras = draw(st.integers(1, 5)), draw(st.integers(1, 3))
    queries, pictures = draw(st.integers(1, 8)), draw(st.integers(1, 30))
    levels = draw(st.sampled_from([1, 2, 5]))  # few whole numbers make many ties, and sums that are exact in float32
    sides = []
    for side, count, lowest in (("q", queries, 1), ("g", pictures, -1)):
        features = rng.integers(-levels, levels + 1, (count, 3)).astype(np.float32)
        pid = rng.integers(lowest, people + 1, count)
        names = [f"{side}{k}" for k in range(count)]
        sides += [features, Samples.of(names, pid, rng.integers(0, cameras, count))]
    return sides


def euclidean(a, b):
    """Minus the squared distance, exact for small whole numbers."""
    return -((a[:, None] - b[None]) ** 2).sum(-1)


def place_among(score, rows, mine):
    """Where gallery row `mine` comes among `rows`; of equal scores the earlier row first."""
    return sorted(rows, key=lambda j: (-score[j], j)).index(mine)


def by_loop(q, queries, g, pictures, protocol, seed):
    """CUHK03 mode, one query, repeat and person at a time, from the numbers of one stream."""
    people = sorted({pid for pid in pictures.pid.tolist() if pid > 0})
    width = 4 * -(-len(people) // 4)
    stream = np.random.Generator(np.random.Philox(seed)).random(protocol.repeats * len(q) * width)
    numbers = stream.reshape(protocol.repeats, len(q), width)
    score = euclidean(q, g)
    places = np.full((len(q), protocol.repeats), -1)
    for i, r in product(range(len(q)), range(protocol.repeats)):
        drawn = {}
        other = [j for j in range(len(g)) if pictures.camid[j] != queries.camid[i]]
        for k, pid in enumerate(people):
            free = other if protocol.separate_cameras or pid == queries.pid[i] else range(len(g))
            mine = [j for j in free if pictures.pid[j] == pid]
            mine.sort(key=lambda j: (pictures.camid[j], j))
            if mine:
                drawn[pid] = mine[int(numbers[r, i, k] * len(mine))]
        strangers = [j for j in (other if protocol.separate_cameras else range(len(g))) if pictures.pid[j] == 0]
        if queries.pid[i] in drawn:
            places[i, r] = place_among(score[i], [*drawn.values(), *strangers], drawn[queries.pid[i]])
    return places


@settings(max_examples=200)
@given(problems(), st.booleans(), st.sampled_from([1, 3, 256]), st.sampled_from([1, 2]), st.integers(0, 9))
def test_pictures_drawn_for_each_query_equal_a_loop_over_the_same_numbers(problem, separate, tile, threads, seed):
    q, queries, g, pictures = problem
    protocol = single_shot(3, separate_cameras=separate)
    before, rank.TILE = (rank.TILE, torch.get_num_threads()), tile
    torch.set_num_threads(threads)
    try:
        how = {"metric": "euclidean", "resamples": 5, "seed": seed}
        result = evaluate(Embeddings(q, "f"), queries, Embeddings(g, "f"), pictures, protocol, **how)
        whole = evaluate(Embeddings(q, "f"), queries, Embeddings(g, "f"), pictures, "market1501", **how)
    finally:
        rank.TILE = before[0]
        torch.set_num_threads(before[1])
    places = by_loop(q, queries, g, pictures, protocol, seed)
    asked = places.max(1) >= 0
    assert result.skipped.tolist() == np.flatnonzero(~asked).tolist()
    expected = np.stack([((places < k) & (places >= 0)).mean(1) for k in (1, 5, 10, 20)], 1)
    np.testing.assert_allclose(result.per_query[asked, :4], expected[asked], atol=1e-12)
    np.testing.assert_array_equal(result.first_rank[asked], np.sort(places[asked], 1)[:, 1])
    # mAP and mINP are those of the whole gallery.
    np.testing.assert_array_equal(result.average_precision, whole.average_precision)
    np.testing.assert_array_equal(result.inverse_negative_penalty, whole.inverse_negative_penalty)
    if asked.any():
        assert result.rank1.value == pytest.approx(expected[asked, 0].mean())
        assert result.cmc[4] == pytest.approx(expected[asked, 1].mean())


# Query at 0 on a line, camera 0. Persons 1 (the query's), 2, 3 by cameras 0 and 1; a distractor at 3, camera 1.
LINE = [1.0, 4.0, 2.0, 2.0, 6.0, 0.5, 3.0]
WHO = [1, 1, 1, 2, 2, 3, 0]
BY = [1, 1, 0, 1, 1, 0, 1]


def on_a_line(protocol, seed=0):
    g = np.stack([LINE, np.zeros(7)], 1).astype(np.float32)
    pictures = Samples.of(list("abcdefg"), WHO, BY)
    query = Samples.of(["q"], [1], [0])
    q = np.zeros((1, 2), np.float32)
    how = {"metric": "euclidean", "resamples": 5, "seed": seed}
    return evaluate(Embeddings(q, "f"), query, Embeddings(g, "f"), pictures, protocol, **how)


def test_pictures_drawn_for_each_query_by_hand():
    # From other cameras: of person 1 the one at 1 or the one at 4, of person 2 the one at 2 or at 6; person 3 was only
    # seen by the query's camera and is not there; the stranger at 3 always is. So: 1 comes first whatever is drawn of
    # person 2 (2 of 4 galleries); 4 comes behind the stranger and 2, or behind the stranger alone.
    result = on_a_line(single_shot(4000))
    assert result.rank1.value == pytest.approx(2 / 4, abs=0.03)
    assert result.cmc[1] == pytest.approx(3 / 4, abs=0.03)
    assert result.cmc[2] == 1.0
    # The whole gallery, less person 1 before camera 0: 3 at .5, 1 at 1, 2 at 2, stranger, 1 at 4.
    assert result.mAP.value == pytest.approx((1 / 2 + 2 / 5) / 2)
    assert (result.shots, result.repeats, result.dropped_pairs) == ("single", 4000, 1)


def test_one_gallery_for_all_queries_by_hand():
    # One of 1, 4 and 2 of person 1; one of 2 and 6 of person 2; the one at .5 of person 3; the stranger at 3.
    galleries = list(product([1.0, 4.0, 2.0], [2.0, 6.0]))
    # Of the two at 2 that of person 1 lies earlier in the gallery, so it comes first.
    places = [sum([other < own, own > 0.5, own > 3.0]) for own, other in galleries]
    assert places == [1, 1, 3, 2, 1, 1]
    result = on_a_line(Protocol("p", False, single_shot="shared", repeats=1000))
    assert result.cmc[:4].tolist() == pytest.approx([0, 4 / 6, 5 / 6, 1], abs=0.05)
    assert result.mAP.value == result.mINP.value == pytest.approx(np.mean([1 / (p + 1) for p in places]), abs=0.03)


@settings(max_examples=100)
@given(problems(), st.integers(0, 9))
def test_one_gallery_for_all_queries_equals_a_loop(problem, seed):
    q, queries, g, pictures = problem
    protocol = Protocol("p", True, single_shot="shared", repeats=3)
    result = evaluate(
        Embeddings(q, "f"), queries, Embeddings(g, "f"), pictures, protocol, metric="euclidean", resamples=5, seed=seed
    )
    score = euclidean(q, g)
    for i in range(len(q)):
        places = []
        for repeat in range(3):
            rows = one_of_each(pictures, seed, repeat)
            mine = [j for j in rows if pictures.pid[j] == queries.pid[i]]
            if mine and pictures.camid[mine[0]] != queries.camid[i]:
                places.append(place_among(score[i], rows, mine[0]))
        if not places:
            assert i in result.skipped
            continue
        assert result.per_query[i, 0] == pytest.approx(np.mean(np.array(places) < 1))
        assert result.average_precision[i] == pytest.approx(np.mean([1 / (place + 1) for place in places]))
        assert result.first_rank[i] == sorted(places)[(len(places) - 1) // 2]


@pytest.mark.parametrize("seed", range(5))
def test_a_gallery_holds_one_picture_of_each_person_and_every_distractor(seed):
    pictures = Samples.of([str(k) for k in range(9)], [3, 1, 0, 1, 2, 3, 0, 3, 1])
    rows = one_of_each(pictures, seed, repeat=0)
    assert sorted(pictures.pid[rows].tolist()) == [0, 0, 1, 2, 3]
    assert rows.tolist() == sorted(rows.tolist())
    drawn = {tuple(one_of_each(pictures, seed, repeat).tolist()) for repeat in range(200)}
    assert len(drawn) == 3 * 3  # every one of the galleries there are


def test_the_seed_decides_what_is_drawn_and_nothing_else_does():
    once, again, other = (on_a_line(single_shot(20), seed=seed) for seed in (1, 1, 2))
    assert once.cmc.tolist() == again.cmc.tolist() != other.cmc.tolist()


def test_precision_does_not_depend_on_how_positives_are_grouped(monkeypatch):
    rng = np.random.default_rng(2)
    features = rng.normal(size=(60, 4)).astype(np.float32)
    people = Samples.of([str(k) for k in range(60)], rng.integers(1, 5, 60), rng.integers(0, 3, 60))
    values = []
    for block in (1, 7, 1 << 16):
        monkeypatch.setattr(per_query, "BLOCK", block)
        values.append(evaluate(Embeddings(features, "f"), people, Embeddings(features, "f"), people).average_precision)
    np.testing.assert_allclose(values[0], values[2], rtol=1e-12)
    np.testing.assert_allclose(values[1], values[2], rtol=1e-12)


@pytest.mark.parametrize(
    "how",
    [
        {"repeats": 2},
        {"repeats": 0},
        {"single_shot": "per_query", "not_itself": True},
        {"single_shot": "per_query", "clothes": "same"},
        {"separate_cameras": True},
        {"across_cameras": False, "harmless_only": True},
    ],
)
def test_a_protocol_that_contradicts_itself_is_refused(how):
    with pytest.raises(ValueError, match="mine:"):
        Protocol("mine", **{"across_cameras": True, **how})
