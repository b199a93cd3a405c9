"""Which pictures cannot be read."""

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
from sameperson.types import Samples

NAMED = 5
"""Broken files that an error names before it only counts."""


@dataclass(frozen=True)
class Broken:
    """A picture that cannot be read: its row, its file, and why."""

    row: int
    path: str
    reason: str


def find_broken(samples: Samples) -> list[Broken]:
    """Decode every picture and return those that fail, in order; what has a source is made when needed, and whole."""
    if samples.source is not None:
        return []

    def check(rows: NDArray[np.int64]) -> list[Broken]:
        return [found for row in rows if (found := check_picture(samples, int(row))) is not None]

    blocks = np.array_split(np.arange(len(samples)), -(-len(samples) // 256) or 1)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return [found for block in pool.map(check, blocks) for found in block]


def check_picture(samples: Samples, row: int) -> Broken | None:
    """What is wrong with a picture, if anything."""
    try:
        read_picture(samples.file(row))
    except BrokenPicture as error:
        return Broken(row, str(samples.path[row]), error.reason)
    return None


def require_readable(samples: Samples, skip: bool) -> tuple[Samples, list[Broken]]:
    """The readable pictures and the broken ones.

    Raises:
        InputError: some are broken and `skip` is False, naming them; or none is left.
    """
    found = find_broken(samples)
    if found and not skip:
        raise broken_error(found, len(samples))
    if found and len(found) == len(samples):
        raise InputError(describe(found, len(samples)), "at least one readable picture", "check the folder")
    keep = np.ones(len(samples), bool)
    keep[[item.row for item in found]] = False
    return samples.take(keep), found


def readable(dataset: Dataset, skip: bool) -> tuple[Dataset, int]:
    """The dataset with only readable pictures to learn and to choose on, and how many broken ones were left out.

    Raises InputError as `require_readable`.
    """
    train, broken = require_readable(dataset.train, skip)
    if dataset.val is None:
        return replace(dataset, train=train), len(broken)
    val, more = require_readable(dataset.val, skip)
    return replace(dataset, train=train, val=val), len(broken) + len(more)


def broken_error(found: Sequence[Broken], of: int) -> InputError:
    """One line that names the first broken pictures and counts the rest."""
    expected = "whole JPEG, PNG, BMP or WebP pictures"
    return InputError(describe(found, of), expected, "mend or remove them, or go on without them (skip_broken)")


def describe(found: Sequence[Broken], of: int) -> str:
    """Broken pictures, named and counted."""
    named = ", ".join(f"{item.path} ({item.reason})" for item in found[:NAMED])
    more = f" and {len(found) - NAMED} more" if len(found) > NAMED else ""
    return f"{len(found)} of {of} pictures cannot be read: {named}{more}"
