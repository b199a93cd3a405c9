"""Momentum of batch normalisation: how fast the running statistics of a network follow its batches."""

from __future__ import annotations

from torch import nn


def set_bn_momentum(network: nn.Module, momentum: float | None) -> None:
    """Set the momentum of every batch normalisation in a network; None leaves each as it is.

    The running mean becomes (1 - momentum) * mean + momentum * batch mean with each batch.
    """
    if momentum is None:
        return
    for module in network.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.momentum = momentum
