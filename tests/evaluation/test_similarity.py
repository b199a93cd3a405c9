"""Every way of comparing against loops over pairs: visible parts, expansion, re-ranking, and bad input."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from sameperson.checks import InputError
from sameperson.evaluation.expansion import Expansion, expanded
from sameperson.evaluation.rank import rank_top, tiles
from sameperson.evaluation.result import evaluate
from sameperson.evaluation.similarity import Rerank, Similarity, scores_of
from sameperson.types import Embeddings, Samples


def whole(scores):
    """All scores, from tiles of three queries."""
    return np.concatenate([tile.copy() for _, tile in tiles(scores, 3)])


def cosine(a, b):
    lengths = np.linalg.norm(a) * np.linalg.norm(b)
    return float(a @ b / lengths) if lengths else 0.0


def parted(seed, count, parts=4, hidden=0.4):
    rng = np.random.default_rng(seed)
    visibility = (rng.random((count, parts)) > hidden).astype(np.float32)
    return Embeddings(
        rng.standard_normal((count, 6)).astype(np.float32),
        "isp",
        parts=rng.standard_normal((count, parts, 5)).astype(np.float32),
        visibility=visibility,
    )


@settings(max_examples=40)
@given(seed=st.integers(0, 10**6), wholes=st.sampled_from([1, 2, 3]), hidden=st.sampled_from([0.0, 0.4, 1.0]))
def test_visible_parts_match_as_in_the_papers_loop(seed, wholes, hidden):
    query, gallery = parted(seed, 5, hidden=hidden), parted(seed + 1, 8, hidden=hidden)
    scores = whole(scores_of(query, gallery, Similarity(match="parts", wholes=wholes)))
    for q in range(5):
        for g in range(8):
            cut = [side.features[row].reshape(wholes, -1) for side, row in ((query, q), (gallery, g))]
            total = sum((cosine(a, b) + 1) / 2 for a, b in zip(*cut, strict=True))
            count = float(wholes)
            for k in range(4):
                both = query.visibility[q, k] * gallery.visibility[g, k]
                total += both * (cosine(query.parts[q, k], gallery.parts[g, k]) + 1) / 2
                count += both
            assert (scores[q, g] + 1) / 2 == pytest.approx(total / count, abs=1e-5)


def test_with_all_parts_visible_it_is_the_mean_of_cosines_and_with_none_the_wholes():
    query, gallery = parted(1, 3, hidden=0.0), parted(2, 4, hidden=0.0)
    seen = whole(scores_of(query, gallery, Similarity(match="parts")))
    unseen = Embeddings(gallery.features, "isp", parts=gallery.parts, visibility=np.zeros((4, 4), np.float32))
    hidden = whole(scores_of(query, unseen, Similarity(match="parts")))
    for q in range(3):
        for g in range(4):
            holistic = cosine(query.features[q], gallery.features[g])
            each = [cosine(query.parts[q, k], gallery.parts[g, k]) for k in range(4)]
            assert seen[q, g] == pytest.approx(np.mean([holistic, *each]), abs=1e-6)
            assert hidden[q, g] == pytest.approx(holistic, abs=1e-6)


def test_some_gallery_rows_score_as_in_the_whole_gallery():
    query, gallery = parted(3, 4), parted(4, 9)
    rows = np.array([7, 2, 3])
    for how in (Similarity(match="parts"), Similarity(), Similarity("euclidean")):
        scores = scores_of(query, gallery, how)
        assert np.allclose(whole(scores.among(rows)), whole(scores)[:, rows], atol=1e-6)
    again = Similarity(rerank=Rerank(k1=4, k2=2))
    few = whole(scores_of(query, gallery, again).among(rows))
    assert np.allclose(few, whole(scores_of(query, gallery.take(rows), again)), atol=1e-6)


@pytest.mark.parametrize("alpha", [0.0, 2.0])
@pytest.mark.parametrize("database", [0, 2])
def test_expansion_mixes_in_the_nearest(alpha, database):
    rng = np.random.default_rng(2)
    q, g = rng.standard_normal((4, 5)).astype(np.float32), rng.standard_normal((9, 5)).astype(np.float32)
    q /= np.linalg.norm(q, axis=1, keepdims=True)
    g /= np.linalg.norm(g, axis=1, keepdims=True)

    def mix(row, own, table, k):
        similar = table @ row
        nearest = np.argsort(-similar, kind="stable")[:k]
        weights = np.maximum(similar[nearest], 0) ** alpha if alpha else np.ones(len(nearest))
        mixed = (own * row + weights @ table[nearest]) / (own + weights.sum())
        return mixed / np.linalg.norm(mixed)

    table = np.stack([mix(row, 0, g, database + 1) for row in g]) if database else g
    expected = np.stack([mix(row, 1, table, 3) for row in q])
    found_q, found_g = expanded(q, g, Expansion(k=3, alpha=alpha, database=database))
    assert np.allclose(found_q, expected, atol=1e-5) and np.allclose(found_g, table, atol=1e-5)


def people(seed=0, count=12, shots=6, noise=1.2):
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((count, 10))
    sides = []
    for camera in (0, 1):
        pid = np.repeat(np.arange(1, count + 1), shots)
        features = (centres[pid - 1] + noise * rng.standard_normal((len(pid), 10))).astype(np.float32)
        names = [f"{camera}/{row}.jpg" for row in range(len(pid))]
        sides += [Embeddings(features, "test"), Samples.of(names, pid, np.full(len(pid), camera))]
    return sides


def test_neighbours_help_and_the_result_says_what_was_done():
    plain = evaluate(*people(noise=0.8), resamples=10)
    again = Similarity(rerank=Rerank(k1=10, k2=4))
    reranked = evaluate(*people(noise=0.8), metric=again, resamples=10)
    mixed = evaluate(*people(noise=0.8), metric=Similarity(expansion=Expansion(k=3)), resamples=10)
    assert reranked.mAP.value > plain.mAP.value + 0.03
    assert mixed.mAP.value > plain.mAP.value
    said = reranked.to_json()
    assert said["rerank"] == {"k1": 10, "k2": 4, "weight": 0.3} and said["metric"] == "cosine"
    assert plain.to_json()["rerank"] is None


def test_the_nearest_by_re_ranking_are_those_of_its_smallest_distances():
    query, _, gallery, _ = people()
    how = Similarity(rerank=Rerank(k1=6, k2=3))
    scores = whole(scores_of(query, gallery, how))
    found = rank_top(query, gallery, 5, how=how)
    assert (found.indices == np.argsort(-scores, axis=1, kind="stable")[:, :5]).all()
    assert np.allclose(found.distances, -np.take_along_axis(scores, found.indices, axis=1))


def test_half_precision_and_mapped_features_are_taken(tmp_path):
    query, queries, gallery, pictures = people()
    np.save(tmp_path / "g.npy", gallery.features.astype(np.float16))
    mapped = Embeddings(np.load(tmp_path / "g.npy", mmap_mode="r"), "test")
    stored = evaluate(query, queries, mapped, pictures, resamples=0)
    assert stored.mAP.value == pytest.approx(
        evaluate(query, queries, gallery, pictures, resamples=0).mAP.value, abs=0.01
    )


def test_what_cannot_be_compared_is_one_line():
    flat = Embeddings(np.ones((2, 4), np.float32), "isp")
    for make, words in (
        (lambda: scores_of(flat, flat, Similarity(match="parts")), "query embeddings without parts"),
        (lambda: scores_of(parted(1, 2), parted(2, 2), Similarity(match="parts", wholes=4)), "6 numbers in 4 wholes"),
        (lambda: Similarity(match="parts", rerank=Rerank()), "visible parts with another"),
        (lambda: Expansion(k=-1), "k=-1"),
    ):
        with pytest.raises(InputError, match=words) as error:
            make()
        assert "\n" not in str(error.value)
    broken = parted(1, 3)
    broken.parts[1, 2, 0] = np.nan
    with pytest.raises(InputError, match="gallery part features not finite in rows 1"):
        scores_of(parted(2, 3), broken, Similarity(match="parts"))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_a_gpu_agrees():
    query, queries, gallery, pictures = people()
    for rerank in (None, Rerank()):
        here, there = (
            evaluate(query, queries, gallery, pictures, metric=Similarity(rerank=rerank, device=device), resamples=0)
            for device in ("cpu", "cuda")
        )
        assert there.mAP.value == pytest.approx(here.mAP.value, abs=1e-4)
