"""Batch-hard triplets against loops over all pairs."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from sameperson.losses.triplet import euclidean, triplet_loss


def by_hand(features: list[list[float]], pids: list[int], margin: float | str) -> float:
    total = 0.0
    for i, anchor in enumerate(features):
        furthest, nearest = 0.0, math.inf
        for j, other in enumerate(features):
            distance = math.dist(anchor, other)
            if pids[j] == pids[i]:
                furthest = max(furthest, distance)
            else:
                nearest = min(nearest, distance)
        gap = furthest - nearest
        if margin == "soft":
            total += 0.0 if gap == -math.inf else math.log1p(math.exp(gap))
        else:
            total += max(0.0, margin + gap)
    return total / len(features)


@settings(max_examples=60)
@given(
    seed=st.integers(0, 10_000),
    pids=st.lists(st.integers(0, 3), min_size=2, max_size=12),
    margin=st.sampled_from([0.3, 1.0, "soft"]),
    whole=st.booleans(),
)
def test_it_equals_the_loop(seed, pids, margin, whole):
    """Whole numbers make many ties, and many features that coincide."""
    features = torch.randn(len(pids), 3, generator=torch.Generator().manual_seed(seed)) * 2
    features = features.round() if whole else features
    expected = by_hand(features.tolist(), pids, margin)
    assert triplet_loss(features, torch.tensor(pids), margin).item() == pytest.approx(expected, rel=1e-3, abs=2e-3)


def test_a_small_table():
    """On a line: a at 0 and 3, b at 1 and 7. Gaps 3 - 1, 3 - 2, 6 - 1, 6 - 4."""
    features, pids = torch.tensor([[0.0], [3.0], [1.0], [7.0]]), torch.tensor([5, 5, 9, 9])
    assert triplet_loss(features, pids, 0.5).item() == pytest.approx((2.5 + 1.5 + 5.5 + 2.5) / 4)
    soft = [math.log1p(math.exp(gap)) for gap in (2, 1, 5, 2)]
    assert triplet_loss(features, pids, "soft").item() == pytest.approx(sum(soft) / 4)


@pytest.mark.parametrize("margin", [0.3, "soft"])
@pytest.mark.parametrize("pids", [[1, 1, 1, 1], [1, 2, 3, 4], [1, 1, 2, 2]])
def test_no_strangers_no_friends_and_twins_leave_finite_gradients(pids, margin):
    features = torch.tensor([[1.0, 2.0], [1.0, 2.0], [1.0, 2.0], [0.0, 1.0]], requires_grad=True)
    loss = triplet_loss(features, torch.tensor(pids), margin)
    loss.backward()
    assert torch.isfinite(loss) and features.grad is not None and torch.isfinite(features.grad).all()


def test_it_pulls_friends_together_and_pushes_strangers_apart():
    features = torch.tensor([[0.0], [3.0], [1.0], [7.0]], requires_grad=True)
    before = triplet_loss(features, torch.tensor([5, 5, 9, 9]))
    before.backward()
    assert features.grad is not None
    moved = features.detach() - 0.05 * features.grad
    assert triplet_loss(moved, torch.tensor([5, 5, 9, 9])) < before


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16])
def test_half_precision_features_are_compared_in_full_precision(kind):
    """Near each other and far from zero, where half precision would see no distance at all."""
    spread = torch.randn(8, 16, generator=torch.Generator().manual_seed(0))
    features = (spread + 30).to(kind)
    pids = torch.arange(8) // 2
    expected = by_hand(features.double().tolist(), pids.tolist(), 0.3)
    assert triplet_loss(features, pids).item() == pytest.approx(expected, rel=0.01)
    with torch.autocast("cpu", torch.bfloat16):
        assert triplet_loss(features, pids).item() == pytest.approx(expected, rel=0.01)


def test_distances_of_coinciding_rows_have_a_gradient():
    rows = torch.ones(2, 3, requires_grad=True)
    euclidean(rows, rows).sum().backward()
    assert rows.grad is not None and torch.isfinite(rows.grad).all()
