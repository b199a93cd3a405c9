"""The running average against a loop over plain numbers."""

import torch
from torch import nn

from sameperson.methods.method import Method
from sameperson.training.ema import WeightAverage


class Tiny(Method):
    def __init__(self) -> None:
        super().__init__()
        self.neck = nn.BatchNorm1d(1)


def test_average_is_the_naive_one():
    method = Tiny()
    average = WeightAverage(method, decay=0.3)
    weight, mean = 1.0, 0.0
    for step in range(1, 8):
        with torch.no_grad():
            method.neck.weight.fill_(float(step**2))
            method.neck.running_mean.fill_(float(-step))
            method.neck.num_batches_tracked.fill_(step)
        average.update(method, step)
        keep = min(0.3, (1 + step) / (10 + step))
        weight = keep * weight + (1 - keep) * step**2
        mean = keep * mean + (1 - keep) * -step
    kept = average.method.neck
    torch.testing.assert_close(kept.weight.detach(), torch.tensor([weight]))
    torch.testing.assert_close(kept.running_mean, torch.tensor([mean]))
    assert kept.num_batches_tracked == 7


def test_the_average_is_not_trained():
    assert not any(parameter.requires_grad for parameter in WeightAverage(Tiny(), 0.9).method.parameters())
