"""How a command line names a data set to be judged on, and what is said of it before figures.

Shared by `evaluate` and `cross`; nothing heavy is imported until the data set is wanted.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from sameperson.checks import InputError
from sameperson.data.command_options import CommandOptions

if TYPE_CHECKING:
    from sameperson.data.dataset import Dataset
    from sameperson.data.layout import Layout
    from sameperson.evaluation.protocols.definition import Protocol

OFFICIAL = (0.5, 1.5)
"""A tree whose every split has this share of the release's pictures means to be the release."""


def open_dataset(path: Path, reader: str | None = None, pattern: str | None = None) -> tuple[Layout, Dataset]:
    """The data set at a path, read as the reader says, or as what it looks like.

    Raises InputError where it cannot be read.
    """
    from sameperson.data.doctor.layouts import open_tree

    opened = open_tree(path, reader, pattern)
    if opened.dataset is None:
        examine = CommandOptions(path, reader, pattern).doctor()
        raise opened.trouble or InputError(f"{path}: no dataset", "one that can be read", examine)
    return opened.layout, opened.dataset


def require_people(options: CommandOptions, layout: Layout, dataset: Dataset) -> None:
    """Raises InputError where there is nobody to ask for, or nothing to search. options: by which it was read."""
    from sameperson.data.doctor.all_splits import AllSplits
    from sameperson.data.doctor.next_commands import split_command

    for what, samples in (("queries", dataset.query), ("gallery", dataset.gallery)):
        if not len(samples):
            split = split_command(options, AllSplits.of(dataset))
            then = f"of {layout.title} it is known: {layout.about or 'nothing'}" + (
                f"; split it: {split}" if split else ""
            )
            raise InputError(
                f"{options.data}: no {what} (read as {layout.title})", "people who are named, in both", then
            )


def chosen(words: str | None, dataset: Dataset) -> list[Protocol]:
    """The protocols of the user's choice, or the one that suits the data set.

    Raises InputError for an unknown name, and for labels that one of them lacks.
    """
    from sameperson.evaluation.protocols.apply import apply_protocol
    from sameperson.evaluation.protocols.catalogue import protocols_named
    from sameperson.evaluation.tracklets import first_of_each_track

    protocols = protocols_named(words or dataset.protocol)
    sides = [
        first_of_each_track(samples) if dataset.tracks else samples for samples in (dataset.query, dataset.gallery)
    ]
    for protocol in protocols:
        apply_protocol(protocol, sides[0], sides[1])
    return protocols


def say_what_it_is(path: Path, layout: Layout, dataset: Dataset, protocols: Iterable[Protocol]) -> None:
    """On stdout how the data set was read, on stderr what of it may surprise."""
    print(f"{path}: read as {layout.title} (--reader {layout.name})")
    for note in surprises(path, layout, dataset, protocols):
        print(f"note: {note}", file=sys.stderr)


def surprises(path: Path, layout: Layout, dataset: Dataset, protocols: Iterable[Protocol]) -> Iterator[str]:
    """Protocols that are not this layout's, and counts that are not quite the release's."""
    from sameperson.data.layout import counts_of, differences, expected_counts

    usual = {*layout.protocols, dataset.protocol}
    for protocol in protocols:
        if protocol.name not in usual:
            yield f"protocol {protocol.name} is not {layout.title}'s ({', '.join(layout.protocols)})"
    source, expected = expected_counts(path if path.is_dir() else path.parent, layout)
    here, (least, most) = counts_of(dataset), OFFICIAL
    shares = [here[name].pictures / max(wanted.pictures, 1) for name, wanted in expected.items() if name in here]
    if shares and all(least <= share <= most for share in shares):
        for difference in differences(here, expected):
            yield f"{path}: not what {source} has: {difference}"
