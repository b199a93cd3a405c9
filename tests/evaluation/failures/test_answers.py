"""First answers, look-alikes, pairs of cameras and alternatives, against plain loops."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from sameperson.evaluation.failures import alternatives as tried
from sameperson.evaluation.failures.alternatives import alternatives, changed_first_answers, other_similarities
from sameperson.evaluation.failures.camera_pairs import camera_pairs
from sameperson.evaluation.failures.look_alikes import look_alikes
from sameperson.evaluation.failures.top_answers import top_answers
from sameperson.evaluation.protocols.catalogue import PROTOCOLS
from sameperson.evaluation.result import evaluate
from sameperson.evaluation.similarity import Rerank, Similarity
from sameperson.types import Embeddings, Samples

MARKET = PROTOCOLS["market1501"]


@pytest.fixture
def sides():
    """40 queries and 90 gallery pictures of 10 people and distractors in 3 cameras, with parts."""
    rng = np.random.default_rng(11)
    centres = rng.normal(size=(11, 8))
    made = []
    for count, first in ((40, 1), (90, 0)):
        pid = rng.integers(first, 11, count)
        features = (centres[pid] + 1.5 * rng.normal(size=(count, 8))).astype(np.float32)
        parts = rng.normal(size=(count, 2, 4)).astype(np.float32)
        visible = rng.random((count, 2)).astype(np.float32)
        samples = Samples.of([f"{first}/{k}" for k in range(count)], pid, rng.integers(0, 3, count))
        made += [Embeddings(features, "x", parts, visible), samples]
    return made


def cosine(query, gallery):
    q, g = (side.features / np.linalg.norm(side.features, axis=1, keepdims=True) for side in (query, gallery))
    return q @ g.T


def counts(queries, pictures, q, g):
    """Whether a gallery picture counts for a query by Market-1501's rules."""
    return not (queries.pid[q] == pictures.pid[g] and queries.camid[q] == pictures.camid[g])


@pytest.mark.parametrize("k", [1, 5, 200])
def test_first_answers_are_the_nearest_that_count(sides, k):
    query, queries, gallery, pictures = sides
    ranking, right = top_answers(query, queries, gallery, pictures, MARKET, Similarity(), k)
    scores = cosine(query, gallery)
    for q in range(len(queries)):
        order = [g for g in np.argsort(-scores[q], kind="stable") if counts(queries, pictures, q, g)]
        found = ranking.indices[q][ranking.indices[q] >= 0]
        assert found.tolist() == order[:k]
        np.testing.assert_allclose(ranking.distances[q, : len(found)], 1 - scores[q, found], atol=1e-5)
        mine = [g for g in order if pictures.pid[g] == queries.pid[q]]
        assert right[q] == (mine[0] if mine else -1)


def test_a_protocol_of_some_cameras_leaves_the_others_out(sides):
    query, queries, gallery, pictures = sides
    some = replace(MARKET, query_cameras=(0,), gallery_cameras=(1, 2))
    ranking, right = top_answers(query, queries, gallery, pictures, some, Similarity(metric="euclidean"), 3)
    asked = queries.camid == 0
    assert (ranking.indices[~asked] == -1).all() and np.isinf(ranking.distances[~asked]).all()
    assert (right[~asked] == -1).all()
    assert np.isin(pictures.camid[ranking.indices[asked]], (1, 2)).all()
    first = ranking.indices[asked, 0]
    apart = np.linalg.norm(query.features[asked] - gallery.features[first], axis=1)
    np.testing.assert_allclose(ranking.distances[asked, 0], apart, rtol=1e-4)


def test_look_alikes_are_the_pairs_that_come_first_for_one_another(sides):
    query, queries, gallery, pictures = sides
    result = evaluate(query, queries, gallery, pictures, resamples=0)
    ranking, _ = top_answers(query, queries, gallery, pictures, MARKET, Similarity(), 3)
    counted = np.isfinite(result.average_precision)
    pairs = look_alikes(ranking, queries, pictures, counted, 99)
    taken = Counter()
    for q in np.flatnonzero(counted):
        answer = int(pictures.pid[ranking.indices[q, 0]])
        if answer not in (0, int(queries.pid[q])):
            taken[int(queries.pid[q]), answer] += 1
    assert sum(pair.times for pair in pairs) == sum(taken.values())
    for pair in pairs:
        assert pair.taken == (taken[pair.one, pair.other], taken[pair.other, pair.one])
        assert pair.asked == tuple(int((queries.pid[counted] == who).sum()) for who in (pair.one, pair.other))
        assert {int(queries.pid[pair.query]), int(pictures.pid[pair.answer])} == {pair.one, pair.other}
    assert [pair.times for pair in pairs] == sorted((pair.times for pair in pairs), reverse=True)
    assert look_alikes(ranking, queries, pictures, counted, 2) == pairs[:2]


def test_a_pair_of_cameras_is_an_evaluation_in_the_gallery_of_one(sides):
    query, queries, gallery, pictures = sides
    pairs = camera_pairs(query, queries, gallery, pictures, MARKET, Similarity())
    scores = cosine(query, gallery)
    for pair in pairs:
        aps, firsts = [], []
        for q in np.flatnonzero(queries.camid == pair.query):
            order = [
                g for g in np.argsort(-scores[q], kind="stable")
                if pictures.camid[g] == pair.gallery and counts(queries, pictures, q, g)
            ]  # fmt: skip
            hits = [place for place, g in enumerate(order) if pictures.pid[g] == queries.pid[q]]
            if hits:
                aps.append(np.mean([(n + 1) / (place + 1) for n, place in enumerate(hits)]))
                firsts.append(hits[0] == 0)
        assert pair.queries == len(aps)
        assert pair.mAP.value == pytest.approx(np.mean(aps)) and pair.rank1.value == pytest.approx(np.mean(firsts))
    assert {(pair.query, pair.gallery) for pair in pairs} == {(a, b) for a in range(3) for b in range(3) if a != b}
    assert [pair.mAP.value for pair in pairs] == sorted(pair.mAP.value for pair in pairs)


def test_too_many_cameras_or_one_have_no_pairs(sides):
    query, queries, gallery, pictures = sides
    many = replace(pictures, camid=np.arange(len(pictures), dtype=np.int32))
    one = replace(pictures, camid=np.zeros(len(pictures), np.int32))
    assert camera_pairs(query, queries, gallery, many, MARKET, Similarity()) == []
    assert camera_pairs(query, queries, gallery, one, MARKET, Similarity()) == []


def test_alternatives_are_what_was_not_done(sides, monkeypatch):
    query = sides[0]
    assert [*other_similarities(Similarity(), query, 100)] == ["with k-reciprocal re-ranking", "by visible parts (ARM)"]
    parts = other_similarities(Similarity(match="parts"), query, 100)
    assert [*parts][1] == "by whole pictures, without visible parts (ARM)"
    assert all(how.match == "features" for how in parts.values())
    reranked = other_similarities(Similarity(rerank=Rerank()), replace(query, parts=None, visibility=None), 100)
    assert [*reranked] == ["without re-ranking"]
    monkeypatch.setattr(tried, "MOST_RERANKED", 99)
    assert [*other_similarities(Similarity(), query, 100)] == ["by visible parts (ARM)"]


def test_an_alternative_counts_first_answers_that_change(sides):
    query, queries, gallery, pictures = sides
    done = evaluate(query, queries, gallery, pictures, resamples=100)
    for way in alternatives(query, queries, gallery, pictures, MARKET, done, Similarity()):
        new = evaluate(query, queries, gallery, pictures, metric=way.similarity, resamples=0)
        np.testing.assert_array_equal(new.per_query, way.result.per_query)
        better = [q for q in range(len(queries)) if new.first_rank[q] == 0 < done.first_rank[q]]
        worse = [q for q in range(len(queries)) if done.first_rank[q] == 0 < new.first_rank[q]]
        assert sorted(way.gained.tolist()) == better and sorted(way.lost.tolist()) == worse
        gap = np.nanmean(new.average_precision) - np.nanmean(done.average_precision)
        assert way.difference.difference["mAP"].value == pytest.approx(gap)


def test_the_largest_changes_come_first(sides):
    query, queries, gallery, pictures = sides
    old = evaluate(query, queries, gallery, pictures, resamples=0)
    new = evaluate(query, queries, gallery, pictures, metric=Similarity(match="parts"), resamples=0)
    gained, lost = changed_first_answers(new, old)
    change = new.average_precision - old.average_precision
    assert change[gained].tolist() == sorted(change[gained].tolist(), reverse=True)
    assert change[lost].tolist() == sorted(change[lost].tolist()) and len(lost) > 1
