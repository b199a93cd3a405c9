"""Pooling by parts against loops over pixels; the gate; visibility; stripes."""

import pytest
import torch

from sameperson.models.part_pooling import pool_parts, stripes, visible_parts
from sameperson.models.spatial_attention import SpatialGate


def test_a_part_is_the_sum_of_its_pixels_over_all_pixels():
    draw = torch.Generator().manual_seed(0)
    maps, shares = torch.randn(2, 3, 4, 5, generator=draw), torch.rand(2, 6, 4, 5, generator=draw)
    found = pool_parts(maps, shares)
    assert found.shape == (2, 6, 3)
    for picture in range(2):
        for part in range(6):
            wanted = torch.zeros(3)
            for row in range(4):
                for column in range(5):
                    wanted += shares[picture, part, row, column] * maps[picture, :, row, column]
            torch.testing.assert_close(found[picture, part], wanted / 20)


def test_half_precision_does_not_blur_the_sums():
    maps, shares = torch.ones(1, 1, 64, 32).bfloat16(), torch.ones(1, 1, 64, 32)
    with torch.autocast("cpu", torch.bfloat16):
        found = pool_parts(maps, shares)
    assert found.dtype == torch.float32 and found.item() == 1


def test_a_part_is_visible_where_it_wins_enough_pixels():
    scores = torch.zeros(2, 3, 2, 2)
    scores[0, 0] = 0.5  # the background wins, but for one pixel
    scores[0, 2, 1, 1] = 0.6
    scores[1, 1] = 1.0
    scores[1, 2, 0, 0] = 1.1
    assert visible_parts(scores).tolist() == [[0, 1], [1, 1]]
    assert visible_parts(scores, cells=2).tolist() == [[0, 0], [1, 0]]


@pytest.mark.parametrize(("parts", "height"), [(6, 64), (5, 32), (3, 3), (1, 4)])
def test_stripes_are_equal_and_in_order(parts, height):
    found = stripes(parts, (height, 2))
    assert torch.equal(found.sum(0), torch.ones(height, 2))
    rows = found[:, :, 0].sum(1)
    assert rows.max() - rows.min() <= 1
    numbers = found[:, :, 0].argmax(0)
    assert torch.equal(numbers, numbers.sort().values) and torch.equal(found[..., 0], found[..., 1])


def test_the_gate_gives_each_pixel_one_weight():
    torch.manual_seed(0)
    gate, maps = SpatialGate(3).eval(), torch.rand(2, 3, 8, 6) + 0.5
    weights = gate(maps) / maps
    torch.testing.assert_close(weights, weights[:, :1].expand_as(weights))
    assert weights.min() > 0 and weights.max() < 1 and weights[0].std() > 0
    seen = torch.relu(gate.look[1](gate.look[0](maps)))
    assert seen.shape == (2, 1, 4, 3)
    corner = torch.sigmoid(gate.weigh[1](gate.weigh[0](seen)))[..., 0, 0]
    torch.testing.assert_close(weights[:, 0, 0, 0], corner[:, 0])  # corners stay in place under enlargement
