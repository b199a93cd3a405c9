"""Examines a dataset: runs all checks one after another, and chooses the commands to type next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sameperson.data.command_options import CommandOptions
from sameperson.data.doctor.all_splits import AllSplits
from sameperson.data.doctor.cameras import camera_labels, camera_shift, rare_cameras
from sameperson.data.doctor.duplicates import duplicates
from sameperson.data.doctor.filenames import filenames
from sameperson.data.doctor.finding import Finding, worst_first
from sameperson.data.doctor.identities import (
    labels_alike,
    odd_numbers,
    one_outfit,
    shared_people,
    spelt_twice,
    too_few,
)
from sameperson.data.doctor.image_quality import Sizes, image_quality, sizes
from sameperson.data.doctor.image_stats import ImageStats, measure_images
from sameperson.data.doctor.label_noise import label_noise
from sameperson.data.doctor.layouts import Opened, compare_counts, reader_refusal
from sameperson.data.doctor.next_commands import LAYOUTS_COMMAND, NextCommands
from sameperson.data.doctor.priors import Coverage, priors_of
from sameperson.data.doctor.statistics import CameraOverlap, SplitTable, camera_overlap, table_of
from sameperson.data.doctor.unmatchable import Rule, unmatchable_queries
from sameperson.types import Rows

OWN_CAMERAS = ("celeb-reid", "celeb-reid-light", "dancereid", "open-reid")
"""Layouts that give each picture a camera of its own, as their protocols want it."""


@dataclass(frozen=True)
class Diagnosis:
    """The result of examining a dataset.

    opened: the layout and the dataset. protocol: the one by which queries were matched. findings: the worst first.
    tables: the statistics of each split; cameras: how many people they have in common. sizes: None where no picture was
    decoded. priors: how many pictures have each. commands: what to type next, the most urgent first.
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
        """Return the findings of one severity."""
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
    options: CommandOptions | None = None,
) -> Diagnosis:
    """Run all checks on the dataset that `layouts.open_tree` opened.

    rule: the protocol by which queries are matched. look: whether to read and decode the pictures. priors: whether to
    open the priors beside them. embedded: makes features of the readable pictures, to find wrong labels. progress:
    called with the number of files done and of all. options: those that the user typed, which the proposed commands
    repeat.
    """
    options = options or CommandOptions(opened.path, opened.reader, opened.pattern)
    if opened.dataset is None:
        found = worst_first(reader_refusal(opened, options))
        proposed = tuple(one.command for one in found if one.command) or (LAYOUTS_COMMAND,)
        return Diagnosis(opened, rule.name, tuple(found), commands=proposed)
    dataset = opened.dataset
    splits = AllSplits.of(dataset)
    then = NextCommands.of(options, opened.layout.name, rule.name, splits, dataset)
    found = [*compare_counts(opened), *label_findings(opened, splits, rule, then)]
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
        then.after(found),
    )


def label_findings(opened: Opened, splits: AllSplits, rule: Rule, then: NextCommands) -> Iterator[Finding]:
    """Run the checks that need only names and labels, without opening a picture."""
    if opened.dataset is None:
        return
    yield from unmatchable_queries(opened.dataset.query, opened.dataset.gallery, rule, then)
    yield from shared_people(splits, then)
    yield from odd_numbers(splits)
    yield from labels_alike(splits)
    yield from spelt_twice(opened.dataset)
    yield from camera_labels(splits, then, on_purpose=opened.layout.name in OWN_CAMERAS)
    yield from camera_shift(splits)
    yield from rare_cameras(splits)
    yield from too_few(splits, then)
    yield from one_outfit(splits, rule.clothes != "any")
    yield from filenames(splits)
