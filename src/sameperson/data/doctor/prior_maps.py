"""Checks of parsing maps and masks: their form, their shape, their labels, and whether they are empty or full.

A sample of the maps of each split is opened.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sameperson.checks import existing_file
from sameperson.data.doctor.all_splits import AllSplits
from sameperson.data.doctor.finding import Finding, counted, finding, listed
from sameperson.data.doctor.image_stats import ImageStats
from sameperson.priors.label_sets import IGNORED, LABEL_SETS, LabelSet
from sameperson.priors.maps import DAMAGED, FORMATS, Files, read_map
from sameperson.types import Rows

LOOKED_AT = 500
"""Maps of a split that are opened."""
STRETCH = 0.05
"""Relative difference that is allowed between height over width of a map and of its picture."""
COARSE = 8
"""Pixels of the picture's height to one of the map's, above which the map shows no parts of a body."""
MOST = 0.5
"""Share of the maps above which a fault is of how they were written, and not of one map."""
MODES = {"I": "16-bit or 32-bit pictures", "F": "pictures of fractions", "L": "grey pictures with transparency"}
"""First letter of Pillow's mode -> what the maps are, where they are no labels; any other is of colours."""


@dataclass
class _Looked:
    """What a sample of maps shows: fault -> the files that have it."""

    opened: int = 0
    broken: list[str] = field(default_factory=list)
    modes: dict[str, list[str]] = field(default_factory=dict)
    stretched: list[str] = field(default_factory=list)
    coarse: list[str] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)
    full: list[str] = field(default_factory=list)
    labels: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(256, bool))
    first: dict[int, str] = field(default_factory=dict)


def map_findings(
    splits: AllSplits, rows: Rows, stats: ImageStats | None, files: Files, prior: str, labels: LabelSet | None
) -> Iterator[Finding]:
    """Report maps that cannot be read as what they should be, and maps that say nothing.

    rows: of the split, in the order of `files`. stats: of the pictures, if they were opened. labels: the set that maps
    are of, None for masks; of `irrelevant` masks any channel's grey levels are read.
    """
    looked = _look(splits, rows, stats, files, prior)
    if looked.broken:
        says = f"{counted(len(looked.broken), f'{prior} map')} cannot be read"
        yield finding(f"broken-{prior}", "error", says, looked.broken, then="make them anew")
    for mode, where in looked.modes.items():
        form = MODES.get(mode[0], "colour pictures") if mode not in ("LAB", "La") else "colour pictures"
        what = "one-channel masks" if labels is None else "one-channel labels"
        says = f"{counted(len(where), f'{prior} map')} of {looked.opened} looked at are {mode} {form}, not {what}"
        yield finding(f"colours-{prior}", "error", says, where, then=_mend_form(mode, labels))
    if looked.stretched:
        says = f"{counted(len(looked.stretched), f'{prior} map')} of another shape than the picture"
        then = "make them on the crops as they are"
        yield finding(f"stretched-{prior}", "warning", says, looked.stretched, then=then)
    if looked.coarse:
        says = f"{counted(len(looked.coarse), f'{prior} map')} less than 1/{COARSE} of the picture's height"
        then = "make them at the picture's size, or a quarter of it"
        yield finding(f"coarse-{prior}", "warning", says, looked.coarse, then=then)
    told = list(_label_findings(looked, prior, labels)) if labels is not None else []
    yield from told
    if told:
        return
    nothing = {"empty": "nothing but background", "full": "no background at all"}
    for kind, where in (("empty", looked.empty), ("full", looked.full)):
        if where:
            says = f"{counted(len(where), f'{prior} map')} of {looked.opened} looked at: {nothing[kind]}"
            grave = len(where) > MOST * looked.opened
            then = "look at their pictures; make them anew if somebody is there"
            yield finding(f"{kind}-{prior}", "warning" if grave else "note", says, where, then=then)


def _look(splits: AllSplits, rows: Rows, stats: ImageStats | None, files: Files, prior: str) -> _Looked:
    looked = _Looked()
    readable = np.ones(len(rows), bool) if stats is None else stats.readable[splits.picture[rows]]
    there = np.flatnonzero(files.valid & readable)
    levels = prior == "irrelevant"
    for place in there[:: -(-len(there) // LOOKED_AT) or 1].tolist():
        file = files[place]
        if file is None:
            continue
        looked.opened += 1
        try:
            with Image.open(existing_file(file), formats=FORMATS) as image:
                (width, height), mode = image.size, image.mode
            if stats is not None:
                picture = splits.picture[rows[place]]
                _compare_shapes(looked, file, (height, width), (int(stats.height[picture]), int(stats.width[picture])))
            if mode not in ("L", "P", "1") and (not levels or mode[0] in "IF"):
                looked.modes.setdefault(mode, []).append(str(file))
                continue
            values = read_map(file, first_channel=levels)
        except DAMAGED:
            looked.broken.append(str(file))
            continue
        here = np.bincount(values.ravel(), minlength=256) > 0
        for label in np.flatnonzero(here & ~looked.labels).tolist():
            looked.first[label] = str(file)
        looked.labels |= here
        if not here[1:].any():
            looked.empty.append(str(file))
        elif not here[0] and not (levels and np.count_nonzero(here) > 1):
            looked.full.append(str(file))
    return looked


def _compare_shapes(looked: _Looked, file: Path, size: tuple[int, int], picture: tuple[int, int]) -> None:
    (height, width), (tall, wide) = size, picture
    if abs(height / width / (tall / wide) - 1) > STRETCH:
        looked.stretched.append(f"{file} ({width} x {height} for {wide} x {tall})")
    elif COARSE * height < tall:
        looked.coarse.append(f"{file} ({width} x {height} for {wide} x {tall})")


def _mend_form(mode: str, labels: LabelSet | None) -> str:
    if mode[0] in "IF":
        return "write them as 8-bit PNGs of one channel"
    if labels is None:
        return "write one channel, 0 on the background"
    return "write the labels themselves, not their colours: an 8-bit PNG of one channel, or one with a palette"


def _label_findings(looked: _Looked, prior: str, labels: LabelSet) -> Iterator[Finding]:
    """Report labels that are multiplied, of a mask, or of another set than `labels`."""
    values = np.flatnonzero(looked.labels)
    unknown = [int(value) for value in values if not labels.known[value]]
    some = listed(values.tolist(), 6)
    if not unknown:
        if values.tolist() == [0, IGNORED]:
            says = f"{prior} maps hold only 0 and 255: masks of a person, not the labels of {labels.name}"
            then = "put them into masks/, or write the labels"
            yield finding(f"multiplied-{prior}", "error", says, [looked.first[IGNORED]], then=then)
        return
    where = [looked.first[value] for value in unknown]
    count = len(labels.labels)
    step = multiplied(values, count)
    if step is not None:
        says = f"{prior} maps hold labels multiplied by {step:g} (values {some}), not 0 to {count - 1} of {labels.name}"
        then = f"divide them by {step:g} and round: values must be the labels themselves"
        yield finding(f"multiplied-{prior}", "error", says, dict.fromkeys(where), then=then)
        return
    fitting = [name for name, known in LABEL_SETS.items() if all(known.known[value] for value in values)]
    says = f"{prior} maps hold labels that {labels.name} does not have: {listed(unknown, 6)} (of 0 to {count - 1})"
    then = "write them in one of the sets of docs/priors.md"
    if fitting:
        then = f"say which set they are of: data.parsing.labels={fitting[0]}"
    yield finding(f"labels-{prior}", "error", says, dict.fromkeys(where), then=then)


def multiplied(values: NDArray[np.int64], count: int) -> float | None:
    """Find the step by which labels 0 to `count` - 1 were multiplied, to be seen; None where they were not.

    values: the different values of maps, of which at least two must be above 0.

    >>> multiplied(np.array([0, 12, 25, 38, 63]), 21)
    12.75
    >>> multiplied(np.array([0, 10, 50, 90]), 20)
    10.0
    """
    shown = values[values > 0]
    if len(shown) < 2:
        return None
    common = int(np.gcd.reduce(shown))
    if common > 1 and shown.max() // common < count:
        return float(common)
    for most in (count, count - 1, count - 2):
        step = 255 / most
        for whole in (np.floor, np.rint):
            if np.isin(shown, whole(step * np.arange(count + 1)).astype(np.int64)).all():
                return step
    return None
