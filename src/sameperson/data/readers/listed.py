"""Checks of lists: whether listed pictures exist, agree with their files' names, and have priors."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path

from sameperson.checks import InputError, walk
from sameperson.data.readers.folder_names import names_in
from sameperson.data.readers.market1501 import market_name
from sameperson.types import Samples

log = logging.getLogger(__name__)


def require_pictures(root: Path, paths: Iterable[str], source: Path) -> None:
    """Raise InputError unless all `paths` lie below `root`, naming the first that does not and counting the others.

    Folders are listed once each, since a look at every file of a large set takes minutes on a network disk.
    source: the file that lists them, for the error.
    """
    wanted: dict[str, list[str]] = {}
    for path in paths:
        folder, _, name = path.rpartition("/")
        wanted.setdefault(folder, []).append(name)
    first, count = "", 0
    for folder, names in wanted.items():
        missing = set(names) - names_in(root / folder)
        if missing:
            first = first or f"{root / folder}/{next(name for name in names if name in missing)}"
            count += len(missing)
    if count:
        others = f" and {count - 1} more pictures" if count > 1 else ""
        found = f"{first}{others}: no such file, though {source} lists it"
        raise InputError(found, "every listed picture", "copy the pictures there, or take the lines out of the list")


def require_consistent(source: Path, paths: Iterable[str], pids: Iterable[int]) -> None:
    """Raise InputError where a list gives pictures of one person, by names in Market-1501's form, to several people.

    Lists may number people anew, so only the grouping is compared; names of other forms are not checked.
    """
    given: dict[int, tuple[int, str]] = {}
    for path, pid in zip(paths, pids, strict=True):
        named = market_name(path)
        if named is None or named[0] <= 0:
            continue
        before, other = given.setdefault(named[0], (pid, path))
        if before != pid:
            number = line_of(source, path)
            found = f"{source}: line {number} says person {pid} of {path}, but {other} is person {before}"
            expected = f"one person for all pictures of person {named[0]}"
            raise InputError(found, expected, "the list is shuffled: write it anew, each path with its own pid")


def line_of(source: Path, path: str) -> int:
    """Return the number, from 1, of the first line that starts with a path; 0 where none does."""
    with source.open(encoding="utf-8-sig") as lines:
        return next((number for number, line in enumerate(lines, start=1) if line.startswith(path)), 0)


def warn_missing(samples: Samples, folder: Path, what: str) -> None:
    """Log a warning that counts the pictures for which `folder` has no file of the same name, endings aside."""
    have = {stem(name) for _, _, names in walk(folder) for name in names}
    bare = [path for path in samples.path.tolist() if stem(path) not in have]
    if bare:
        log.warning("%s: no %s for %s of %s pictures, e.g. %s", folder, what, len(bare), len(samples), bare[0])


def stem(path: str) -> str:
    """Return the last part of a path, without its ending.

    >>> stem("images/0001_000010.jpg")
    '0001_000010'
    """
    return path.rpartition("/")[2].rpartition(".")[0] or path.rpartition("/")[2]
