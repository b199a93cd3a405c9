"""The charts of a report: what is drawn of a run, as `curves` draws it."""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from sameperson.report.curves import (
    Axis,
    Interval,
    Line,
    count_axis,
    interval_chart,
    line_chart,
    power_axis,
    share_axis,
)
from sameperson.report.run import METRICS_SHOWN, Accuracy, Judged

CMC_RANKS = 20


@dataclass(frozen=True)
class Chart:
    """A drawing, what it shows, and the names of its lines in the order of their classes."""

    caption: str
    drawing: Markup
    legend: Sequence[str] = ()


def learning(history: Sequence[Mapping[str, Any]]) -> list[Chart]:
    """The losses and the accuracy on held-out people over the epochs; a chart without a line is left out."""
    epochs = [line for line in history if line["event"] == "epoch"]
    validations = [line for line in history if line["event"] == "validation"]
    names = dict.fromkeys(name for line in epochs for name in line["losses"])
    losses = [over_epochs(name, [line for line in epochs if name in line["losses"]], "losses", name) for name in names]
    # Losses differ by powers of ten, and one that has reached zero has no place on such an axis.
    losses = [positive(line) for line in losses]
    accuracy = [over_epochs(METRICS_SHOWN[key], validations, key, "value") for key in ("mAP", "rank1")]
    values = [value for line in losses for value in line.y]
    return [
        *_over_epochs("Losses", losses, power_axis(values) if values else share_axis()),
        *_over_epochs("Accuracy on people held out of training", accuracy, share_axis()),
    ]


def _over_epochs(caption: str, lines: Sequence[Line], y: Axis) -> list[Chart]:
    """One chart, or none where no line has a point."""
    lines = [line for line in lines if line.x]
    if not lines:
        return []
    x = count_axis("epoch", 0, max(max(line.x) for line in lines))
    return [Chart(caption, line_chart(caption, lines, x, y), [line.name for line in lines])]


def over_epochs(name: str, lines: Sequence[Mapping[str, Any]], *path: str) -> Line:
    """The number at `path` of each line, over its epoch; what is not finite cannot be drawn and is left out."""
    values: list[Any] = [functools.reduce(operator.getitem, path, line) for line in lines]
    points = [(line["epoch"], value) for line, value in zip(lines, values, strict=True) if math.isfinite(value)]
    return Line(name, [epoch for epoch, _ in points], [value for _, value in points])


def positive(line: Line) -> Line:
    """The points above zero."""
    points = [(x, y) for x, y in zip(line.x, line.y, strict=True) if y > 0]
    return Line(line.name, [x for x, _ in points], [y for _, y in points])


def cmc(judged: Mapping[str, Judged]) -> Chart | None:
    """The share of queries answered right within the first k answers."""
    lines = [
        Line(name, range(1, len(shares) + 1), shares)
        for name, one in judged.items()
        if len(shares := one.cmc[:CMC_RANKS]) > 1
    ]
    if not lines:
        return None
    longest = max(len(line.x) for line in lines)
    title = "Right person among the first k answers"
    x = Axis("k", 1, longest, [1, *(k for k in range(5, longest + 1, 5))])
    drawing = line_chart(title, lines, x, share_axis())
    return Chart(title, drawing, [line.name for line in lines])


def intervals(judged: Mapping[str, Judged]) -> Chart | None:
    """The figures with their intervals on one scale."""
    if not judged:
        return None
    groups = {
        METRICS_SHOWN[metric]: {name: _interval(getattr(one, metric)) for name, one in judged.items()}
        for metric in ("rank1", "mAP", "mINP")
    }
    title = "Values and 95 % intervals"
    return Chart(title, interval_chart(title, groups))


def _interval(share: Accuracy) -> Interval:
    return Interval(share.value, share.low, share.high)
