"""The charts of a report: what is drawn of a run, as `curves` draws it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from sameperson.report.failure_values import Failures
from sameperson.report.run import METRICS_SHOWN
from sameperson.report.svg_charts import (
    STYLES,
    Axis,
    Interval,
    Line,
    count_axis,
    difference_chart,
    interval_chart,
    line_chart,
    power_axis,
    share_axis,
)
from sameperson.report.values import Accuracy, Judged

CMC_RANKS = 20
WHOLE = {"parsing/mask": "Foreground with bags"}


@dataclass(frozen=True)
class Chart:
    """A drawing, what it shows, and the names of its lines in the order of their classes."""

    caption: str
    drawing: Markup
    legend: Sequence[str] = ()


def learning(history: Sequence[Mapping[str, Any]]) -> list[Chart]:
    """Losses, accuracy on held-out people and the IoU of found parts over the epochs; a chart without a line is out."""
    keys = dict.fromkeys(key for line in history for key in line if key.startswith("loss/"))
    if summed := len(keys) > STYLES:
        history = [by_kind(line) for line in history]
        keys = dict.fromkeys(key for line in history for key in line if key.startswith("loss/"))
    # Losses differ by powers of ten, and one that has reached zero has no place on such an axis.
    losses = [over_epochs(history, key, key.removeprefix("loss/"), above=0.0) for key in keys]
    accuracy = [over_epochs(history, f"val/{key}", METRICS_SHOWN[key]) for key in ("mAP", "rank1")]
    values = [value for line in losses for value in line.y]
    tasks = dict.fromkeys(key for line in history for key in line if key.startswith("parsing/"))
    parts = [over_epochs(history, key, WHOLE.get(key) or key.removeprefix("parsing/").capitalize()) for key in tasks]
    last = max((line["epoch"] for line in history), default=0)
    return [
        *_chart("Losses, each kind summed" if summed else "Losses", losses, last,
                power_axis(values) if values else share_axis()),
        *_chart("Accuracy on people held out of training", accuracy, last, share_axis()),
        *_chart("Parsing of pictures held out of training", parsing_lines(history), last, share_axis()),
        *_chart("Parts found, against true ones (IoU)", parts, last, share_axis()),
    ]  # fmt: skip


def parsing_lines(history: Sequence[Mapping[str, Any]]) -> list[Line]:
    """The mean IoU and the pixel accuracy of a parser, and the IoU of each label where there are few."""
    labels = dict.fromkeys(key for line in history for key in line if key.startswith("val/IoU/"))
    few = labels if len(labels) + 2 <= STYLES else ()
    names = {"val/mIoU": "Mean IoU", "val/pixel_accuracy": "Pixel accuracy"}
    names |= {key: key.removeprefix("val/IoU/") for key in few}
    return [over_epochs(history, key, name) for key, name in names.items()]


def by_kind(line: Mapping[str, Any]) -> dict[str, Any]:
    """A line of metrics with the losses of all branches of a network added up.

    >>> by_kind({"epoch": 1, "loss": 6.0, "loss/triplet_part": 1.0, "loss/triplet_fore": 2.0, "loss/pixel": 3.0})
    {'epoch': 1, 'loss': 6.0, 'loss/triplet': 3.0, 'loss/pixel': 3.0}
    """
    found: dict[str, Any] = {}
    for key, value in line.items():
        kind = key.partition("_")[0] if key.startswith("loss/") else key
        found[kind] = found[kind] + value if kind in found else value
    return found


def over_epochs(history: Sequence[Mapping[str, Any]], key: str, name: str, above: float = -math.inf) -> Line:
    """The finite values of `key` above a bound, over their epochs; what a resumed run wrote again counts once."""
    found = [(line["epoch"], line[key]) for line in history if line.get(key) is not None]  # null: nothing to measure
    points = {epoch: value for epoch, value in found if above < value < math.inf}
    return Line(name, [*points], [*points.values()])


def _chart(caption: str, lines: Sequence[Line], last: int, y: Axis) -> list[Chart]:
    """One chart up to the last epoch, or none where no line has a point."""
    lines = [line for line in lines if line.x]
    if not lines:
        return []
    x = count_axis("epoch", 0, last)
    return [Chart(caption, line_chart(caption, lines, x, y), [line.name for line in lines])]


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


def slice_differences(failures: Failures) -> Chart | None:
    """How far each slice is below or above the rest in mAP, the one that costs most first."""
    told = sorted((one for one in failures.slices if one.place), key=lambda one: one.place)
    rows = {one.title: _interval(one.difference_mAP) for one in told if one.difference_mAP is not None}
    if not rows:
        return None
    title = "mAP less that of the other searches, in points of per cent"
    return Chart(title, difference_chart(title, rows, {one.title for one in told if one.sure}))


def _interval(share: Accuracy) -> Interval:
    return Interval(share.value, share.low, share.high)
