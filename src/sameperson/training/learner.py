"""The state under training: a method, its optimisers, the average of its weights, and the progress of the run."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn
from torch.amp.grad_scaler import GradScaler

from sameperson.checks import InputError
from sameperson.config import Recipe
from sameperson.methods.method import Method
from sameperson.models.weights import DAMAGED
from sameperson.training.checkpoint import WHOLE, Checkpoint, TrainingState
from sameperson.training.distributed import Processes
from sameperson.training.ema import WeightAverage
from sameperson.training.optim import PhaseOptimizer

PRECISION = {"none": None, "bf16": torch.bfloat16, "fp16": torch.float16}


class Learner:
    """A method under training, on its device.

    at: the progress of the run. phases: the optimisers of the method's phases, in order.
    """

    def __init__(self, method: Method, recipe: Recipe, crew: Processes) -> None:
        self.method = method.to(crew.device).to(memory_format=torch.channels_last)
        crew.synchronize(self.method)
        self.phases = [PhaseOptimizer(phase, recipe.optim) for phase in self.method.phases()]
        self.average = WeightAverage(self.method, recipe.train.ema) if recipe.train.ema else None
        self.scaler = GradScaler(crew.device.type, enabled=recipe.train.amp == "fp16")
        self.at = TrainingState()
        self._device, self._recipe = crew.device.type, recipe

    @property
    def kept(self) -> Method:
        """The weights that are validated and kept: the average where there is one."""
        return self.method if self.average is None else self.average.method

    def autocast(self) -> torch.autocast:
        """The recipe's precision for a forward pass."""
        precision = self._recipe.train.amp
        return torch.autocast(self._device, PRECISION[precision], enabled=precision != "none")

    def train(self) -> None:
        """Switch to training mode; the statistics of batch normalisation stay fixed where the recipe says so."""
        self.method.train()
        if self._recipe.train.freeze_bn:
            for module in self.method.modules():
                if isinstance(module, nn.modules.batchnorm._BatchNorm):
                    module.eval()

    def checkpoint(self, people: int, pictures: int) -> Checkpoint:
        """Make a checkpoint of a run that trains on so many people and pictures."""
        return Checkpoint(
            recipe=self._recipe.model_dump(mode="json"),
            people=people,
            pictures=pictures,
            method=self.method.state_dict(),
            average={} if self.average is None else self.average.method.state_dict(),
            optimizers=[phase.state_dict() for phase in self.phases],
            scaler=self.scaler.state_dict(),
            standing=self.at,
        )

    def restore(self, checkpoint: Checkpoint, source: Path | str = "checkpoint") -> None:
        """Restore the state from a checkpoint of the same recipe. Raises InputError where a part of it does not fit."""
        try:
            self.method.load_state_dict(checkpoint.method)
            if self.average is not None:
                self.average.method.load_state_dict(checkpoint.average)
            for phase, states in zip(self.phases, checkpoint.optimizers, strict=True):
                phase.load_state_dict(states)
            self.scaler.load_state_dict(checkpoint.scaler)
        except (*DAMAGED, TypeError, AttributeError) as error:
            raise InputError(f"{source}: a checkpoint of another network, or a damaged one", *WHOLE) from error
        self.at = checkpoint.standing
        self.at.losses = {name: loss.to(self._device) for name, loss in self.at.losses.items()}
