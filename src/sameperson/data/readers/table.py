"""Turns text columns into a dataset; the readers of folders, CSVs and lists share it.

Labels may be numbers or names (see `label_text`). Numbers stay as they are; names are numbered in sorted order. A
column is one compact array of text (numpy's StringDType), so that a million rows are read in seconds and cost what
their letters cost.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sameperson.checks import InputError, nearest
from sameperson.data.dataset import Dataset
from sameperson.data.readers.label_text import CHUNK, number_labels, several_spellings
from sameperson.data.readers.label_text import LARGEST as LABEL
from sameperson.data.split import across_cameras, query_and_gallery
from sameperson.data.tracklets import any_tracks, in_tracklets, tell_tracks_apart
from sameperson.priors.locations import find_priors
from sameperson.types import DISTRACTOR, UNKNOWN, Samples, strings

Text = NDArray[Any]
"""(N,) StringDType."""
Table = Mapping[str, Text]
"""Column -> text of each row. `path` is always there; see COLUMNS for the others. Empty text is unknown."""

log = logging.getLogger(__name__)
COLUMNS = ("path", "pid", "camid", "split", "clothes_id", "track_id", "frame")
SPLITS = ("train", "val", "query", "gallery")
LARGEST = 2**31 - 1
"""The largest number in the int32 columns of `Samples`."""


def as_columns(rows: Iterable[Sequence[str]], names: Sequence[str]) -> dict[str, Text]:
    """Turn rows of text into columns named `names`, a chunk at a time; a column without a name is left out."""
    chunks: dict[str, list[Text]] = {name: [] for name in names if name}
    held: list[Sequence[str]] = []

    def put_away() -> None:
        for name, column in zip(names, zip(*held, strict=True), strict=False):
            if name:
                chunks[name].append(strings(column))
        held.clear()

    for row in rows:
        held.append(row)
        if len(held) == CHUNK:
            put_away()
    put_away()
    return {name: np.concatenate(parts) if parts else strings([]) for name, parts in chunks.items()}


def join_splits(tables: Mapping[str, Table], names: Sequence[str]) -> dict[str, Text]:
    """Join the tables of several splits, with the split as a column; what a table lacks is unknown."""
    blank = {part: np.full(len(table["path"]), "", strings([]).dtype) for part, table in tables.items()}
    columns = {name: np.concatenate([table.get(name, blank[part]) for part, table in tables.items()]) for name in names}
    columns["split"] = np.concatenate([blank[part] + part for part in tables])
    return columns


def dataset_of(name: str, table: Table, root: Path, priors: Mapping[str, Path] | None = None) -> Dataset:
    """Make a dataset from its table.

    Without a split column every row is for training. Where the table has neither query nor gallery rows, both are
    chosen from the training rows. Where a query or a gallery row has a tracklet, queries and gallery are tracklets.
    Raises InputError for a split of another name, for a query without a gallery, and for
    numbers too large.
    """
    split = _splits(table, root)
    samples = samples_of({**table, "split": split}, root, priors)
    tested = np.isin(split, ["query", "gallery"])
    tested = tested if tested.any() else split == "train"
    tracks = any_tracks(samples.take(tested))
    if tracks:
        _note_alone(samples.take(tested), root)
        samples = in_tracklets(samples)
    train, val, query, gallery = (samples.take(split == part) for part in SPLITS)
    if not len(query) and not len(gallery):
        query, gallery = query_and_gallery(train, tracks=tracks)
    elif not len(query) or not len(gallery):
        lacking = "query" if not len(query) else "gallery"
        raise InputError(f"{root}: no {lacking} pictures", "both query and gallery, or neither", f"add the {lacking}")
    protocol = "market1501" if across_cameras(samples) else "camera_blind"
    spellings = {column: several_spellings(table.get(column)) for column in ("pid", "camid")}
    val = val if len(val) else None
    return Dataset(name, train, query, gallery, protocol, val=val, tracks=tracks, spellings=spellings)


def _note_alone(samples: Samples, root: Path) -> None:
    """Count the pictures without a tracklet among others that have one."""
    alone = np.flatnonzero(samples.track_id == UNKNOWN)
    if len(alone):
        says = "note: %s: %s of %s test pictures without a track_id, each a tracklet of its own, e.g. %s"
        log.warning(says, root, len(alone), len(samples), samples.path[alone[0]])


def samples_of(table: Table, root: Path, priors: Mapping[str, Path] | None = None) -> Samples:
    """Make samples from a table; missing labels are unknown (-1), and priors None stands for those beside `root`."""
    count = len(table["path"])
    pid, names = _people(table.get("pid"), table.get("split"), count)
    columns = {"frame": _numbers(table.get("frame"), count)}
    for column in ("camid", "track_id"):
        columns[column] = _numbers(table.get(column), count, LARGEST)  # a larger number is a name
    columns["track_id"] = tell_tracks_apart(pid, columns["camid"], columns["track_id"])
    columns["clothes_id"] = _clothes(table.get("clothes_id"), pid, count)
    for column, numbers in columns.items():
        if np.abs(numbers).max(initial=0) > LARGEST:
            found = f"{root}: {column} {numbers[np.abs(numbers).argmax()]}"
            raise InputError(found, f"numbers up to {LARGEST}", "count from 0")
    return Samples.of(
        table["path"], pid, root=root, names=names, priors=find_priors(root) if priors is None else priors, **columns
    )


def _people(labels: Text | None, split: Text | None, count: int) -> tuple[NDArray[np.int64], dict[int, str]]:
    """Return pids, and the user's names of those that are not plainly numbers.

    Person 0 of a user who counts from 0 is a person; it is a distractor only if all of its pictures are in the gallery.
    """
    if labels is None:
        return np.full(count, UNKNOWN, np.int64), {}
    numbered = number_labels(labels, first=1)
    pid, names = numbered.numbers, numbered.names
    zero = pid == DISTRACTOR
    if zero.any() and (split is None or (zero & (split != "gallery")).any()):
        stand_in = int(pid.max()) + 1
        pid[zero] = stand_in
        names[stand_in] = names.pop(DISTRACTOR, "0")
    return pid, names


def _numbers(labels: Text | None, count: int, largest: int = LABEL) -> NDArray[np.int64]:
    return np.full(count, UNKNOWN, np.int64) if labels is None else number_labels(labels, largest=largest).numbers


def _clothes(labels: Text | None, pid: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Make clothes_id unique across people: outfit 1 of one person is not outfit 1 of another."""
    clothes = _numbers(labels, count)
    worn = clothes != UNKNOWN
    pairs, outfit = np.unique(np.stack([pid, clothes], axis=1)[worn], axis=0, return_inverse=True)
    if len(np.unique(pairs[:, 1])) < len(pairs):
        clothes[worn] = outfit
    return clothes


def _splits(table: Table, root: Path) -> Text:
    given = table.get("split")
    split = strings([]) if given is None else strings([part.lower() for part in np.strings.strip(given)])
    if not (split != "").any():
        return np.full(len(table["path"]), "train", strings([]).dtype)
    for part in np.unique(split):
        if part not in SPLITS:
            found = f"{root}: split {str(part)!r} of {table['path'][np.argmax(split == part)]}"
            raise InputError(found, "train, val, query or gallery", nearest(part, SPLITS))
    return split
