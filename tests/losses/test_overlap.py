"""The overlap loss against a loop over pixels."""

import numpy as np
import pytest
import torch

from sameperson.losses.overlap import overlap_loss


def test_it_is_one_minus_the_soft_iou_of_the_labels_present():
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(2, 4, 3, 5))
    labels = rng.integers(0, 3, (2, 3, 5))  # the fourth label is in no map
    labels[0, 0, :2] = 255
    shares = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    expected = []
    for label in range(3):
        both = either = 0.0
        for b, i, j in np.ndindex(2, 3, 5):
            if labels[b, i, j] != 255:
                share, true = shares[b, label, i, j], float(labels[b, i, j] == label)
                both, either = both + share * true, either + share + true - share * true
        expected.append(1 - both / either)
    found = overlap_loss(torch.from_numpy(logits), torch.from_numpy(labels))
    assert found.item() == pytest.approx(np.mean(expected), rel=1e-5)


def test_a_perfect_map_has_no_loss_and_an_ignored_one_neither():
    labels = torch.tensor([[[0, 1], [2, 1]]])
    sure = 100.0 * torch.nn.functional.one_hot(labels, 3).movedim(3, 1)
    assert overlap_loss(sure, labels).item() == pytest.approx(0, abs=1e-6)
    logits = torch.randn(1, 3, 2, 2, requires_grad=True)
    loss = overlap_loss(logits, torch.full((1, 2, 2), 255))
    loss.backward()
    assert loss.item() == 0 and torch.isfinite(logits.grad).all()
