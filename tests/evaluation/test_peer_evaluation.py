"""Ranks, AP and re-ranked distances equal the peer's, on random problems with every oddity it can take."""

import warnings

import numpy as np
import pytest

from sameperson.evaluation.rank import tiles
from sameperson.evaluation.result import evaluate
from sameperson.evaluation.similarity import Rerank, Similarity, scores_of
from sameperson.types import Embeddings, Samples

pytestmark = pytest.mark.peer
PROBLEMS = 200
SHOWN = 20
"""Ranks: where a query has fewer gallery pictures left than the peer shows, it breaks off."""


@pytest.fixture(scope="module")
def peer():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pytest.importorskip("torchreid")
        from torchreid.reid.metrics import evaluate_rank
        from torchreid.reid.utils.rerank import re_ranking
    return evaluate_rank, re_ranking


def problem(seed):
    """Coarse features, so that products are exact and duplicates abound; people with one picture; strangers."""
    rng = np.random.default_rng(seed)
    people, queries, pictures = int(rng.integers(1, 8)), int(rng.integers(1, 12)), int(rng.integers(90, 140))
    reach = int(rng.choice([1, 3, 40]))
    q, g = (rng.integers(-reach, reach + 1, (n, 4)).astype(np.float32) for n in (queries, pictures))
    sides = [
        Samples.of([f"{n}-{k}" for k in range(n)], rng.integers(1, people + 3, n), rng.integers(0, 3, n))
        for n in (queries, pictures)
    ]
    return q, sides[0], g, sides[1]


def squared(a, b):
    return ((a[:, None].astype(np.float64) - b[None]) ** 2).sum(2)


def test_cmc_and_map_equal_the_peers(peer):
    compared = 0
    for seed in range(PROBLEMS):
        q, queries, g, pictures = problem(seed)
        matrix = squared(q, g)
        # The peer's sort leaves equal distances in any order: shift each by less than any two can differ.
        matrix = matrix + np.arange(len(g)) * 1e-6
        answered = [
            row
            for row in range(len(q))
            if ((pictures.pid == queries.pid[row]) & (pictures.camid != queries.camid[row])).any()
        ]
        if not answered:
            continue
        cmc, mean = peer[0](matrix, queries.pid, pictures.pid, queries.camid, pictures.camid, SHOWN, use_cython=False)
        ours = evaluate(Embeddings(q, "t"), queries, Embeddings(g, "t"), pictures, metric="euclidean", resamples=0)
        assert ours.mAP.value == pytest.approx(mean, abs=1e-6)
        assert ours.cmc[:SHOWN] == pytest.approx(cmc, abs=1e-6)
        compared += 1
    assert compared > PROBLEMS * 0.8


def test_re_ranked_distances_equal_the_peers(peer):
    compared = 0
    for seed in range(PROBLEMS):
        rng = np.random.default_rng(seed)
        count, asked = int(rng.integers(8, 60)), int(rng.integers(1, 6))
        rows = rng.standard_normal((count, 6)).astype(np.float32)  # without ties, which the peer leaves in any order
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        q, g = rows[:asked], rows[asked:]
        k1, k2 = int(rng.integers(1, 25)), int(rng.integers(1, 7))
        if k1 >= count or k2 >= count:
            continue
        theirs = peer[1](np.sqrt(squared(q, g)), np.sqrt(squared(q, q)), np.sqrt(squared(g, g)), k1, k2, 0.3)
        scores = scores_of(Embeddings(q, "t"), Embeddings(g, "t"), Similarity(rerank=Rerank(k1, k2)))
        ours = -np.concatenate([tile for _, tile in tiles(scores, len(q))])
        assert np.abs(ours - theirs).max() <= 1e-5
        compared += 1
    assert compared > PROBLEMS * 0.5
