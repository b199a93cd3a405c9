"""Ranks of positives over galleries large enough for every way through the kernel, whatever the tiles and threads."""

import numpy as np
import pytest
import torch

from sameperson.evaluation import rank
from sameperson.evaluation.distance import scorable
from sameperson.evaluation.protocols.catalogue import PROTOCOLS
from sameperson.evaluation.scores import Product
from sameperson.types import Embeddings, Samples

PEOPLE = 9


def problem(kind):
    """65 queries of small whole numbers, so that the products are exact and many are equal, and 900 pictures."""
    rng = np.random.default_rng(5)
    asked, known = rng.integers(1, PEOPLE + 1, 65), rng.integers(0, PEOPLE + 1, 900)
    people = rng.integers(-9, 10, (PEOPLE + 1, 6))
    spread = {"easy": 1, "hard": 9, "random": 9, "constant": 0}[kind]
    pull = {"easy": 9, "hard": 1, "random": 0, "constant": 0}[kind]
    q, g = (pull * people[pid] + rng.integers(-spread, spread + 1, (len(pid), 6)) for pid in (asked, known))
    queries = Samples.of(np.arange(65).astype(str), asked, rng.integers(0, 4, 65))
    pictures = Samples.of(np.arange(900).astype(str), known, rng.integers(0, 4, 900))
    return q.astype(np.float32) + 1, queries, g.astype(np.float32) + 1, pictures


def by_full_sort(q, queries, g, pictures):
    """Every query's positives on its stably sorted list, what the protocol drops left out."""
    found = []
    for i, score in enumerate(q @ g.T):
        order = np.argsort(-score, kind="stable")
        mine = pictures.pid[order] == queries.pid[i]
        counted = ~(mine & (pictures.camid[order] == queries.camid[i]))
        found.append(np.flatnonzero(mine[counted]))
    return found


@pytest.mark.parametrize("kind", ["easy", "hard", "random", "constant"])
@pytest.mark.parametrize(
    ("tile", "held", "threads"), [(256, 1 << 25, 1), (7, 1 << 25, 1), (256, 2000, 1), (20, 1 << 25, 3)]
)
def test_ranks_equal_a_full_stable_sort(kind, tile, held, threads, monkeypatch):
    q, queries, g, pictures = problem(kind)
    expected = by_full_sort(q, queries, g, pictures)
    monkeypatch.setattr(rank, "TILE", tile)
    monkeypatch.setattr(rank, "HELD", held)
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        found = rank.positive_ranks(Product.of(q, g), queries, pictures, PROTOCOLS["market1501"])
        assert torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(before)
    assert np.diff(found.starts).tolist() == [len(places) for places in expected]
    assert found.ranks.tolist() == np.concatenate(expected).tolist()


def test_measured_features_are_ranked_alike_by_tiles_of_any_size(monkeypatch):
    rng = np.random.default_rng(0)
    _, queries, _, pictures = problem("easy")
    q, g = scorable(*(Embeddings(rng.normal(size=(n, 32)).astype(np.float32), "f") for n in (65, 900)))
    found = []
    for tile in (256, 64, 9):
        monkeypatch.setattr(rank, "TILE", tile)
        found.append(rank.positive_ranks(Product.of(q, g), queries, pictures, PROTOCOLS["market1501"]).ranks)
    # The last bit of a product may depend on the tile's shape, and no two of these lie that near.
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[0], found[2])


@pytest.mark.parametrize(("gallery", "threads"), [(100, 1), (16_000, 2), (10**6, 4), (10**9, 64)])
def test_tiles_stay_within_memory_and_leave_some_for_every_thread(gallery, threads):
    size = rank.tile_size((3000, gallery), threads)
    assert 1 <= size <= rank.TILE
    assert size == 1 or size * threads * gallery <= rank.HELD
    assert size * (threads - 1) < 3000
