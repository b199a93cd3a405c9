"""The nearest k of everything."""

from itertools import pairwise

import numpy as np
import pytest

from sameperson.evaluation.rank import rank_top
from sameperson.types import Embeddings


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
@pytest.mark.parametrize("k", [1, 7, 40, 99])
def test_the_top_equals_a_full_sort(metric, k):
    rng = np.random.default_rng(k)
    q, g = rng.normal(size=(9, 5)), rng.normal(size=(40, 5))
    g[20:] = g[:20]  # every picture twice: each pair ties, and the earlier one comes first
    found = rank_top(Embeddings(q.astype(np.float32), "f"), Embeddings(g.astype(np.float32), "f"), k, metric=metric)
    if metric == "cosine":
        unit = [x / np.linalg.norm(x, axis=1, keepdims=True) for x in (q, g)]
        full = 1 - unit[0] @ unit[1].T
    else:
        full = np.linalg.norm(q[:, None] - g[None], axis=2)
    k = min(k, 40)
    expected = np.sort(full, axis=1)[:, :k]
    np.testing.assert_allclose(found.distances, expected, atol=2e-3)
    assert found.indices.shape == (9, k)
    for row in found.indices:
        for earlier, later in pairwise(row):
            if earlier % 20 == later % 20:
                assert earlier < later


def test_an_empty_gallery_has_no_nearest():
    found = rank_top(Embeddings(np.ones((2, 3), np.float32), "f"), Embeddings(np.zeros((0, 3), np.float32), "f"), 5)
    assert found.indices.shape == (2, 0)
