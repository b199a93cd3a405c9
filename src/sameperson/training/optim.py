"""Optimisers of a method's parameter groups, and the learning rate schedule.

The schedule's time is counted in epochs and moves with every step: step s of an epoch with n steps is at
`epoch + s / n`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import nn
from torch.amp.grad_scaler import GradScaler

from sameperson.config import Optim
from sameperson.methods.method import Group, Phase


def rate(optim: Optim, epochs: int, at: float) -> float:
    """The learning rate at time `at` (in epochs) of a run of `epochs`: warm-up x (steps | cosine | poly | constant).

    Warm-up rises linearly from `warmup_factor` to 1 over `warmup_epochs`. Steps multiply by `gamma` at each of `steps`,
    counted from the start of the run; the cosine falls from the end of the warm-up to `final_lr` at the end of the run.
    Poly is lr * (1 - at / epochs) ** power, counted from the start of the run (DeepLab, Chen et al. 2018).

    >>> round(rate(Optim(lr=1.0, warmup_epochs=10, warmup_factor=0.1), 120, 5), 3)
    0.55
    >>> round(rate(Optim(lr=1.0, steps=(40, 70)), 120, 70), 3)
    0.01
    """
    warm = 1.0
    if at < optim.warmup_epochs:
        warm = optim.warmup_factor + (1 - optim.warmup_factor) * at / optim.warmup_epochs
    if optim.schedule == "steps":
        return warm * optim.lr * optim.gamma ** sum(at >= step for step in optim.steps)
    if optim.schedule == "cosine" and epochs > optim.warmup_epochs:
        done = min(max(at - optim.warmup_epochs, 0) / (epochs - optim.warmup_epochs), 1)
        return warm * (optim.final_lr + (optim.lr - optim.final_lr) * (1 + math.cos(math.pi * done)) / 2)
    if optim.schedule == "poly":
        return warm * optim.lr * max(1 - at / epochs, 0) ** optim.power
    return warm * optim.lr


class PhaseOptimizer:
    """The optimisers of one phase: its own or the recipe's optimiser, and plain SGD for groups that ask for it.

    optim: what this phase is optimised by. parameters: every parameter that it updates; frozen ones are left out.
    """

    def __init__(self, phase: Phase, optim: Optim) -> None:
        self.optim = optim = phase.optim or optim
        groups = [(group, [p for p in group.parameters if p.requires_grad]) for group in phase.groups]
        groups = [(group, parameters) for group, parameters in groups if parameters]
        self.name = phase.name
        self.parameters = [parameter for _, parameters in groups for parameter in parameters]
        if not self.parameters or len(self.parameters) > len({id(parameter) for parameter in self.parameters}):
            raise ValueError(f"phase {phase.name!r} must move at least one parameter, and each only once")
        scheduled = [_settings(group, parameters, optim) for group, parameters in groups if group.optimizer == "recipe"]
        own = [_own_settings(group, parameters) for group, parameters in groups if group.optimizer == "sgd"]
        self._scheduled = _recipe_optimizer(scheduled, optim) if scheduled else None
        self._own = torch.optim.SGD(own) if own else None

    @property
    def _optimizers(self) -> list[torch.optim.Optimizer]:
        return [optimizer for optimizer in (self._scheduled, self._own) if optimizer is not None]

    def step(self, rate: float, scaler: GradScaler, clip: float | None = None) -> None:
        """Make one step at the scheduled `rate` with the present gradients, and remove them.

        clip: largest norm of the gradients that follow the schedule; groups with their own SGD are not counted.
        """
        active = [optimizer for optimizer in self._optimizers if _has_gradient(optimizer)]
        for optimizer in active:
            scaler.unscale_(optimizer)
        if self._scheduled is not None:
            for group in self._scheduled.param_groups:
                group["lr"] = rate * group["lr_scale"]
            if clip is not None:
                nn.utils.clip_grad_norm_([p for group in self._scheduled.param_groups for p in group["params"]], clip)
        for optimizer in active:
            scaler.step(optimizer)
        if active:
            scaler.update()
        for parameter in self.parameters:
            parameter.grad = None

    def state_dict(self) -> list[dict[str, Any]]:
        """The states of the optimisers, for a checkpoint."""
        return [optimizer.state_dict() for optimizer in self._optimizers]

    def load_state_dict(self, states: list[Mapping[str, Any]]) -> None:
        """Restore the states that `state_dict()` returned."""
        for optimizer, state in zip(self._optimizers, states, strict=True):
            optimizer.load_state_dict(dict(state))


def _settings(group: Group, parameters: list[nn.Parameter], optim: Optim) -> dict[str, Any]:
    decay = optim.weight_decay if group.weight_decay is None else group.weight_decay
    return {"params": parameters, "weight_decay": decay, "lr_scale": group.lr_scale}


def _own_settings(group: Group, parameters: list[nn.Parameter]) -> dict[str, Any]:
    if group.lr is None:
        raise ValueError("a group with its own SGD must say its learning rate")
    return {"params": parameters, "lr": group.lr, "weight_decay": group.weight_decay or 0.0}


def _recipe_optimizer(groups: list[dict[str, Any]], optim: Optim) -> torch.optim.Optimizer:
    if optim.name == "sgd":
        return torch.optim.SGD(groups, lr=optim.lr, momentum=optim.momentum, nesterov=optim.nesterov)
    kind = torch.optim.AdamW if optim.name == "adamw" else torch.optim.Adam
    return kind(groups, lr=optim.lr, betas=optim.betas)


def _has_gradient(optimizer: torch.optim.Optimizer) -> bool:
    return any(parameter.grad is not None for group in optimizer.param_groups for parameter in group["params"])
