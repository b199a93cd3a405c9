"""Checks of image quality: pictures that are broken, tiny, grey, blank, or whole frames instead of crops."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sameperson.data.doctor.all_splits import AllSplits
from sameperson.data.doctor.finding import ROWS, Finding, Shown, counted, finding
from sameperson.data.doctor.image_stats import ImageStats
from sameperson.data.doctor.statistics import Spread, spread

TINY = 32
"""Pixels of height below which nothing of a person can be told."""
NARROW, WIDE = 6.0, 1.2
"""A crop of more than NARROW times its width in height is a strip; one of more than WIDE times its height in width
shows no standing person."""
BLANK = 3.0
"""Contrast below which a picture shows nothing."""
COLOURLESS = 3.0
"""Difference between channels below which a picture is grey: JPEG makes none of its own, while someone in grey before a
grey wall, 32 pixels wide, still has 6."""
MOST = 0.5
"""Share of all pictures above which a finding is about the dataset and not about some of its pictures."""
A_ROW = 8


@dataclass(frozen=True)
class Sizes:
    """The readable pictures: how many, their heights and widths in pixels, and how many sizes there are."""

    pictures: int
    height: Spread
    width: Spread
    different: int


def sizes(stats: ImageStats) -> Sizes | None:
    """Summarise the sizes of the readable pictures; None where no picture is readable."""
    height, width = stats.height[stats.readable].astype(np.int64), stats.width[stats.readable].astype(np.int64)
    tall, wide = spread(height), spread(width)
    if tall is None or wide is None:
        return None
    return Sizes(len(height), tall, wide, len(np.unique(height * 2**31 + width)))


def image_quality(splits: AllSplits, stats: ImageStats) -> Iterator[Finding]:
    """Report pictures that are broken, blank, tiny, grey, oddly shaped, or misnamed."""
    readable, count = stats.readable, len(stats.height)
    if stats.broken:
        rows = [(int(splits.first[place]), reason) for place, reason in sorted(stats.broken.items())]
        where = [f"{splits.path[row]} ({reason})" for row, reason in rows]
        says = f"{counted(len(rows), 'picture')} of {count} cannot be read"
        yield finding("broken", "error", says, where, then="fetch them anew, or go on without them (--skip-broken)")
    height, width = np.maximum(stats.height, 1), np.maximum(stats.width, 1)
    blank = readable & (stats.contrast < BLANK)
    yield from _finding_if_any(splits, blank, "blank", "show nothing but one colour", "remove them")
    tiny = readable & (stats.height < TINY)
    yield from _finding_if_any(
        splits, tiny, "tiny", f"are less than {TINY} pixels high", "remove them, or crop from a larger film"
    )
    flat = readable & (width > WIDE * height)
    if flat.sum() > MOST * count:
        share = f"{int(flat.sum())} of {counted(count, 'picture')}"
        says = f"{share} are wider than high: whole frames rather than crops of one person"
        yield _finding_with_pictures(
            splits, flat, "frames", says, "cut each person out first (sameperson reads one person a picture)"
        )
    else:
        yield from _finding_if_any(
            splits, flat, "wide", "are wider than high", "check that each shows one person, upright"
        )
    strip = readable & (height > NARROW * width)
    yield from _finding_if_any(
        splits, strip, "strips", f"are over {NARROW:g} times as high as wide", "check how they were cut"
    )
    grey = readable & ~blank & (stats.colour < COLOURLESS)
    if grey.sum() > MOST * count:
        says = f"{int(grey.sum())} of {counted(count, 'picture')} are grey: infrared, or saved without colour"
        yield _finding_with_pictures(
            splits, grey, "grey", says, "expect little of networks that learned from colours", "note"
        )
    else:
        yield from _finding_if_any(
            splits, grey, "grey", "are grey among coloured ones", "check the camera; remove what is infrared"
        )
    if stats.misnamed.any():
        where = [str(splits.path[row]) for row in splits.first[stats.misnamed]]
        says = f"{counted(len(where), 'file is', 'files are')} of another form than the name's ending says"
        yield finding("misnamed", "note", says, where, then="read all the same here; other tools may refuse them")


def _finding_if_any(splits: AllSplits, which: NDArray[np.bool_], kind: str, what: str, then: str) -> Iterator[Finding]:
    if which.any():
        pictures = counted(int(which.sum()), "picture")
        says = (
            f"{pictures} {what}"
            if which.sum() > 1
            else f"{pictures} {what.replace('are ', 'is ', 1).replace('show ', 'shows ', 1)}"
        )
        yield _finding_with_pictures(splits, which, kind, says, then)


def _finding_with_pictures(
    splits: AllSplits, which: NDArray[np.bool_], kind: str, says: str, then: str, severity: str = "warning"
) -> Finding:
    rows = splits.first[which]
    shows: list[list[Shown]] = [
        [splits.shown(int(row)) for row in rows[start : start + A_ROW]]
        for start in range(0, min(len(rows), A_ROW * ROWS), A_ROW)
    ][:3]
    where = [str(path) for path in splits.path[rows]]
    return finding(kind, "note" if severity == "note" else "warning", says, where, then=then, shows=shows)
