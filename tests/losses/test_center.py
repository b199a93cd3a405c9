"""The center loss: its value, and two gradients that must not be weighed alike."""

import pytest
import torch

from sameperson.losses.center import CenterLoss

PIDS = [0, 2, 2]
FEATURES = [[1.0, 2.0], [0.0, 0.0], [3.0, -1.0]]
CENTERS = [[0.0, 0.0], [9.0, 9.0], [1.0, 1.0]]


def test_value_and_gradients_are_the_ones_worked_out_by_hand():
    """Squared distances 5, 2 and 8. A feature is pulled by 2 (f - c) / 3, weighed; a centre by the opposites' sum."""
    loss = CenterLoss(people=3, channels=2, weight=0.01)
    loss.centers.data = torch.tensor(CENTERS)
    features = torch.tensor(FEATURES, requires_grad=True)
    value = loss(features, torch.tensor(PIDS))
    assert value.item() == pytest.approx(0.01 * (5 + 2 + 8) / 3)
    value.backward()
    assert features.grad is not None and loss.centers.grad is not None
    pull = [[2 * (f - c) / 3 for f, c in zip(row, CENTERS[pid])] for row, pid in zip(FEATURES, PIDS)]
    assert torch.allclose(features.grad, 0.01 * torch.tensor(pull), atol=1e-7)
    drift = [[-x for x in pull[0]], [0.0, 0.0], [-(a + b) for a, b in zip(pull[1], pull[2])]]
    assert torch.allclose(loss.centers.grad, torch.tensor(drift), atol=1e-6)


def step(loss: CenterLoss, features: list[list[float]], pids: list[int], lr: float) -> None:
    loss.centers.grad = None
    loss(torch.tensor(features), torch.tensor(pids)).backward()
    loss.centers.data -= lr * loss.centers.grad


def test_the_centres_move_as_fast_whatever_the_weight():
    moved = []
    for weight in (5e-4, 1.0):
        loss = CenterLoss(people=3, channels=2, weight=weight)
        loss.centers.data = torch.tensor(CENTERS)
        step(loss, FEATURES, PIDS, 0.5)
        moved.append(loss.centers.detach())
    assert torch.allclose(*moved) and not torch.allclose(moved[0], torch.tensor(CENTERS))


def test_a_lone_person_s_centre_ends_on_their_feature():
    loss = CenterLoss(people=1, channels=2)
    for _ in range(30):
        step(loss, [[3.0, -4.0]], [0], 0.25)
    assert torch.allclose(loss.centers, torch.tensor([[3.0, -4.0]]), atol=1e-4)
