"""Text columns become a dataset: what folder, CSV and list have in common.

Labels may be numbers or names. Numbers stay as they are; names are numbered in sorted order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sameperson.checks import InputError, nearest
from sameperson.data.dataset import Dataset
from sameperson.data.split import across_cameras, query_and_gallery
from sameperson.types import DISTRACTOR, JUNK, UNKNOWN, Samples

Table = Mapping[str, Sequence[str]]
"""Column -> text of each row. `path` is always there; see COLUMNS for the others. Empty text is unknown."""

COLUMNS = ("path", "pid", "camid", "split", "clothes_id", "track_id", "frame")
SPLITS = ("train", "query", "gallery")
LARGEST = 2**31 - 1
"""What the columns of `Samples` hold, pids aside."""


def dataset_of(name: str, table: Table, root: Path) -> Dataset:
    """A dataset from its table.

    Without a split every row can serve for training, and query and gallery are made of the same rows; so they are
    made of the training rows where the split names no others.
    """
    split = _splits(table, root)
    samples = samples_of({**table, "split": split.tolist()}, root)
    train, query, gallery = (samples.take(split == part) for part in SPLITS)
    if not len(query) and not len(gallery):
        query, gallery = query_and_gallery(train)
    elif not len(query) or not len(gallery):
        lacking = "query" if not len(query) else "gallery"
        raise InputError(f"{root}: no {lacking} pictures", "both query and gallery, or neither", f"add the {lacking}")
    protocol = "market1501" if across_cameras(samples) else "camera_blind"
    return Dataset(name, train, query, gallery, protocol)


def samples_of(table: Table, root: Path) -> Samples:
    """Samples from a table; who or where is not written down is unknown (-1)."""
    count = len(table["path"])
    split = np.asarray(table.get("split", [""] * count))
    pid, names = _people(table.get("pid"), split, count)
    columns = {column: _numbers(table.get(column), count)[0] for column in ("camid", "track_id", "frame")}
    columns["clothes_id"] = _clothes(table.get("clothes_id"), pid, count)
    for column, numbers in columns.items():
        if np.abs(numbers).max(initial=0) > LARGEST:
            found = f"{root}: {column} {numbers[np.abs(numbers).argmax()]}"
            raise InputError(found, f"numbers up to {LARGEST}", "count from 0")
    return Samples.of(table["path"], pid, root=root, names=names, **columns)


def _people(
    labels: Sequence[str] | None, split: NDArray[np.str_], count: int
) -> tuple[NDArray[np.int64], dict[int, str]]:
    """pids, and the users' names of those that are not plainly numbers.

    Person 0 of a user who counts from 0 is a person; only where all of 0 lies in the gallery is it a distractor.
    """
    pid, names = _numbers(labels, count, first=1)
    zero = pid == DISTRACTOR
    if (zero & (split != "gallery")).any():
        stand_in = int(pid.max()) + 1
        pid[zero] = stand_in
        names = {stand_in: "0"}
    return pid, names


def _numbers(labels: Sequence[str] | None, count: int, first: int = 0) -> tuple[NDArray[np.int64], dict[int, str]]:
    """Labels as numbers, and number -> name where they were names."""
    if labels is None:
        return np.full(count, UNKNOWN), {}
    text = [label.strip() for label in labels]
    try:
        return np.array([int(label) if label else UNKNOWN for label in text], np.int64), {}
    except (ValueError, OverflowError):
        known = sorted({label for label in text if label not in ("", str(JUNK))})
        number = {label: place for place, label in enumerate(known, start=first)}
        return np.array([number.get(label, UNKNOWN) for label in text], np.int64), {v: k for k, v in number.items()}


def _clothes(labels: Sequence[str] | None, pid: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """clothes_id, unique across people: outfit 1 of one person is not outfit 1 of another."""
    clothes, _ = _numbers(labels, count)
    worn = clothes != UNKNOWN
    pairs, outfit = np.unique(np.stack([pid, clothes], axis=1)[worn], axis=0, return_inverse=True)
    if len(np.unique(pairs[:, 1])) < len(pairs):
        clothes[worn] = outfit
    return clothes


def _splits(table: Table, root: Path) -> NDArray[np.str_]:
    split = np.array([part.strip().lower() for part in table.get("split", [])])
    if not len(split) or not split.astype(bool).any():
        return np.full(len(table["path"]), "train")
    for row, part in enumerate(split):
        if part not in SPLITS:
            found = f"{root}: split {str(part)!r} of {table['path'][row]}"
            raise InputError(found, "train, query or gallery", nearest(part, SPLITS))
    return split
