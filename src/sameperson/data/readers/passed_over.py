"""Notes on what reading leaves out: files that are no pictures, rows that repeat, absent files, unlisted pictures.

Each is one line of the log, which the command line writes to stderr, with a count and an example.
"""

from __future__ import annotations

import logging
import os
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath
from posixpath import normpath

from sameperson.checks import PICTURES, InputError
from sameperson.data.readers.folder_names import names_in
from sameperson.priors.locations import FOLDERS, NOT_PICTURES

log = logging.getLogger(__name__)
LITTER = re.compile(r"(?i)thumbs\.db|desktop\.ini|\.ds_store|\._.*|ehthumbs\.db")
"""Files that a computer leaves in folders of pictures by itself."""
OURS = frozenset({"labels.csv", "miniature.json", "world.json", *(f"{name}.json" for name in FOLDERS)})
"""Files that lie beside pictures and are read for what they say of them."""
ENDINGS = 6
"""Endings that a note names; it only counts the rest."""


def note_passed_over(folder: Path, names: Iterable[str]) -> None:
    """Count the files of a folder that are no pictures, and name them by ending; names: of all files that are none."""
    lost = [name for name in names if name[0] != "." and name not in OURS and not LITTER.fullmatch(name)]
    if lost:
        files = "file that is no picture" if len(lost) == 1 else "files that are no pictures"
        log.warning("note: %s: passed over %s %s: %s", folder, len(lost), files, by_ending(lost))


def by_ending(names: Iterable[str]) -> str:
    """Count names by their endings, the most frequent first.

    >>> by_ending(["a.txt", "b.TXT", "c.mp4", "LICENSE"])
    '2 .txt, 1 .mp4, 1 without an ending'
    """
    counts = Counter(PurePosixPath(name).suffix.lower() or "without an ending" for name in names)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    rest = sum(count for _, count in ordered[ENDINGS:])
    more = f" and {rest} of other endings" if rest else ""
    return ", ".join(f"{count} {ending}" for ending, count in ordered[:ENDINGS]) + more


def note_listed(source: Path, root: Path, paths: Sequence[str], splits: Sequence[str] | None = None) -> None:
    """Count what a table or list of pictures names twice in a split, what is not there, and what it leaves out.

    source: the table, for the notes. paths: of its rows, below `root`; splits: of its rows, where they are known.
    """
    plain = [normpath(path) for path in paths]
    seen: set[tuple[str, str]] = set()
    again = []
    for path, split in zip(plain, splits or [""] * len(plain), strict=True):
        if (path, split) in seen:
            again.append(path)
        seen.add((path, split))
    if again:
        says = "row repeats a picture" if len(again) == 1 else "rows repeat pictures"
        log.warning("note: %s: %s %s of the same split, e.g. %s", source, len(again), says, again[0])
    listed: dict[str, set[str]] = {}
    for path in plain:
        folder, _, name = path.rpartition("/")
        listed.setdefault(folder, set()).add(name)
    absent, unlisted = [], []
    for folder, names in listed.items():
        try:
            there = names_in(root / folder)
        except InputError:  # a folder that may not be read: its pictures are named when they are opened
            continue
        start = f"{folder}/" if folder else ""
        absent += sorted(start + name for name in names - there)
        unlisted += sorted(start + name for name in there - names if _shows(name))
    if absent:
        says = "listed picture is" if len(absent) == 1 else "listed pictures are"
        log.warning("note: %s: %s of %s %s not there, e.g. %s", source, len(absent), len(set(plain)), says, absent[0])
    if unlisted:
        says = "picture lies" if len(unlisted) == 1 else "pictures lie"
        log.warning("note: %s: %s %s beside the listed ones, e.g. %s", source, len(unlisted), says, unlisted[0])


def note_outside_splits(root: Path, parts: Sequence[str]) -> None:
    """Count the pictures in `root` that lie in none of its folders `parts`, which are the splits."""
    outside = []
    for place, folders, files in os.walk(root, followlinks=True):
        top = Path(place) == root
        apart = {*NOT_PICTURES, *parts} if top else ()
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in apart)
        outside += [Path(place, name).relative_to(root).as_posix() for name in files if _shows(name)]
    if outside:
        says = "picture lies" if len(outside) == 1 else "pictures lie"
        names = ", ".join(parts)
        log.warning("note: %s: %s %s outside %s, e.g. %s", root, len(outside), says, names, min(outside))


def _shows(name: str) -> bool:
    return name.lower().endswith(PICTURES) and not name.startswith(".")
