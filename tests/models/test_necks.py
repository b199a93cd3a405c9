"""The neck against its formula."""

import torch

from sameperson.models.necks import BNNeck, identity_classifier


def test_in_training_features_are_centred_and_scaled_but_not_shifted():
    neck = BNNeck(3)
    features = torch.randn(8, 3, generator=torch.Generator().manual_seed(0)) * 5 + 2
    with torch.no_grad():
        neck.bn.weight.copy_(torch.tensor([1.0, 2.0, 3.0]))
    centred = features - features.mean(0)
    expected = centred / (features.var(0, unbiased=False) + 1e-5).sqrt() * torch.tensor([1.0, 2.0, 3.0])
    assert torch.allclose(neck(features), expected, atol=1e-5)


def test_the_shift_stays_zero_while_the_scale_learns():
    neck = BNNeck(3)
    (neck(torch.randn(8, 3)) * torch.arange(24.0).view(8, 3)).sum().backward()
    assert [name for name, value in neck.named_parameters() if value.requires_grad] == ["bn.weight"]
    assert neck.bn.bias.tolist() == [0, 0, 0] and neck.bn.bias.grad is None
    assert neck.bn.weight.grad is not None and neck.bn.weight.grad.abs().min() > 0


def test_the_classifier_starts_near_zero_without_a_bias():
    torch.manual_seed(0)
    classifier = identity_classifier(256, 100)
    assert classifier.bias is None and classifier.weight.shape == (100, 256)
    assert 0.0009 < classifier.weight.std().item() < 0.0011
