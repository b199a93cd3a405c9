"""All checks of a dataset, one after another, and the few things to type next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sameperson.data.doctor.all_splits import Whole
from sameperson.data.doctor.cameras import camera_labels, camera_shift, rare_cameras
from sameperson.data.doctor.duplicates import twins
from sameperson.data.doctor.filenames import filenames
from sameperson.data.doctor.finding import Finding, worst_first
from sameperson.data.doctor.identities import labels_alike, odd_numbers, one_outfit, shared_people, too_few
from sameperson.data.doctor.image_quality import Sizes, pixels, sizes
from sameperson.data.doctor.image_stats import Looks, look_at
from sameperson.data.doctor.label_noise import label_noise
from sameperson.data.doctor.layouts import Opened, complete, readable
from sameperson.data.doctor.priors import Coverage, priors_of
from sameperson.data.doctor.statistics import Meetings, SplitTable, meetings, table_of
from sameperson.data.doctor.unmatchable import Rule, matching
from sameperson.data.readers import LAYOUTS
from sameperson.types import Rows

OWN_CAMERAS = ("celeb-reid", "celeb-reid-light", "dancereid", "open-reid")
"""Layouts that give each picture a camera of its own, as their protocols want it."""
MOST_COMMANDS = 3


@dataclass(frozen=True)
class Diagnosis:
    """What the doctor says of a dataset.

    opened: the layout and the dataset. protocol: by which matching was judged. findings: the worst first.
    tables: the splits in numbers; cameras: whom they have in common. sizes: None where no picture was looked at.
    priors: how many pictures have each. commands: what to type next, the most pressing first.
    """

    opened: Opened
    protocol: str
    findings: tuple[Finding, ...]
    tables: tuple[SplitTable, ...] = ()
    cameras: Meetings | None = None
    sizes: Sizes | None = None
    priors: tuple[Coverage, ...] = ()
    commands: tuple[str, ...] = ()

    def of(self, severity: str) -> list[Finding]:
        """The findings of one severity."""
        return [one for one in self.findings if one.severity == severity]


@dataclass(frozen=True)
class Embedded:
    """Features (M, D) float32 of rows (M,) of a `Whole`."""

    features: NDArray[np.float32]
    rows: Rows


def examine(
    opened: Opened,
    rule: Rule,
    *,
    look: bool = True,
    priors: bool = True,
    embedded: Callable[[Whole, Looks | None], Embedded] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Diagnosis:
    """Examine what `layouts.open_tree` opened.

    rule: the protocol by which queries are matched. look: read and decode the pictures. priors: open what lies beside.
    embedded: makes features of the readable pictures, to look for wrong labels. progress: called with files done, in
    all.
    """
    at = quoted(opened)
    if opened.dataset is None:
        found = worst_first(readable(opened, at))
        return Diagnosis(opened, rule.name, tuple(found), commands=commands_of(found, opened, rule))
    dataset = opened.dataset
    whole = Whole.of(dataset)
    found = [*complete(opened), *labels(opened, whole, rule, at)]
    looks = look_at(whole, progress) if look else None
    if looks is not None:
        found += [*twins(whole, looks, rule), *pixels(whole, looks)]
    coverage: list[Coverage] = []
    if priors:
        coverage, told = priors_of(whole, looks, opened.layout.priors)
        found += told
    if embedded is not None:
        made = embedded(whole, looks)
        found += label_noise(whole, made.features, made.rows)
    found = worst_first(found)
    return Diagnosis(
        opened,
        rule.name,
        tuple(found),
        tuple(table_of(name, samples) for name, samples in dataset.splits().items()),
        meetings(whole),
        None if looks is None else sizes(looks),
        tuple(coverage),
        commands_of(found, opened, rule),
    )


def labels(opened: Opened, whole: Whole, rule: Rule, at: str) -> Iterator[Finding]:
    """All that names and labels alone say, without a picture being opened."""
    if opened.dataset is None:
        return
    yield from matching(opened.dataset.query, opened.dataset.gallery, rule, at)
    yield from shared_people(whole, at)
    yield from odd_numbers(whole)
    yield from labels_alike(whole)
    yield from camera_labels(whole, at, on_purpose=opened.layout.name in OWN_CAMERAS)
    yield from camera_shift(whole)
    yield from rare_cameras(whole)
    yield from too_few(whole)
    yield from one_outfit(whole, rule.clothes != "any")
    yield from filenames(whole)


def quoted(opened: Opened) -> str:
    """The path and its reader as one types them."""
    path = str(opened.path)
    return f"'{path}'" if set(path) & set(" '\"&()[]*?$;<>|`!") else path


def commands_of(found: list[Finding], opened: Opened, rule: Rule) -> tuple[str, ...]:
    """One to three commands: what the findings ask for, the worst first; without any trouble, what datasets are for."""
    wanted = dict.fromkeys(one.command for one in found if one.command)
    askable = opened.dataset is not None and len(opened.dataset.query) > 0
    settled = not any(one.severity == "error" for one in found)
    if askable and settled and not any(one.startswith("sameperson evaluate") for one in wanted):
        wanted.setdefault(f"sameperson evaluate {quoted(opened)}{_reader(opened)} --protocol {rule.name}")
    if opened.dataset is not None and not settled:
        wanted.setdefault(f"sameperson doctor {quoted(opened)}{_reader(opened)} --fix-split split.csv")
    if not wanted:
        wanted.setdefault(f"sameperson doctor {quoted(opened)} --html doctor.html")
    return tuple(wanted)[:MOST_COMMANDS]


def _reader(opened: Opened) -> str:
    """The words that name the reader, where the path alone would be taken for something else."""
    order = list(LAYOUTS)
    name = opened.layout.name
    # A split by its number (`regdb-2`) is none of LAYOUTS: the path alone is taken for the first split.
    first = name in LAYOUTS and all(order.index(name) < order.index(other.name) for other in opened.others)
    return "" if first else f" --reader {opened.layout.name}"
