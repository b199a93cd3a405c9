"""Proposes a split by person from all pictures of a dataset, seeded, and writes it as a CSV.

All splits are merged first, on the assumption that a person has one number in all of them. Test people are drawn from
those whom two cameras saw. If there are none, they are drawn from those with two pictures, and the split is
camera-blind.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sameperson.checks import InputError, atomic
from sameperson.data.doctor.all_splits import AllSplits
from sameperson.data.doctor.image_stats import ImageStats
from sameperson.data.split import across_cameras, query_and_gallery
from sameperson.types import DISTRACTOR, UNKNOWN, Rows, Samples

COLUMNS = ("path", "pid", "camid", "split", "clothes_id", "track_id", "frame")
TEST, VAL = 0.3, 0.1
"""The shares of the people to test and to validate on, unless the user says otherwise."""


@dataclass(frozen=True)
class ProposedSplit:
    """A proposed split: its parts, and how many pictures were left out for which reason.

    one_camera: nobody is seen by two cameras, so that only a camera-blind protocol can judge.
    """

    splits: dict[str, Samples]
    left_out: dict[str, int]
    one_camera: bool


def propose_split(
    splits: AllSplits, stats: ImageStats | None, test: float, val: float, seed: int, *, tracks: bool = False
) -> ProposedSplit:
    """Split the people of a dataset into training, validation and test, the test into query and gallery.

    stats: measurements of the files, to leave out broken ones, copies and those with two people's labels. test, val:
    the share of people to test on and to validate on. Junk stays out; distractors join the gallery. tracks: whether the
    dataset is of tracklets, which then stay whole; of any other dataset `track_id` is left out, because a table with it
    is evaluated by tracklet.

    Raises InputError where there are too few people, or pictures that are no files.
    """
    if any(part.source is not None for part in splits.samples):
        raise InputError(
            "pictures that are drawn, not files",
            "files to list in a CSV",
            "give the tree itself, or write one: sameperson world make --help",
        )
    rows, left_out = usable_rows(splits, stats)
    everyone = merge_splits(splits, rows)
    if not tracks:
        everyone = replace(everyone, track_id=np.full(len(everyone), UNKNOWN, np.int32))
    someone = everyone.take(everyone.pid > DISTRACTOR)
    crossing = across_cameras(someone)
    people, askable = _people_and_askable(someone.pid, someone.camid, crossing=crossing)
    counts = shares(len(people), len(askable), test, val)
    if counts is None:
        found = f"{len(people)} people, {len(askable)} of whom can be asked for"
        expected = f"at least 2 to train on, {held_out(len(people), val)} to validate on and 2 to test on"
        raise InputError(found, expected, "lower --test-fraction or --val-fraction, or add people")
    count, held = counts
    rng = np.random.default_rng(seed)
    tested = rng.choice(askable, count, replace=False)
    others = np.setdiff1d(people, tested)
    validated = rng.choice(others, held, replace=False)
    query, gallery = query_and_gallery(someone.take(np.isin(someone.pid, tested)), tracks=tracks)
    strangers = everyone.take(everyone.pid == DISTRACTOR)
    proposed = {
        "train": someone.take(np.isin(someone.pid, np.setdiff1d(others, validated))),
        "val": someone.take(np.isin(someone.pid, validated)),
        "query": query,
        "gallery": concatenated(gallery, strangers),
    }
    return ProposedSplit({name: part for name, part in proposed.items() if len(part)}, left_out, not crossing)


def shares(people: int, askable: int, test: float, val: float) -> tuple[int, int] | None:
    """Count the people to test and to validate on; None where too few are left.

    people: how many are named; askable: how many of them could be found again. test, val: their shares.

    >>> shares(10, 10, 0.3, 0.1), shares(5, 5, 0.3, 0.1), shares(5, 5, 0.3, 0)
    ((3, 2), None, (2, 0))
    """
    count, held = min(max(2, round(test * people)), askable), held_out(people, val)
    return None if count < 2 or people - count - held < 2 else (count, held)


def held_out(people: int, val: float) -> int:
    """Count the people to validate on: the share, but two at least, and nobody for a share of 0."""
    return 0 if val == 0 else max(2, round(val * people))


def who_can_be_split(splits: AllSplits) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find the people whom a split could share out, and those who could be asked for, by labels alone.

    There is nobody where pictures are no files.
    """
    if any(part.source is not None for part in splits.samples):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    rows, _ = usable_rows(splits, None)
    rows = rows[splits.known[rows]]
    seen = np.unique(np.stack([splits.pid[rows], splits.camid[rows]], axis=1), axis=0)
    crossing = len(np.unique(seen[:, 0])) < len(seen)
    return _people_and_askable(splits.pid[rows], splits.camid[rows], crossing=crossing)


def usable_rows(splits: AllSplits, stats: ImageStats | None) -> tuple[Rows, dict[str, int]]:
    """Choose one row for each file to keep, and count the files that are left out, by reason."""
    pid = splits.pid[splits.first]
    several = np.zeros(len(splits.first), bool)
    several[splits.picture[splits.pid != pid[splits.picture]]] = True
    why: dict[str, NDArray[np.bool_]] = {"junk": pid < DISTRACTOR, "two people's": several}
    if stats is not None:
        why["broken"] = ~stats.readable
        content = np.where(stats.readable, stats.content, np.arange(len(pid), dtype=np.uint64))
        _, first, kind = np.unique(content, return_index=True, return_inverse=True)
        contradicted = np.zeros(len(first), bool)
        contradicted[kind[pid != pid[first][kind]]] = True
        why["two people's"] = several | contradicted[kind]
        why["copies"] = first[kind] != np.arange(len(pid))
    keep, left_out = np.ones(len(pid), bool), {}
    for reason, out in why.items():
        left_out[reason] = int(np.count_nonzero(out & keep))
        keep &= ~out
    return np.sort(splits.first[keep]), {reason: count for reason, count in left_out.items() if count}


def merge_splits(splits: AllSplits, rows: Rows) -> Samples:
    """Merge rows of all splits into one `Samples` with absolute paths."""
    parts = [
        part.take(rows[splits.split[rows] == place] - splits.starts[place]) for place, part in enumerate(splits.samples)
    ]
    # Not resolve(): a link in a tree should not lead the paths out of it.
    paths = [os.path.abspath(part.root / path) for part in parts for path in part.path.tolist()]  # noqa: PTH100
    columns = {name: np.concatenate([getattr(part, name) for part in parts]) for name in Samples.COLUMNS[1:]}
    names = {pid: name for part in parts for pid, name in part.names.items()}
    pid, camid = columns.pop("pid"), columns.pop("camid")
    return replace(Samples.of(paths, pid, camid, root="", **columns), names=names)


def concatenated(one: Samples, other: Samples) -> Samples:
    """Concatenate the rows of two `Samples`."""
    return replace(
        one, **{name: np.concatenate([getattr(one, name), getattr(other, name)]) for name in Samples.COLUMNS}
    )


def write_split(out: str | Path, splits: dict[str, Samples]) -> int:
    """Write the splits as a CSV for the csv reader, with paths relative to it, and return the number of rows.

    Columns that are unknown throughout are left out, so that they are unknown when read again.
    """
    out = Path(out)
    home = os.path.abspath(out.parent)  # noqa: PTH100 - as above
    known = {name: any((getattr(part, name) != UNKNOWN).any() for part in splits.values()) for name in COLUMNS[4:]}
    columns = [name for name in COLUMNS if known.get(name, True)]
    cell: dict[str, Callable[[Samples, int], object]] = {
        "path": lambda part, row: Path(os.path.relpath(str(part.path[row]), home)).as_posix(),
        "pid": lambda part, row: part.name_of(int(part.pid[row])),
    }
    written = 0
    with atomic(out) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(columns)
        for split, part in splits.items():
            for row in range(len(part)):
                values = {name: str(int(getattr(part, name)[row])) for name in columns if name not in (*cell, "split")}
                values = {name: "" if value == str(UNKNOWN) else value for name, value in values.items()}
                made = {name: str(cell[name](part, row)) for name in cell}
                line = {**values, **made, "split": split}
                table.writerow([line[name] for name in columns])
            written += len(part)
    return written


def _people_and_askable(
    pid: NDArray[np.int64], camid: NDArray[np.int32], *, crossing: bool
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return all people, and those who could be found again: seen by two cameras, else (not crossing) twice."""
    people, each = np.unique(pid, return_counts=True)
    return people, _seen_twice(pid, camid) if crossing else people[each > 1]


def _seen_twice(pid: NDArray[np.int64], camid: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return the people whom two cameras saw."""
    known = camid != UNKNOWN
    seen = np.unique(np.stack([pid[known], camid[known]], axis=1), axis=0)
    people, cameras = np.unique(seen[:, 0].astype(np.int64), return_counts=True)
    return people[cameras > 1].astype(np.int64)
