"""A wider network that computes what a narrower one of the same build does, as the start of its training.

Every channel is repeated, and what reads repeated channels gets an equal share of the old weight from each (Net2Wider,
Chen, Goodfellow, Shlens, ICLR 2016). Noise sets the copies apart; without it they would learn the same for ever.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from sameperson.checks import InputError


def widened(
    narrow: Mapping[str, Tensor], wide: Mapping[str, Tensor], noise: float, seed: int = 0, source: str = "the weights"
) -> dict[str, Tensor]:
    """Make a state dict of the shapes in `wide` that computes what `narrow` does.

    It holds for layers whose weights are (outputs, inputs, ...), depthwise convolutions and normalisations, where all
    channels are repeated the same number of times and all inputs in the same order. narrow, wide: state dicts with the
    same names; the values of `wide` do not count. noise: of the repeated weights, as a share of their layer's standard
    deviation.

    Raises InputError for other names, or shapes that are no multiple.
    """
    generator = torch.Generator().manual_seed(seed)
    if narrow.keys() != wide.keys():
        other = sorted(narrow.keys() ^ wide.keys())
        raise InputError(
            f"{source}: {len(other)} layers of one network alone, such as {other[0]}",
            "two networks that differ in width alone",
            "choose the same kind of network, such as osnet_ain_x0_25 and osnet_ain_x0_5",
        )
    return {name: _repeated(name, old, wide[name].shape, noise, generator, source) for name, old in narrow.items()}


def _repeated(
    name: str, old: Tensor, shape: torch.Size, noise: float, generator: torch.Generator, source: str
) -> Tensor:
    """Repeat a tensor to a shape; weights that read repeated channels are shared among them and get the noise."""
    if old.shape == shape:
        return old.clone()
    times = [new // before for new, before in zip(shape, old.shape)]
    if old.ndim != len(shape) or any(before * more != new for before, more, new in zip(old.shape, times, shape)):
        raise InputError(
            f"{source}: {name} is {tuple(old.shape)}, to become {tuple(shape)}",
            "widths that are a multiple",
            "choose a network two or four times as wide",
        )
    repeated = old.repeat(*times)
    if old.ndim < 2 or times[1] == 1:
        return repeated
    loose = torch.randn(repeated.shape, generator=generator) * old.std()
    return (repeated + noise * loose) / times[1]
