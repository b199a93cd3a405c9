"""Recognises the layout of a dataset, and reports one that cannot be read or differs from its release."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from sameperson.checks import InputError
from sameperson.data.command_options import CommandOptions, respelled
from sameperson.data.dataset import Dataset
from sameperson.data.doctor.finding import Finding, finding
from sameperson.data.layout import MINIATURE, Counts, Layout, counts_of, differences, expected_counts
from sameperson.data.readers import LAYOUTS, layout_named, recognised
from sameperson.data.readers.camera_folders import CamerasOnTop

GENERIC = ("folder", "csv", "list", "live")
"""Layouts for anyone's pictures, which have no release."""
DOCTOR = ("data", "reader", "pattern", "skip_broken")
"""What the doctor is told of how data are read."""
NEARLY = 0.2
"""Share of the release's pictures by which a damaged copy of it may differ."""


@dataclass(frozen=True)
class Opened:
    """A path, its layout, the others that it could have, and its dataset, or the error that the reader raised.

    reader, pattern: as they were asked for, None where the path decided.
    """

    path: Path
    layout: Layout
    others: tuple[Layout, ...]
    dataset: Dataset | None
    trouble: InputError | None = None
    reader: str | None = None
    pattern: str | None = None

    @property
    def generic(self) -> bool:
        """Whether the layout is for anyone's pictures, without a release."""
        return self.layout.name in GENERIC


def open_tree(path: str | Path, reader: str | None = None, pattern: str | None = None) -> Opened:
    """Recognise the layout of a path and read its dataset; an InputError of the reader is kept as `trouble`.

    Raises InputError where there is nothing, where no layout fits, or for an unknown reader.
    """
    path = Path(path)
    if not path.exists():
        raise InputError(f"{path}: no such file or folder", "a dataset: a folder, a CSV or a list", "check the path")
    seen, asked = recognised(path), reader
    if reader is None and pattern is not None:
        reader = "folder"
    if reader is None and not seen:
        expected = "a dataset: a folder, a .csv, a .txt list or a world's .json"
        raise InputError(f"{path}: no dataset", expected, "name its layout with data.reader")
    layout = seen[0] if reader is None else layout_named(reader)
    others = tuple(other for other in seen if other.name != layout.name)
    try:
        return Opened(path, layout, others, layout.read(path, pattern), None, asked, pattern)
    except InputError as error:
        return Opened(path, layout, others, None, error, asked, pattern)


def reader_refusal(opened: Opened, options: CommandOptions) -> Iterator[Finding]:
    """Report the error that the reader raised."""
    error = opened.trouble
    if error is None:
        return
    others = ", ".join(other.name for other in opened.others)
    command = ""
    if isinstance(error, CamerasOnTop):
        command = replace(options, pattern=error.pattern).doctor()
    elif opened.others:
        command = replace(options, reader=opened.others[0].name).doctor()
    elif opened.pattern is not None and opened.reader is None:
        command = replace(options, pattern=None).doctor()
    then = respelled(error.then, DOCTOR) + (f"; or it is another layout ({others})" if others else "")
    says = f"As {opened.layout.title} it cannot be read: {error.found} (expected {error.expected})"
    yield finding("unreadable", "error", says, then=then, command=command)


def compare_counts(opened: Opened) -> Iterator[Finding]:
    """Report counts that differ from the release's, or from those in a miniature's own note."""
    if opened.dataset is None:
        return
    root = opened.path if opened.path.is_dir() else opened.path.parent
    try:
        source, expected = expected_counts(root, opened.layout)
    except InputError as error:
        yield finding("note-of-counts", "error", error.found, then=error.then)
        return
    counts = counts_of(opened.dataset)
    apart = differences(counts, expected)
    if not apart:
        return
    if (root / MINIATURE).is_file():
        says = f"Not what {source} says it holds: {'; '.join(apart)}"
        yield finding("counts", "error", says, then="make the tree anew")
    elif any(_nearly(counts[name], wanted) for name, wanted in expected.items() if name in counts):
        says = f"Not all that {source} holds: {'; '.join(apart)}"
        yield finding("counts", "warning", says, then="unpack the release again if it should be whole")
    else:
        here, there = (
            ", ".join(f"{split} {held[split].pictures}" for split in expected if split in held)
            for held in (counts, expected)
        )
        says = f"In the form of {opened.layout.title}, but not its release: {here} pictures, not {there}"
        yield finding("counts", "note", says, then="nothing, if these are your own pictures or a part")


def _nearly(here: Counts, wanted: Counts) -> bool:
    """Tell whether a split has nearly as many pictures as the release's, so that it must be a damaged copy."""
    return abs(here.pictures - wanted.pictures) <= NEARLY * wanted.pictures


def listing() -> list[str]:
    """Return a table of all layouts, in Markdown."""
    head = ("reader", "layout", "cameras", "clothes", "protocols", "priors", "about")
    rows = [
        (
            f"`{layout.name}`",
            layout.title,
            str(layout.cameras or "any"),
            "labelled" if layout.clothes else "",
            ", ".join(layout.protocols),
            ", ".join(layout.priors),
            layout.about,
        )
        for layout in LAYOUTS.values()
    ]
    return [f"| {' | '.join(row)} |" for row in (head, ("---",) * len(head), *rows)]
