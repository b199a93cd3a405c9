"""Parameter groups: parts that learn at a multiple of the recipe's rate, and centres with an SGD of their own."""

from __future__ import annotations

from collections.abc import Mapping

from torch import nn

from sameperson.methods.method import Group, Phase


def one_phase(method: nn.Module, scales: Mapping[str, float], centers: str = "", center_lr: float = 0.5) -> list[Phase]:
    """One phase that updates all parameters of a method.

    scales: prefix of parameter names -> by how much the scheduled rate is multiplied for them; 1 for all others.
    centers: the prefix of the centres of a center loss, which a plain SGD updates at `center_lr`; "" where there are
    none.
    """
    by_scale: dict[float, list[nn.Parameter]] = {}
    apart: list[nn.Parameter] = []
    for name, value in method.named_parameters():
        if centers and name.startswith(centers):
            apart.append(value)
        else:
            scale = next((scale for prefix, scale in scales.items() if name.startswith(prefix)), 1.0)
            by_scale.setdefault(scale, []).append(value)
    groups = [Group(values, lr_scale=scale) for scale, values in by_scale.items()]
    return [Phase("main", [*groups, *([Group(apart, optimizer="sgd", lr=center_lr)] if apart else [])])]
