"""Finds files of the same bytes under other names, by their sizes and then, where those are equal, by a hash."""

from __future__ import annotations

import hashlib
import os
import stat
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sameperson.types import Rows, Samples

ABSENT = -1
REMEMBERED = 1 << 16
"""Hashes that are kept, so that a protocol which is applied several times reads each file once."""


def same_content(one: Samples, row: Rows, other: Samples, column: Rows) -> NDArray[np.bool_]:
    """Tell which pairs of pictures, `row` (M,) of `one` and `column` (M,) of `other`, are files of the same bytes.

    Pictures that a source draws, and files that are not there, are like no other. A file is read only where the other
    of a pair has its size.
    """
    same = np.zeros(len(row), bool)
    if one.source is not None or other.source is not None or not len(row):
        return same
    mine, row_place = np.unique(row, return_inverse=True)
    theirs, column_place = np.unique(column, return_inverse=True)
    left, right = (_sizes(samples, rows) for samples, rows in ((one, mine), (other, theirs)))
    alike = np.flatnonzero((left[row_place] == right[column_place]) & (left[row_place] != ABSENT))
    number: dict[bytes, int] = {b"": ABSENT}  # hash -> a number that stands for it
    ours, others = (
        _numbered(samples, rows, np.unique(place[alike]), size, number)
        for samples, rows, place, size in ((one, mine, row_place, left), (other, theirs, column_place, right))
    )
    same[alike] = (ours[row_place[alike]] == others[column_place[alike]]) & (ours[row_place[alike]] != ABSENT)
    return same


def _numbered(
    samples: Samples, rows: Rows, wanted: Rows, size: NDArray[np.int64], number: dict[bytes, int]
) -> NDArray[np.int64]:
    """Number the contents of the files `rows[wanted]`, the same bytes by the same number; ABSENT for all others."""
    found = np.full(len(rows), ABSENT, np.int64)
    for place in wanted.tolist():
        digest = _digest(samples.file(int(rows[place])), int(size[place]))
        found[place] = number.setdefault(digest, len(number))
    return found


def _sizes(samples: Samples, rows: Rows) -> NDArray[np.int64]:
    """Return the size of each row's file in bytes; ABSENT where there is no regular file, or an empty one."""
    return np.array([_size(os.path.join(samples.root, str(samples.path[row]))) for row in rows.tolist()], np.int64)  # noqa: PTH118 - half the time of a Path


def _size(path: str) -> int:
    try:
        found = os.stat(path)  # noqa: PTH116 - as above
    except (OSError, ValueError):
        return ABSENT
    return found.st_size if stat.S_ISREG(found.st_mode) and found.st_size else ABSENT


def _digest(file: Path, size: int) -> bytes:
    """Return the hash of a file, b"" where it cannot be read."""
    try:
        return _hash(str(file), size, file.stat().st_mtime_ns)
    except OSError:
        return b""


@lru_cache(REMEMBERED)
def _hash(path: str, size: int, changed: int) -> bytes:  # noqa: ARG001 - size and time tell a file from its successor
    return hashlib.blake2b(Path(path).read_bytes(), digest_size=16).digest()
