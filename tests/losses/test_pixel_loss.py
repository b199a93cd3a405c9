"""The loss over pixels against a loop over them."""

import pytest
import torch

from sameperson.losses.pixel import pixel_loss


def by_loop(logits, labels):
    total, count = 0.0, 0
    for picture, wanted in zip(logits.double(), labels):
        for row in range(wanted.shape[0]):
            for column in range(wanted.shape[1]):
                if wanted[row, column] != 255:
                    scores = picture[:, row, column]
                    total += (scores.exp().sum().log() - scores[wanted[row, column]]).item()
                    count += 1
    return total / count


def test_every_pixel_counts_but_the_ignored():
    draw = torch.Generator().manual_seed(0)
    logits = torch.randn(2, 4, 3, 2, generator=draw)
    labels = torch.randint(0, 4, (2, 3, 2), generator=draw).to(torch.uint8)
    labels[0, 1] = 255
    assert pixel_loss(logits, labels.int()).item() == pytest.approx(by_loop(logits, labels.int()), rel=1e-5)
    assert pixel_loss(logits, labels) == pixel_loss(logits, labels.long())


def test_nothing_but_ignored_pixels_is_no_loss():
    logits = torch.randn(1, 3, 2, 2, requires_grad=True)
    loss = pixel_loss(logits, torch.full((1, 2, 2), 255, dtype=torch.uint8))
    loss.backward()
    assert loss == 0 and logits.grad is not None and not logits.grad.any()


def test_finer_labels_are_met_by_interpolation():
    logits = torch.tensor([[[[0.0, 4.0]], [[0.0, 0.0]]]])  # class 0 wins by 0, 1.33, 2.67, 4 from left to right
    found = pixel_loss(logits, torch.zeros(1, 1, 4, dtype=torch.uint8))
    gaps = torch.tensor([0, 4 / 3, 8 / 3, 4])
    assert found.item() == pytest.approx((1 + (-gaps).exp()).log().mean().item(), rel=1e-5)


def test_half_precision_is_left_behind():
    logits = torch.randn(1, 3, 4, 4).bfloat16()
    assert pixel_loss(logits, torch.zeros(1, 4, 4, dtype=torch.uint8)).dtype == torch.float32
