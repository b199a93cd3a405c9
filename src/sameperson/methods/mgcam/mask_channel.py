"""A fourth channel for the mask in the first convolution of a backbone, which begins by ignoring it."""

from __future__ import annotations

import torch
from torch import nn

COLOURS = 3


def add_mask_channel(backbone: nn.Module) -> None:
    """Give the first convolution of a picture one more input channel, with weights of zero, in place.

    Raises ValueError where no convolution takes three channels.
    """
    for module in backbone.modules():
        if isinstance(module, nn.Conv2d) and module.in_channels == COLOURS and module.groups == 1:
            weight = module.weight.detach()
            module.weight = nn.Parameter(torch.cat([weight, torch.zeros_like(weight[:, :1])], 1))
            module.in_channels = COLOURS + 1
            return
    raise ValueError(f"{type(backbone).__name__} has no convolution of {COLOURS} channels")
