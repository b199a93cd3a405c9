"""The BNNeck between the feature of the metric losses and the one of the identity classifier, and that classifier."""

from __future__ import annotations

from torch import Tensor, nn


class BNNeck(nn.Module):
    """Batch normalisation whose shift stays zero, so that classification sees features spread around the origin.

    Luo et al., "A Strong Baseline and Batch Normalization Neck for Deep Person Re-identification", TMM 2020.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.bn = nn.BatchNorm1d(channels)
        self.bn.bias.requires_grad_(False)

    def forward(self, features: Tensor) -> Tensor:
        """Normalise features over the batch: (B, C) -> (B, C)."""
        return self.bn(features)


def identity_classifier(channels: int, people: int) -> nn.Linear:
    """A linear identity classifier: one row for each person, without bias, initialised near zero."""
    classifier = nn.Linear(channels, people, bias=False)
    nn.init.normal_(classifier.weight, std=0.001)
    return classifier
