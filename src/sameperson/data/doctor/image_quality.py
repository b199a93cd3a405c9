"""Pictures that cannot be read, or hardly show a person: broken, tiny, grey, blank, whole frames."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sameperson.data.doctor.all_splits import Whole
from sameperson.data.doctor.finding import ROWS, Finding, Shown, finding, some
from sameperson.data.doctor.image_stats import Looks
from sameperson.data.doctor.statistics import Spread, spread

TINY = 32
"""Pixels of height below which nothing of a person can be told."""
NARROW, WIDE = 6.0, 1.2
"""Height over width of a crop: above, it is a strip; width over height: above, it is no standing person."""
BLANK = 3.0
"""Contrast of a picture that shows nothing."""
COLOURLESS = 3.0
"""Difference between channels below which a picture is grey: JPEG makes none of its own, while someone in grey before a
grey wall, 32 pixels wide, still has 6."""
MOST = 0.5
"""The share from which a finding is about the dataset, not about some pictures."""
A_ROW = 8


@dataclass(frozen=True)
class Sizes:
    """The readable pictures: how many, their heights and widths in pixels, and how many sizes there are."""

    pictures: int
    height: Spread
    width: Spread
    different: int


def sizes(looks: Looks) -> Sizes | None:
    """The sizes of what can be read; None where nothing can."""
    height, width = looks.height[looks.readable].astype(np.int64), looks.width[looks.readable].astype(np.int64)
    tall, wide = spread(height), spread(width)
    if tall is None or wide is None:
        return None
    return Sizes(len(height), tall, wide, len(np.unique(height * 2**31 + width)))


def pixels(whole: Whole, looks: Looks) -> Iterator[Finding]:
    """Findings about single pictures."""
    readable, count = looks.readable, len(looks.height)
    if looks.broken:
        rows = [(int(whole.first[place]), reason) for place, reason in sorted(looks.broken.items())]
        where = [f"{whole.path[row]} ({reason})" for row, reason in rows]
        says = f"{some(len(rows), 'picture')} of {count} cannot be read"
        yield finding("broken", "error", says, where, then="fetch them anew, or go on without them (--skip-broken)")
    height, width = np.maximum(looks.height, 1), np.maximum(looks.width, 1)
    blank = readable & (looks.contrast < BLANK)
    yield from _about(whole, blank, "blank", "show nothing but one colour", "remove them")
    tiny = readable & (looks.height < TINY)
    yield from _about(
        whole, tiny, "tiny", f"are less than {TINY} pixels high", "remove them, or crop from a larger film"
    )
    flat = readable & (width > WIDE * height)
    if flat.sum() > MOST * count:
        share = f"{int(flat.sum())} of {some(count, 'picture')}"
        says = f"{share} are wider than high: whole frames rather than crops of one person"
        yield _many(whole, flat, "frames", says, "cut each person out first (sameperson reads one person a picture)")
    else:
        yield from _about(whole, flat, "wide", "are wider than high", "check that each shows one person, upright")
    strip = readable & (height > NARROW * width)
    yield from _about(whole, strip, "strips", f"are over {NARROW:g} times as high as wide", "check how they were cut")
    grey = readable & ~blank & (looks.colour < COLOURLESS)
    if grey.sum() > MOST * count:
        says = f"{int(grey.sum())} of {some(count, 'picture')} are grey: infrared, or saved without colour"
        yield _many(whole, grey, "grey", says, "expect little of networks that learned from colours", "note")
    else:
        yield from _about(
            whole, grey, "grey", "are grey among coloured ones", "check the camera; remove what is infrared"
        )
    if looks.misnamed.any():
        where = [str(whole.path[row]) for row in whole.first[looks.misnamed]]
        says = f"{some(len(where), 'file is', 'files are')} of another form than the name's ending says"
        yield finding("misnamed", "note", says, where, then="read all the same here; other tools may refuse them")


def _about(whole: Whole, which: NDArray[np.bool_], kind: str, what: str, then: str) -> Iterator[Finding]:
    if which.any():
        pictures = some(int(which.sum()), "picture")
        says = (
            f"{pictures} {what}"
            if which.sum() > 1
            else f"{pictures} {what.replace('are ', 'is ', 1).replace('show ', 'shows ', 1)}"
        )
        yield _many(whole, which, kind, says, then)


def _many(
    whole: Whole, which: NDArray[np.bool_], kind: str, says: str, then: str, severity: str = "warning"
) -> Finding:
    rows = whole.first[which]
    shows: list[list[Shown]] = [
        [whole.shown(int(row)) for row in rows[start : start + A_ROW]]
        for start in range(0, min(len(rows), A_ROW * ROWS), A_ROW)
    ][:3]
    where = [str(path) for path in whole.path[rows]]
    return finding(kind, "note" if severity == "note" else "warning", says, where, then=then, shows=shows)
