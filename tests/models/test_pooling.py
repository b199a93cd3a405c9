"""Pools against loops over cells."""

import math

import pytest
import torch

from sameperson.models.pooling import POOLS, GeneralizedMeanPool

MAPS = torch.randn(3, 4, 5, 2, generator=torch.Generator().manual_seed(0))


def by_hand(reduce) -> torch.Tensor:
    rows = [[reduce([float(x) for x in MAPS[b, c].flatten()]) for c in range(4)] for b in range(3)]
    return torch.tensor(rows)


@pytest.mark.parametrize(
    ("name", "reduce"),
    [
        ("gap", lambda cells: sum(cells) / len(cells)),
        ("gmp", max),
        ("gem", lambda cells: (sum(max(x, 1e-6) ** 3 for x in cells) / len(cells)) ** (1 / 3)),
    ],
)
def test_a_pool_is_its_formula(name, reduce):
    assert torch.allclose(POOLS[name]()(MAPS), by_hand(reduce), atol=1e-6)


def test_gem_runs_from_the_mean_to_the_maximum():
    maps = MAPS.abs() / MAPS.abs().amax((2, 3), keepdim=True)
    assert torch.allclose(GeneralizedMeanPool(1.0)(maps), POOLS["gap"]()(maps), atol=1e-6)
    assert torch.allclose(GeneralizedMeanPool(100.0)(maps), torch.ones(3, 4), rtol=0.03)


def test_gem_learns_its_power():
    pool = GeneralizedMeanPool()
    pool(MAPS.abs()).sum().backward()
    assert pool.p.grad is not None and pool.p.grad.item() > 0  # a larger power is nearer the maximum


@pytest.mark.parametrize("name", POOLS)
def test_half_precision_maps_are_pooled_in_full_precision(name):
    maps = MAPS.bfloat16()
    pooled = POOLS[name]()(maps)
    assert pooled.dtype == torch.float32 and torch.equal(pooled, POOLS[name]()(maps.float()))


def test_a_map_of_zeros_has_a_finite_gradient():
    maps = torch.zeros(1, 2, 3, 3, requires_grad=True)
    POOLS["gem"]()(maps).sum().backward()
    assert maps.grad is not None and all(math.isfinite(x) for x in maps.grad.flatten().tolist())
