"""Finds the pictures of a dataset that are broken and cannot be decoded."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sameperson.checks import InputError
from sameperson.data.dataset import Dataset
from sameperson.images.decode import BrokenPicture, read_picture
from sameperson.images.formats import NAMES
from sameperson.types import Samples

NAMED = 5
"""How many broken files an error names; it only counts the rest."""


@dataclass(frozen=True)
class Broken:
    """A picture that cannot be read: its row, its file, and why."""

    row: int
    path: str
    reason: str


def find_broken(samples: Samples) -> list[Broken]:
    """Decode every picture and return the broken ones, in the order of their rows.

    Pictures that a source draws are never broken, so they are not checked.
    """
    if samples.source is not None:
        return []

    def check(rows: NDArray[np.int64]) -> list[Broken]:
        return [item for row in rows if (item := check_picture(samples, int(row))) is not None]

    blocks = np.array_split(np.arange(len(samples)), -(-len(samples) // 256) or 1)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return [item for block in pool.map(check, blocks) for item in block]


def check_picture(samples: Samples, row: int) -> Broken | None:
    """Decode one picture and return why it is broken, or None if it is whole."""
    try:
        read_picture(samples.file(row))
    except BrokenPicture as error:
        return Broken(row, str(samples.path[row]), error.reason)
    return None


def require_readable(samples: Samples, skip: bool) -> tuple[Samples, list[Broken]]:
    """Separate the readable pictures from the broken ones.

    Raises:
        InputError: some are broken and `skip` is False (the error names them), or none is readable.
    """
    broken = find_broken(samples)
    if broken and not skip:
        raise broken_error(broken, len(samples))
    if broken and len(broken) == len(samples):
        raise InputError(describe(broken, len(samples)), "at least one readable picture", "check the folder")
    keep = np.ones(len(samples), bool)
    keep[[item.row for item in broken]] = False
    return samples.take(keep), broken


def readable(dataset: Dataset, skip: bool) -> tuple[Dataset, int]:
    """Leave the broken pictures out of training and validation; return the dataset and how many were left out.

    Raises InputError as `require_readable` does.
    """
    train, broken = require_readable(dataset.train, skip)
    if dataset.val is None:
        return replace(dataset, train=train), len(broken)
    val, more = require_readable(dataset.val, skip)
    return replace(dataset, train=train, val=val), len(broken) + len(more)


def broken_error(broken: Sequence[Broken], of: int) -> InputError:
    """Build the error that names the first broken pictures and counts the rest."""
    expected = f"whole pictures ({NAMES})"
    return InputError(describe(broken, of), expected, "mend or remove them, or go on without them (skip_broken)")


def describe(broken: Sequence[Broken], of: int) -> str:
    """Say in one line which pictures are broken, and how many."""
    named = ", ".join(f"{item.path} ({item.reason})" for item in broken[:NAMED])
    more = f" and {len(broken) - NAMED} more" if len(broken) > NAMED else ""
    return f"{len(broken)} of {of} pictures cannot be read: {named}{more}"
