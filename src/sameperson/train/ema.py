"""A running average of the weights (EMA): steadier than the last step's, it is what is validated and kept."""

from __future__ import annotations

from copy import deepcopy

import torch

from sameperson.methods.method import Method


class Average:
    """`method` averaged over its past steps.

    The decay rises with the number of steps as (1 + t) / (10 + t) until it reaches `decay`, so that a short run is not
    ruled by its first weights. Running statistics are averaged like weights; counters are copied.
    """

    def __init__(self, method: Method, decay: float) -> None:
        self.method = deepcopy(method).requires_grad_(False)
        self.decay = decay

    @torch.no_grad()
    def update(self, method: Method, steps: int) -> None:
        """Take in the weights after `steps` steps of training."""
        keep = min(self.decay, (1 + steps) / (10 + steps))
        for mean, now in zip(self.method.state_dict().values(), method.state_dict().values(), strict=True):
            if not isinstance(now, torch.Tensor):
                continue
            if now.is_floating_point():
                mean.lerp_(now, 1 - keep)
            else:
                mean.copy_(now)
