"""Charts as inline SVG: lines over epochs or ranks, and values with their intervals.

Colours and dashes come from the page's style sheet by class (`s0`, `s1`, ...), so a chart follows the light and the
dark scheme; a line is told from its neighbours by its dashes as well as by its colour.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

from markupsafe import Markup

STYLES = 6
"""Colours and dashes that the page has for lines; a seventh line would look like the first."""
WIDTH = 420
LEFT, RIGHT, TOP = 52, 12, 10
"""Room for the numbers of the y axis, for the last number of the x axis, and for half a line of text."""


@dataclass(frozen=True)
class Line:
    """One line of a chart. x, y: (n,) finite numbers in the order they are drawn."""

    name: str
    x: Sequence[float]
    y: Sequence[float]


@dataclass(frozen=True)
class Interval:
    """A share in [0, 1] and its 95 % interval, as an accuracy is written in `result.json`."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Axis:
    """One axis: what it counts, where it starts and ends, and the numbers written along it.

    `percent` writes 0.5 as `50 %`; `powers` makes equal steps of equal factors, for values far apart.
    """

    label: str
    low: float
    high: float
    marks: Sequence[float]
    percent: bool = False
    powers: bool = False

    def along(self, value: float) -> float:
        """Where a value lies, 0 at the start of the axis and 1 at its end."""
        low, high, value = (math.log(v) if self.powers else v for v in (self.low, self.high, value))
        return (value - low) / (high - low)

    def text(self, value: float) -> str:
        """A mark as it is written."""
        return f"{100 * value:.3g} %" if self.percent else f"{value:.6g}"


def count_axis(label: str, low: float, high: float) -> Axis:
    """An axis of whole numbers."""
    high = max(high, low + 1)
    return Axis(label, low, high, ticks(low, high, 6, whole=True))


def share_axis(label: str = "") -> Axis:
    """An axis from 0 to 100 %."""
    return Axis(label, 0.0, 1.0, ticks(0, 1, 6), percent=True)


def power_axis(values: Sequence[float], label: str = "") -> Axis:
    """An axis of powers of ten that holds all values, which must be positive."""
    first, last = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)) - 1e-9)
    last = max(last, first + 1)
    return Axis(label, 10.0**first, 10.0**last, [10.0**power for power in range(first, last + 1)], powers=True)


def ticks(low: float, high: float, most: int, *, whole: bool = False) -> list[float]:
    """At most `most` round numbers (1, 2 or 5 times a power of ten apart) from `low` to `high`.

    >>> ticks(0, 1, 6)
    [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    >>> ticks(1, 20, 6, whole=True)
    [5.0, 10.0, 15.0, 20.0]
    """
    rough = (high - low) / max(most - 1, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * (1 - 1e-9))
    step = max(step, 1.0) if whole else step
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(index * step, 12) for index in range(first, last + 1)]


def line_chart(title: str, lines: Sequence[Line], x: Axis, y: Axis) -> Markup:
    """An SVG of `lines`, which all must lie within the axes; short lines show their points."""
    height, bottom = 250, 40
    canvas = _canvas(title, height)

    def at(px: float, py: float) -> tuple[float, float]:
        return LEFT + x.along(px) * (WIDTH - LEFT - RIGHT), height - bottom - y.along(py) * (height - bottom - TOP)

    for tick in y.marks:
        _, row = at(x.low, tick)
        _rule(canvas, (LEFT, row), (WIDTH - RIGHT, row), "grid")
        _text(canvas, (LEFT - 8, row + 4), y.text(tick), "end")
    for tick in x.marks:
        column, _ = at(tick, y.low)
        _rule(canvas, (column, height - bottom), (column, height - bottom + 4), "axis")
        _text(canvas, (column, height - bottom + 17), x.text(tick), "middle")
    _rule(canvas, (LEFT, height - bottom), (WIDTH - RIGHT, height - bottom), "axis")
    _text(canvas, ((LEFT + WIDTH - RIGHT) / 2, height - 5), x.label, "middle")
    for number, line in enumerate(lines):
        points = [at(px, py) for px, py in zip(line.x, line.y, strict=True)]
        group = ElementTree.SubElement(canvas, "g", {"class": f"line s{number % STYLES}"})
        ElementTree.SubElement(group, "title").text = line.name
        path = " ".join(f"{px:.1f},{py:.1f}" for px, py in points)
        ElementTree.SubElement(group, "polyline", {"points": path})
        if len(points) <= 30:
            for px, py in points:
                ElementTree.SubElement(group, "circle", {"cx": f"{px:.1f}", "cy": f"{py:.1f}", "r": "2.4"})
    return _markup(canvas)


def interval_chart(title: str, groups: Mapping[str, Mapping[str, Interval]]) -> Markup:
    """An SVG of values with their intervals on one scale from 0 to 100 %: a group per metric, a row per system."""
    row, head, left, bottom = 20, 26, 112, 24
    height = sum(head + row * len(rows) for rows in groups.values()) + bottom
    canvas = _canvas(title, height)

    def column(share: float) -> float:
        return left + share * (WIDTH - RIGHT - 8 - left)

    for tick in ticks(0, 1, 5):
        _rule(canvas, (column(tick), 8), (column(tick), height - bottom), "grid")
        _text(canvas, (column(tick), height - 7), f"{100 * tick:.0f} %", "middle")
    y = 0.0
    for metric, rows in groups.items():
        _text(canvas, (0, y + 17), metric, "start", "strong")
        y += head
        for number, (system, share) in enumerate(rows.items()):
            middle = y + row / 2 - 3
            _text(canvas, (left - 10, middle + 4), system, "end")
            group = ElementTree.SubElement(canvas, "g", {"class": f"interval s{number % STYLES}"})
            ElementTree.SubElement(group, "title").text = f"{system}, {metric}: {shares(share)}"
            _rule(group, (column(share.low), middle), (column(share.high), middle), "range")
            where = {"cx": f"{column(share.value):.1f}", "cy": f"{middle:.1f}", "r": "4.5"}
            ElementTree.SubElement(group, "circle", where)
            y += row
    return _markup(canvas)


def difference_chart(title: str, rows: Mapping[str, Interval], sure: Collection[str]) -> Markup:
    """An SVG of differences with their intervals around a line at 0: a row each, pale where its name is not `sure`."""
    row, left, bottom = 22, 132, 24
    height = row * len(rows) + bottom + 8
    canvas = _canvas(title, height)
    low = min(0.0, *(one.low for one in rows.values()))
    high = max(0.0, *(one.high for one in rows.values()))
    room = max(high - low, 0.02) * 0.04
    low, high = low - room, high + room

    def column(value: float) -> float:
        return left + (value - low) / (high - low) * (WIDTH - RIGHT - 8 - left)

    for tick in ticks(low, high, 5):
        _rule(canvas, (column(tick), 4), (column(tick), height - bottom), "grid" if tick else "axis")
        _text(canvas, (column(tick), height - 7), f"{100 * tick:+.3g}" if tick else "0", "middle")
    for number, (name, one) in enumerate(rows.items()):
        middle = 8 + row * number + row / 2 - 3
        _text(canvas, (left - 10, middle + 4), name, "end")
        group = ElementTree.SubElement(canvas, "g", {"class": f"interval {'s0' if name in sure else 's2'}"})
        ElementTree.SubElement(group, "title").text = f"{name}: {points(one)}"
        _rule(group, (column(one.low), middle), (column(one.high), middle), "range")
        where = {"cx": f"{column(one.value):.1f}", "cy": f"{middle:.1f}", "r": "4.5"}
        ElementTree.SubElement(group, "circle", where)
    return _markup(canvas)


def points(difference: Interval) -> str:
    """A difference of shares with its interval, in points of per cent.

    >>> points(Interval(-0.1234, -0.2, 0.01))
    '-12.3 points (-20.0 to +1.0)'
    """
    return f"{100 * difference.value:+.1f} points ({100 * difference.low:+.1f} to {100 * difference.high:+.1f})"


def shares(share: Interval) -> str:
    """A value with its interval, in words.

    >>> shares(Interval(0.873, 0.851, 0.892))
    '87.3 % (85.1 to 89.2)'
    """
    return f"{100 * share.value:.1f} % ({100 * share.low:.1f} to {100 * share.high:.1f})"


def _canvas(title: str, height: float) -> ElementTree.Element:
    size = {"viewBox": f"0 0 {WIDTH} {height:.0f}", "role": "img", "class": "chart"}
    canvas = ElementTree.Element("svg", size)
    ElementTree.SubElement(canvas, "title").text = title
    return canvas


def _rule(parent: ElementTree.Element, start: tuple[float, float], end: tuple[float, float], kind: str) -> None:
    ends = {"x1": start[0], "y1": start[1], "x2": end[0], "y2": end[1]}
    ElementTree.SubElement(parent, "line", {name: f"{at:.1f}" for name, at in ends.items()} | {"class": kind})


def _text(
    parent: ElementTree.Element, place: tuple[float, float], words: str, anchor: str, kind: str = "label"
) -> None:
    where = {"x": f"{place[0]:.1f}", "y": f"{place[1]:.1f}", "text-anchor": anchor, "class": kind}
    ElementTree.SubElement(parent, "text", where).text = words


def _markup(canvas: ElementTree.Element) -> Markup:
    # ElementTree escapes every text and attribute, so the result may enter the page as it is.
    return Markup(ElementTree.tostring(canvas, encoding="unicode"))
