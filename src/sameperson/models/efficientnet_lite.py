"""EfficientNet-Lite checkpoints of the EfficientNet-PyTorch code base, brought to the parameter names of timm."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import timm
from torch import Tensor

from sameperson.checks import InputError
from sameperson.models.weights import load_weights


def with_timm_names(path: Path, network: str) -> dict[str, Tensor]:
    """Load a checkpoint and return its tensors under the names of timm's `network`.

    Both code bases register the same layers in the same order, so the tensors correspond one by one.

    Raises InputError for a checkpoint that differs from the network in any shape, or in what a tensor is (weight,
    bias, mean, variance).
    """
    state, _ = load_weights(path)
    return renamed(state, timm.create_model(network).state_dict(), f"{path}: not {network}")


def renamed(state: Mapping[str, Tensor], wanted: Mapping[str, Tensor], fault: str) -> dict[str, Tensor]:
    """Return the tensors of `state` under the names of `wanted`, which has as many of the same shapes in its order."""
    if len(state) != len(wanted):
        raise InputError(f"{fault} ({len(state)} tensors)", f"{len(wanted)} tensors", "fetch it again")
    for (old, one), (new, other) in zip(state.items(), wanted.items(), strict=True):
        if one.shape != other.shape or old.split(".")[-1] != new.split(".")[-1]:
            found = f"{fault} ({old} {tuple(one.shape)})"
            raise InputError(found, f"{new} {tuple(other.shape)}", "fetch it again")
    return {new: tensor.contiguous() for new, tensor in zip(wanted, state.values(), strict=True)}
