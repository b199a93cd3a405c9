"""Schedules against hand-made tables; groups against steps worked out by hand."""

import math

import pytest
import torch
from torch import nn

from sameperson.checks import InputError
from sameperson.config import Optim
from sameperson.methods.method import Group, Phase
from sameperson.overrides import load_recipe
from sameperson.training.optim import PhaseOptimizer, rate

SGD = Optim(name="sgd", lr=1.0, momentum=0.0, weight_decay=0.0)


def weight(value: float = 1.0) -> nn.Parameter:
    return nn.Parameter(torch.tensor([value]))


def moved(optimizer: PhaseOptimizer, parameters: list[nn.Parameter], **step) -> list[float]:
    """How far each parameter goes when every gradient is 1."""
    before = [p.item() for p in parameters]
    for p in parameters:
        p.grad = torch.ones_like(p)
    optimizer.step(scaler=torch.amp.GradScaler("cpu", enabled=False), **step)
    return [was - p.item() for was, p in zip(before, parameters)]


@pytest.mark.parametrize(
    ("at", "expected"),
    [(0, 0.01), (5, 0.505), (9.9, 0.9901), (10, 1), (39.99, 1), (40, 0.1), (69.9, 0.1), (70, 0.01), (119.9, 0.01)],
)
def test_steps_with_warm_up(at, expected):
    assert rate(Optim(lr=2.0), 120, at) == pytest.approx(2 * expected)


@pytest.mark.parametrize(("at", "expected"), [(0, 0.5), (1, 0.75), (2, 1), (6, 0.55), (10, 0.1)])
def test_cosine_falls_from_the_end_of_the_warm_up_to_its_final_rate(at, expected):
    optim = Optim(lr=1.0, schedule="cosine", warmup_epochs=2, warmup_factor=0.5, final_lr=0.1)
    assert rate(optim, 10, at) == pytest.approx(expected)


def test_a_quarter_of_the_cosine():
    optim = Optim(lr=1.0, schedule="cosine", warmup_epochs=0, final_lr=0)
    assert rate(optim, 8, 2) == pytest.approx((1 + math.cos(math.pi / 4)) / 2)


@pytest.mark.parametrize(
    ("power", "at", "expected"),
    [
        (0.9, 0, 2.0),
        (0.9, 75, 2 * 0.5**0.9),
        (0.9, 149.5, 2 * (1 / 300) ** 0.9),
        (1, 30, 1.6),
        (2, 75, 0.5),
        (1, 150, 0),
    ],
)
def test_poly_falls_with_every_step_to_nothing(power, at, expected):
    optim = Optim(lr=2.0, schedule="poly", power=power, warmup_epochs=0)
    assert rate(optim, 150, at) == pytest.approx(expected)


def test_poly_is_counted_in_steps_as_ce2p_counts_them():
    """Epoch e, step s of n: the rate is lr * (1 - (e * n + s) / (epochs * n)) ** power."""
    optim = Optim(lr=1e-3, schedule="poly", warmup_epochs=0)
    steps = [rate(optim, 3, epoch + step / 4) for epoch in range(3) for step in range(4)]
    assert steps == pytest.approx([1e-3 * (1 - done / 12) ** 0.9 for done in range(12)])


def test_poly_and_warm_up_multiply():
    optim = Optim(lr=1.0, schedule="poly", power=1, warmup_epochs=2, warmup_factor=0.5)
    assert rate(optim, 10, 1) == pytest.approx(0.75 * 0.9)


def test_momentum_and_nesterovs_by_hand():
    """Gradient 1 each time, rate .1, momentum .9: steps of 1, 1.9, 2.71; Nesterov's look ahead: 1.9, 2.71, 3.439."""
    for nesterov, expected in ((False, [0.1, 0.19, 0.271]), (True, [0.19, 0.271, 0.3439])):
        optim = SGD.model_copy(update={"momentum": 0.9, "nesterov": nesterov})
        parameter = weight()
        optimizer = PhaseOptimizer(Phase("main", [Group([parameter])]), optim)
        assert [moved(optimizer, [parameter], rate=0.1)[0] for _ in range(3)] == pytest.approx(expected)


def test_adams_betas_by_hand():
    """Gradients 1 and 0 with betas 0: the first step is the whole rate, the second is none."""
    parameter = weight()
    optim = Optim(lr=0.1, betas=(0.0, 0.0), weight_decay=0)
    optimizer = PhaseOptimizer(Phase("main", [Group([parameter])]), optim)
    assert moved(optimizer, [parameter], rate=0.1) == pytest.approx([0.1])
    parameter.grad = torch.zeros(1)
    optimizer.step(0.1, torch.amp.GradScaler("cpu", enabled=False))
    assert parameter.item() == pytest.approx(0.9)


def test_nesterov_without_momentum_is_refused():
    with pytest.raises(InputError, match="Nesterov's momentum is for sgd"):
        load_recipe(None, ["optim.nesterov=true"])


def test_a_phase_with_its_own_optimiser_leaves_the_recipes_alone():
    phase = Phase("judge", [Group([weight()])], Optim(lr=0.5, clip=1.0))
    assert PhaseOptimizer(phase, SGD).optim == Optim(lr=0.5, clip=1.0)
    assert PhaseOptimizer(Phase("main", [Group([weight()])]), SGD).optim == SGD


def test_constant_and_a_run_shorter_than_its_warm_up():
    assert rate(Optim(lr=3.0, schedule="constant", warmup_epochs=0), 5, 4.5) == 3.0
    assert rate(Optim(lr=1.0, schedule="cosine", warmup_epochs=10, warmup_factor=0), 5, 4) == pytest.approx(0.4)


def test_each_group_moves_by_its_scaled_rate():
    parameters = [weight(), weight()]
    optimizer = PhaseOptimizer(Phase("main", [Group(parameters[:1]), Group(parameters[1:], lr_scale=0.1)]), SGD)
    assert moved(optimizer, parameters, rate=0.5) == pytest.approx([0.5, 0.05])
    assert moved(optimizer, parameters, rate=0.2) == pytest.approx([0.2, 0.02])


def test_a_group_with_its_own_sgd_follows_neither_schedule_nor_clip():
    parameters = [weight(), weight()]
    own = Group(parameters[1:], optimizer="sgd", lr=0.25)
    optimizer = PhaseOptimizer(Phase("main", [Group(parameters[:1]), own]), SGD)
    assert moved(optimizer, parameters, rate=1.0, clip=0.5) == pytest.approx([0.5, 0.25])


def test_weight_decay_of_a_group():
    parameters = [weight(2.0), weight(2.0)]
    groups = [Group(parameters[:1]), Group(parameters[1:], weight_decay=0.0)]
    optimizer = PhaseOptimizer(Phase("main", groups), SGD.model_copy(update={"weight_decay": 0.1}))
    assert moved(optimizer, parameters, rate=1.0) == pytest.approx([1.2, 1.0])


@pytest.mark.parametrize("name", ["adam", "adamw", "sgd"])
def test_goes_on_from_its_saved_state(name):
    optim = Optim(name=name, lr=0.1)
    straight, halved = weight(), weight()
    first, second = (PhaseOptimizer(Phase("main", [Group([p])]), optim) for p in (straight, halved))
    for step in (0.1, 0.2):
        moved(first, [straight], rate=step)
    moved(second, [halved], rate=0.1)
    resumed = PhaseOptimizer(Phase("main", [Group([halved])]), optim)
    resumed.load_state_dict(second.state_dict())
    moved(resumed, [halved], rate=0.2)
    assert straight.item() == halved.item() != 1.0


def test_gradients_are_dropped_and_frozen_parameters_left_out():
    free, frozen = weight(), weight().requires_grad_(False)
    optimizer = PhaseOptimizer(Phase("main", [Group([free, frozen])]), SGD)
    moved(optimizer, [free], rate=1.0)
    assert optimizer.parameters == [free] and free.grad is None


def test_a_step_without_gradients_moves_nothing_under_fp16s_scaler():
    parameter = weight()
    optimizer = PhaseOptimizer(Phase("main", [Group([parameter])]), Optim(name="adamw"))
    optimizer.step(1.0, torch.amp.GradScaler("cpu"))
    assert parameter.item() == 1.0


def test_an_infinite_gradient_is_skipped_by_fp16s_scaler():
    parameter = weight()
    optimizer = PhaseOptimizer(Phase("main", [Group([parameter])]), SGD)
    scaler = torch.amp.GradScaler("cpu", init_scale=4.0)
    scaler.scale(parameter.sum() * torch.inf).backward()
    optimizer.step(1.0, scaler)
    assert parameter.item() == 1.0 and scaler.get_scale() == 2.0
    scaler.scale(parameter.sum() * 0.5).backward()
    optimizer.step(1.0, scaler)
    assert parameter.item() == 0.5


def test_a_parameter_moved_twice_is_refused():
    parameter = weight()
    with pytest.raises(ValueError, match="only once"):
        PhaseOptimizer(Phase("main", [Group([parameter]), Group([parameter], optimizer="sgd", lr=1.0)]), SGD)
