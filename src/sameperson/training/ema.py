"""Exponential moving average (EMA) of the weights; where a recipe asks for it, it is what is validated and kept."""

from __future__ import annotations

from copy import deepcopy

import torch

from sameperson.methods.method import Method


class WeightAverage:
    """A copy of `method` whose weights are averaged over its past steps.

    mean = d * mean + (1 - d) * weights with d = min(decay, (1 + t) / (10 + t)) after t steps, so that the first weights
    of a short run count little. Running statistics are averaged like weights; counters are copied.
    """

    def __init__(self, method: Method, decay: float) -> None:
        self.method = deepcopy(method).requires_grad_(False)
        self.decay = decay

    @torch.no_grad()
    def update(self, method: Method, steps: int) -> None:
        """Add the weights after `steps` steps of training to the average."""
        keep = min(self.decay, (1 + steps) / (10 + steps))
        for mean, now in zip(self.method.state_dict().values(), method.state_dict().values(), strict=True):
            if not isinstance(now, torch.Tensor):
                continue
            if now.is_floating_point():
                mean.lerp_(now, 1 - keep)
            else:
                mean.copy_(now)
