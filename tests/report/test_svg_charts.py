"""Charts put their marks where the numbers say, escape what they are given, and need nothing from outside."""

from xml.etree import ElementTree

import pytest

from sameperson.report.svg_charts import (
    LEFT,
    RIGHT,
    WIDTH,
    Axis,
    Interval,
    Line,
    count_axis,
    interval_chart,
    line_chart,
    power_axis,
    share_axis,
    ticks,
)


def points(drawing, number=0):
    lines = ElementTree.fromstring(drawing).findall(".//polyline")
    return [tuple(map(float, pair.split(","))) for pair in lines[number].get("points", "").split()]


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (0, 30, [0, 10, 20, 30]),
        (-1, 1, [-1, -0.5, 0, 0.5, 1]),
        (0, 0.003, [0, 1e-3, 2e-3, 3e-3]),
    ],
)
def test_ticks_are_round_and_inside(low, high, expected):
    assert ticks(low, high, 6) == pytest.approx(expected)


def test_whole_axes_have_no_half_epochs():
    assert count_axis("epoch", 0, 2).marks == [0, 1, 2]
    assert count_axis("epoch", 1, 1).marks == [1, 2]


def test_powers_are_equally_far_apart():
    axis = power_axis([0.02, 4.0])
    assert (axis.low, axis.high) == (0.01, 10)
    assert [axis.along(value) for value in axis.marks] == pytest.approx([0, 1 / 3, 2 / 3, 1])


def test_one_power_of_ten_is_still_an_axis():
    axis = power_axis([1.0])
    assert axis.low < axis.high
    assert 0 <= axis.along(1.0) <= 1


def test_a_line_goes_from_corner_to_corner():
    first, middle, last = points(
        line_chart("t", [Line("a", [0, 5, 10], [0, 0.5, 1])], count_axis("x", 0, 10), share_axis())
    )
    assert (first[0], last[0]) == (LEFT, WIDTH - RIGHT)
    assert first[1] > middle[1] > last[1]
    assert middle == pytest.approx(((first[0] + last[0]) / 2, (first[1] + last[1]) / 2), abs=0.06)


def test_every_line_has_its_own_class_and_name():
    drawing = line_chart("t", [Line("a", [0], [1]), Line("b", [0], [0])], count_axis("x", 0, 1), share_axis())
    groups = ElementTree.fromstring(drawing).findall("g")
    assert [(group.get("class"), group.findtext("title")) for group in groups] == [("line s0", "a"), ("line s1", "b")]


def test_names_are_escaped():
    hostile = '"><script>alert(1)</script>'
    drawing = line_chart(hostile, [Line(hostile, [0], [1])], Axis(hostile, 0, 1, []), share_axis())
    assert "<script" not in drawing
    assert ElementTree.fromstring(drawing).findtext("title") == hostile


def test_an_interval_spans_its_ends_around_its_value():
    chart = interval_chart("t", {"mAP": {"ours": Interval(0.5, 0.4, 0.7), "chance": Interval(0.0, 0.0, 1.0)}})
    ours, chance = ElementTree.fromstring(chart).findall("g")
    bars = [[float(group.find("line").get(end)) for end in ("x1", "x2")] for group in (ours, chance)]
    dots = [float(group.find("circle").get("cx")) for group in (ours, chance)]
    scale = bars[1][1] - bars[1][0]
    shares = [(at - bars[1][0]) / scale for at in (bars[0][0], dots[0], bars[0][1])]
    assert shares == pytest.approx([0.4, 0.5, 0.7], abs=1e-3)
    assert dots[1] == bars[1][0]
