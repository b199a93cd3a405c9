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
        raise InputError("pictures that are drawn, not files", "files to list in a CSV", "write them first: world make")
    rows, left_out = usable_rows(splits, stats)
    everyone = merge_splits(splits, rows)
    if not tracks:
        everyone = replace(everyone, track_id=np.full(len(everyone), UNKNOWN, np.int32))
    someone = everyone.take(everyone.pid > DISTRACTOR)
    people, each = np.unique(someone.pid, return_counts=True)
    crossing = across_cameras(someone)
    askable = _seen_twice(someone) if crossing else people[each > 1]
    count = min(max(2, round(test * len(people))), len(askable))
    held = 0 if val == 0 else max(2, round(val * len(people)))
    if count < 2 or len(people) - count - held < 2:
        found = f"{len(people)} people, {len(askable)} of whom can be asked for"
        expected = f"at least 2 to train on, {held} to validate on and 2 to test on"
        raise InputError(found, expected, "lower --test-fraction or --val-fraction, or add people")
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


def _seen_twice(samples: Samples) -> NDArray[np.int64]:
    """Return the people whom two cameras saw."""
    known = samples.camid != UNKNOWN
    seen = np.unique(np.stack([samples.pid[known], samples.camid[known]], axis=1), axis=0)
    people, cameras = np.unique(seen[:, 0].astype(np.int64), return_counts=True)
    return people[cameras > 1].astype(np.int64)
