"""Reads lists of pictures, and checks that the people in a list agree with the names of the files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from sameperson.checks import InputError, existing_text
from sameperson.data.readers.named_files import NameForm, read_names


def listed_names(source: Path, width: int, what: str = "a file name on each line") -> tuple[list[str], list[str]]:
    """Read the path and, for a `width` of 2, the second word of each line that is not blank.

    Paths may hold spaces. Raises InputError for a missing file, one that is not
    text, a line that is too short and a file without lines.
    """
    source = existing_text(source, f"a list with {what}")
    paths, words = [], []
    try:
        with source.open(encoding="utf-8-sig") as lines:
            for number, line in enumerate(lines, start=1):
                cells = line.strip().rsplit(maxsplit=width - 1) if width > 1 else [line.strip()]
                if not cells or not cells[0]:
                    continue
                if len(cells) < width:
                    raise InputError(f"{source}: line {number} is {line.strip()!a}", what, "mend or remove that line")
                paths.append(cells[0].removeprefix("./"))
                words.append(cells[-1])
    except UnicodeDecodeError as error:
        raise InputError(f"{source}: not UTF-8 text", what, "save it as UTF-8") from error
    if not paths:
        raise InputError(f"{source}: no lines", what, "check which file this is")
    return paths, words


def require_names(paths: Sequence[str], form: NameForm, source: Path) -> None:
    """Raise InputError for the first listed path whose name is not of the form."""
    strange = next((path for path in paths if not form.fits(path)), None)
    if strange is not None:
        found = f"{source}: line {line_with(source, strange)} names {strange!a}"
        raise InputError(found, f"a name like {form.example}", "check which list this is")


def require_people(paths: Sequence[str], words: Sequence[str], form: NameForm, source: Path) -> None:
    """Raise InputError for the first line that gives a picture another person than the picture's name does."""
    require_names(paths, form, source)
    named = read_names(paths, form, source.parent)["pid"]
    for path, word in zip(paths, words, strict=True):
        if not (word.isascii() and word.isdigit() and len(word) < 10):
            found = f"{source}: line {line_with(source, path)} gives {path} the person {word!a}"
            raise InputError(found, "a number", "mend or remove that line")
    given = np.fromiter(map(int, words), np.int64, len(words))
    wrong = np.flatnonzero(given != named)
    if len(wrong):
        row = int(wrong[0])
        others = f", and {len(wrong) - 1} more such lines" if len(wrong) > 1 else ""
        found = f"{source}: line {line_with(source, paths[row])} says person {given[row]} of {paths[row]}{others}"
        expected = f"person {named[row]}, as the file's name says"
        raise InputError(found, expected, "the list is shuffled: take the release's own, or write it anew")


def line_with(source: Path, path: str) -> int:
    """Return the number, from 1, of the first line that holds a path; 0 where none does."""
    with source.open(encoding="utf-8-sig") as lines:
        return next((number for number, line in enumerate(lines, start=1) if path in line), 0)
