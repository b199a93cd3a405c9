"""All checks of a dataset, one after another, and the few things to type next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sameperson.data.doctor.all_splits import AllSplits
from sameperson.data.doctor.cameras import camera_labels, camera_shift, rare_cameras
from sameperson.data.doctor.duplicates import duplicates
from sameperson.data.doctor.filenames import filenames
from sameperson.data.doctor.finding import Finding, worst_first
from sameperson.data.doctor.identities import labels_alike, odd_numbers, one_outfit, shared_people, too_few
from sameperson.data.doctor.image_quality import Sizes, image_quality, sizes
from sameperson.data.doctor.image_stats import ImageStats, measure_images
from sameperson.data.doctor.label_noise import label_noise
from sameperson.data.doctor.layouts import Opened, compare_counts, reader_refusal
from sameperson.data.doctor.priors import Coverage, priors_of
from sameperson.data.doctor.statistics import CameraOverlap, SplitTable, camera_overlap, table_of
from sameperson.data.doctor.unmatchable import Rule, unmatchable_queries
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
    cameras: CameraOverlap | None = None
    sizes: Sizes | None = None
    priors: tuple[Coverage, ...] = ()
    commands: tuple[str, ...] = ()

    def of(self, severity: str) -> list[Finding]:
        """The findings of one severity."""
        return [one for one in self.findings if one.severity == severity]


@dataclass(frozen=True)
class Embedded:
    """Features (M, D) float32 of rows (M,) of an `AllSplits`."""

    features: NDArray[np.float32]
    rows: Rows


def examine(
    opened: Opened,
    rule: Rule,
    *,
    look: bool = True,
    priors: bool = True,
    embedded: Callable[[AllSplits, ImageStats | None], Embedded] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Diagnosis:
    """Examine what `layouts.open_tree` opened.

    rule: the protocol by which queries are matched. look: read and decode the pictures. priors: open what lies beside.
    embedded: makes features of the readable pictures, to look for wrong labels. progress: called with files done, in
    all.
    """
    at = quoted(opened)
    if opened.dataset is None:
        found = worst_first(reader_refusal(opened, at))
        return Diagnosis(opened, rule.name, tuple(found), commands=commands_of(found, opened, rule))
    dataset = opened.dataset
    splits = AllSplits.of(dataset)
    found = [*compare_counts(opened), *label_findings(opened, splits, rule, at)]
    stats = measure_images(splits, progress) if look else None
    if stats is not None:
        found += [*duplicates(splits, stats, rule), *image_quality(splits, stats)]
    coverage: list[Coverage] = []
    if priors:
        coverage, prior_findings = priors_of(splits, stats, opened.layout.priors)
        found += prior_findings
    if embedded is not None:
        made = embedded(splits, stats)
        found += label_noise(splits, made.features, made.rows)
    found = worst_first(found)
    return Diagnosis(
        opened,
        rule.name,
        tuple(found),
        tuple(table_of(name, samples) for name, samples in dataset.splits().items()),
        camera_overlap(splits),
        None if stats is None else sizes(stats),
        tuple(coverage),
        commands_of(found, opened, rule),
    )


def label_findings(opened: Opened, splits: AllSplits, rule: Rule, at: str) -> Iterator[Finding]:
    """All that names and labels alone say, without a picture being opened."""
    if opened.dataset is None:
        return
    yield from unmatchable_queries(opened.dataset.query, opened.dataset.gallery, rule, at)
    yield from shared_people(splits, at)
    yield from odd_numbers(splits)
    yield from labels_alike(splits)
    yield from camera_labels(splits, at, on_purpose=opened.layout.name in OWN_CAMERAS)
    yield from camera_shift(splits)
    yield from rare_cameras(splits)
    yield from too_few(splits)
    yield from one_outfit(splits, rule.clothes != "any")
    yield from filenames(splits)


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
    first = not opened.others or list(LAYOUTS).index(opened.layout.name) < min(
        list(LAYOUTS).index(other.name) for other in opened.others
    )
    return "" if first else f" --reader {opened.layout.name}"
