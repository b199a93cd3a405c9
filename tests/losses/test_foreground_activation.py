"""Features that are short where the masks show no one: against a loop over cells."""

import math

import pytest
import torch

from sameperson.losses.foreground_activation import foreground_activation_loss


def by_hand(maps: torch.Tensor, masks: torch.Tensor, rows: list[int]) -> float:
    total, (height, width) = 0.0, maps.shape[2:]
    for row in rows:
        for y in range(height):
            for x in range(width):
                block = masks[row, 4 * y : 4 * y + 4, 4 * x : 4 * x + 4]
                shown = (block > 0).float().mean().item()
                strength = math.sqrt(sum(v**2 for v in maps[row, :, y, x].tolist()) / maps.shape[1])
                share = 1 / (1 + math.exp(2 - 10 * strength))
                total -= shown * math.log(share) + (1 - shown) * math.log(1 - share)
    return total / (len(rows) * height * width)


def test_each_cell_by_its_share_of_the_person():
    draw = torch.Generator().manual_seed(0)
    maps = torch.rand(3, 5, 4, 2, generator=draw)
    masks = torch.randint(0, 3, (3, 16, 8), generator=draw, dtype=torch.uint8)
    for rows in ([0, 1, 2], [0, 2], [1]):
        valid = torch.tensor([row in rows for row in range(3)])
        assert foreground_activation_loss(maps, masks, valid).item() == pytest.approx(
            by_hand(maps, masks, rows), rel=1e-5
        )


def test_where_nothing_is_known_nothing_is_learned_and_a_silent_map_has_a_slope_of_numbers():
    maps = torch.zeros(2, 3, 4, 2, requires_grad=True)
    masks = torch.zeros(2, 16, 8, dtype=torch.uint8)
    for valid in (torch.zeros(2).bool(), torch.ones(2).bool()):
        (slope,) = torch.autograd.grad(foreground_activation_loss(maps, masks, valid), maps)
        assert torch.equal(slope, torch.zeros_like(maps))


def test_descent_parts_the_person_from_the_rest():
    maps = torch.full((1, 4, 8, 4), 0.2)
    maps += 0.01 * torch.rand(maps.shape, generator=torch.Generator().manual_seed(0))
    maps.requires_grad_()
    masks = torch.zeros(1, 32, 16, dtype=torch.uint8)
    masks[:, 8:24, 4:12] = 1
    descent = torch.optim.Adam([maps], 0.02)
    for _ in range(60):
        descent.zero_grad()
        foreground_activation_loss(maps, masks, torch.ones(1).bool()).backward()
        descent.step()
    norms = maps.detach().norm(dim=1)[0]
    inside = masks[0, ::4, ::4] > 0
    assert norms[inside].min() > 3 * norms[~inside].max()


def test_an_erased_box_shows_no_one():
    maps = torch.rand(1, 3, 4, 2, generator=torch.Generator().manual_seed(0))
    masks = torch.zeros(1, 16, 8, dtype=torch.uint8)
    erased = masks.clone()
    erased[:, :8] = 255
    valid = torch.ones(1).bool()
    assert torch.equal(foreground_activation_loss(maps, masks, valid), foreground_activation_loss(maps, erased, valid))
