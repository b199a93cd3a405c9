"""A `Layout` says how a dataset lies on disk: how to recognise it, how to read it and what its release holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sameperson.checks import InputError, read_json
from sameperson.data.dataset import Dataset

MINIATURE = "miniature.json"
"""The file that `sameperson world make --layout` writes beside the pictures: the tree's layout and its own counts."""


@dataclass(frozen=True)
class Counts:
    """How many pictures a split has, as the reader counts them, and how many people without junk and distractors.

    people: None where the release's number is not known.
    """

    pictures: int
    people: int | None = None


@dataclass(frozen=True)
class Layout:
    """One way in which a dataset lies on disk.

    read: reads the dataset at a path; the pattern is only for layouts whose file names follow a pattern of the user's.
    recognise: tells whether a path has this layout, by the names in it alone, without opening a picture.
    release: split -> what the official release holds; empty where there is none or its counts are not known.
    cameras: how many the release has. clothes: whether outfits are labelled. protocols: those that apply, the usual one
    first. priors: those that the release brings. about: one sentence on what its labels mean and where they mislead.
    """

    name: str
    title: str
    read: Callable[[Path, str | None], Dataset]
    recognise: Callable[[Path], bool]
    release: Mapping[str, Counts] = field(default_factory=dict)
    cameras: int | None = None
    clothes: bool = False
    protocols: tuple[str, ...] = ("market1501",)
    priors: tuple[str, ...] = ()
    about: str = ""


def counts_of(dataset: Dataset) -> dict[str, Counts]:
    """Count the pictures and people of each split."""
    return {name: Counts(len(samples), samples.people) for name, samples in dataset.splits().items()}


def expected_counts(root: Path, layout: Layout) -> tuple[str, Mapping[str, Counts]]:
    """Return the counts that a tree should have, and which source states them.

    The source is the note of a miniature if there is one, else the official release; it comes first in the tuple.
    Raises InputError for a note that cannot be read.
    """
    note = root / MINIATURE
    if not note.is_file():
        return f"the release of {layout.title}", layout.release
    try:
        counts = read_json(note)["counts"]
        return note.name, {name: Counts(int(pictures), int(people)) for name, (pictures, people) in counts.items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        expected = '{"counts": {"train": [pictures, people], ...}} as `sameperson world make --layout` writes it'
        raise InputError(
            f"{note}: not a note of counts ({error})", expected, "remove it or make the tree anew"
        ) from error


def noted_layout(root: Path) -> str:
    """Return the layout that a miniature's note names, or an empty text without such a note.

    The note decides between layouts that share one form.
    """
    try:
        return str(read_json(root / MINIATURE)["layout"])
    except (InputError, KeyError, TypeError):
        return ""


def differences(found: Mapping[str, Counts], expected: Mapping[str, Counts]) -> list[str]:
    """Describe each count of a split that differs from the expected one.

    >>> differences({"train": Counts(12936, 751), "query": Counts(3300, 750)}, {"query": Counts(3368, 750)})
    ['query: 3300 pictures, 68 fewer than 3368']
    """
    said = []
    for name, wanted in expected.items():
        here = found.get(name, Counts(0, 0))
        for what, count, of in (("pictures", here.pictures, wanted.pictures), ("people", here.people, wanted.people)):
            if count is not None and of is not None and count != of:
                more = f"{of - count} fewer" if count < of else f"{count - of} more"
                said.append(f"{name}: {count} {what}, {more} than {of}")
    return said
