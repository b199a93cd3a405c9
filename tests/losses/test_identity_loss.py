"""Label-smoothed cross-entropy against its formula, person by person."""

import math

import pytest
import torch

from sameperson.losses.identity import identity_loss


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.5])
def test_it_is_its_formula(smoothing):
    logits = torch.randn(6, 5, generator=torch.Generator().manual_seed(0))
    pids = [0, 4, 2, 2, 1, 3]
    total = 0.0
    for row, pid in zip(logits.tolist(), pids):
        normaliser = math.log(sum(math.exp(x) for x in row))
        surprise = [normaliser - x for x in row]
        total += (1 - smoothing) * surprise[pid] + smoothing * sum(surprise) / len(row)
    assert identity_loss(logits, torch.tensor(pids), smoothing).item() == pytest.approx(total / 6, rel=1e-5)


def test_half_precision_logits_are_scored_in_full_precision():
    logits = (torch.randn(4, 7, generator=torch.Generator().manual_seed(0)) * 20).bfloat16()
    pids = torch.tensor([0, 1, 2, 3])
    loss = identity_loss(logits, pids)
    assert loss.dtype == torch.float32 and loss.item() == pytest.approx(identity_loss(logits.float(), pids).item())
