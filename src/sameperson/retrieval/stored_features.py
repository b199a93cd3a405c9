"""Stored features, made elsewhere or by `sameperson embed`, with the labels that they are evaluated by.

| file | holds |
|---|---|
| .parquet | what `sameperson embed` writes |
| .npy | (N, D), beside it a CSV of the same name as the CSV reader takes it, rows in the order of the array |
| .mat | query_f, query_label, query_cam and the same of gallery (see `mat_features`) |
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sameperson.checks import InputError
from sameperson.data.dataset import Dataset
from sameperson.data.readers.csv_table import csv_table
from sameperson.data.readers.label_text import number_labels
from sameperson.data.readers.table import Table, dataset_of, join_splits
from sameperson.data.split import across_cameras, query_and_gallery
from sameperson.priors.name_match import RowsByName, rows_by_name
from sameperson.retrieval.mat_features import read_mat
from sameperson.retrieval.npy_table import read_npy
from sameperson.retrieval.store import read_store
from sameperson.types import DISTRACTOR, Embeddings, Rows, Samples, strings

SIDES = ("query", "gallery")
NEARLY = 1e-3
"""How far two features of one picture may lie apart; a network's rounding depends on what is in its batch."""
EXPECTED = "one file, or one of the queries and one of the gallery"


@dataclass(frozen=True)
class StoredFeatures:
    """N features with their pictures.

    source: the files, in words. network: what made them, as far as the files say. samples: path of each row and, in a
    Parquet, its labels. table: the labels as text where they are not settled yet, with a column `split` where the files
    tell queries from the gallery; None for a Parquet. queries: how many rows the first of two files holds, None for
    one. notes: on what was passed over. named: whether rows have the paths of pictures.
    """

    source: str
    network: str
    samples: Samples
    embeddings: Embeddings
    table: Table | None
    queries: int | None = None
    notes: tuple[str, ...] = ()
    named: bool = True


def read_features(files: Sequence[Path], alone: bool) -> StoredFeatures:
    """Read a file of features, or one of the queries and one of the gallery.

    alone: whether the labels must come from the files. Raises InputError for files of other forms, or damaged ones, for
    features that are not finite, and where counts contradict each other.
    """
    strange = next((file for file in files if file.suffix.lower() not in FORMS), None)
    if strange is not None:
        expected = f"a file of features: {', '.join(FORMS)}"
        raise InputError(f"--features {strange}", expected, "name the dataset before --features")
    forms = {FORMS[file.suffix.lower()] for file in files}
    if len(files) > len(SIDES) or len(forms) > 1 or (len(files) > 1 and forms == {_mat}):
        found = f"{len(files)} files of features: {', '.join(file.name for file in files)}"
        raise InputError(found, f"{EXPECTED}, both .parquet or both .npy", "name the dataset before --features")
    (form,) = forms
    read = [form(file, alone) for file in files]
    if len(read) == 1:
        return read[0]
    one, other = read
    if one.embeddings.features.shape[1] != other.embeddings.features.shape[1]:
        widths = f"{one.embeddings.features.shape[1]} and {other.embeddings.features.shape[1]}"
        raise InputError(f"{one.source}, {other.source}: features of {widths} numbers", "one width", "embed them again")
    if one.table is None and one.embeddings.fingerprint != other.embeddings.fingerprint:
        found = f"{one.source} is of {one.embeddings.fingerprint}, {other.source} of {other.embeddings.fingerprint}"
        raise InputError(found, "one network for both", "embed them again with one network")
    return _joined(one, other)


def standing_alone(stored: StoredFeatures) -> tuple[Dataset, Rows, Rows]:
    """The dataset that the files' own labels make, and the rows of its queries and of its gallery.

    Without a split in the files, both are chosen as from a folder of pictures (`split.query_and_gallery`).
    Raises InputError where nobody is named.
    """
    numbers = strings([str(row) for row in range(len(stored.samples))])
    if stored.table is not None:
        dataset = dataset_of(stored.source, {**stored.table, "path": numbers}, Path(stored.source), priors={})
    else:
        samples = replace(stored.samples, path=numbers)
        if stored.queries is None:
            query, gallery = query_and_gallery(samples)
        else:
            query, gallery = samples.take(slice(stored.queries)), samples.take(slice(stored.queries, None))
        protocol = "market1501" if across_cameras(samples) else "camera_blind"
        dataset = Dataset(stored.source, samples, query, gallery, protocol)
    if not (dataset.query.pid > DISTRACTOR).any() or not len(dataset.gallery):
        found = f"{stored.source}: labels of nobody who could be found again"
        then = "give the dataset too, whose labels count then: sameperson evaluate DATA --features ..."
        raise InputError(found, "a person for each picture, and two pictures of somebody", then)
    rows = [side.path.astype(np.int64) for side in (dataset.query, dataset.gallery)]
    named = [
        replace(side, path=stored.samples.path[row], root=stored.samples.root)
        for side, row in zip((dataset.query, dataset.gallery), rows, strict=True)
    ]
    return replace(dataset, query=named[0], gallery=named[1]), rows[0], rows[1]


@dataclass(frozen=True)
class RowsOfPictures:
    """Finds the stored row of each picture by its path."""

    stored: StoredFeatures
    by_path: dict[str, int]

    @classmethod
    def of(cls, stored: StoredFeatures) -> RowsOfPictures:
        """Index the rows by path; raises InputError for features without paths, and for two features of one picture."""
        if not stored.named:
            found = f"{stored.source} with a dataset: features without paths, but with labels of their own"
            raise InputError(found, "the .mat file alone", f"sameperson evaluate --features {stored.source}")
        features, by_path = stored.embeddings.features, dict[str, int]()
        for row, path in enumerate(_absolute(stored.samples)):
            first = by_path.setdefault(path, row)
            if first != row and not np.allclose(features[first], features[row], NEARLY, NEARLY):
                found = f"{stored.source}: two features of {path}"
                raise InputError(found, "one feature a picture", "take one of its rows out, or embed it again")
        return cls(stored, by_path)

    def find(self, samples: Samples) -> Rows:
        """The row of each picture (N,), -1 where there is none.

        It is found by its place on disk, and else, where a tree has moved, by an end of its path that only one row has.
        """
        paths = _absolute(samples)
        rows = np.array([self.by_path.get(path, -1) for path in paths], np.int64)
        lost = np.flatnonzero(rows < 0)
        if len(lost):
            endings = self.endings()
            found = (endings.find(str(samples.path[row])) for row in lost)
            rows[lost] = [-1 if row is None else row for row in found]
        return rows

    def endings(self) -> RowsByName:
        """The rows by the ends of their paths."""
        whole = [path.lstrip("/") for path in self.by_path]
        named = rows_by_name(Samples.of(whole, np.zeros(len(whole), np.int64)))
        place = list(self.by_path.values())
        return RowsByName(
            {name: place[row] for name, row in named.by_path.items()},
            {name: place[row] for name, row in named.by_ending.items()},
        )


def _absolute(samples: Samples) -> list[str]:
    """Where each picture lies on disk, links among the folders above the root resolved."""
    root = str(samples.root.resolve())
    return [os.path.normpath(os.path.join(root, str(path))) for path in samples.path.tolist()]  # noqa: PTH118 - half the time of a Path


def _parquet(file: Path, _: bool) -> StoredFeatures:
    store = read_store(file)
    return StoredFeatures(str(file), store.network, store.samples, store.embeddings, None)


def _npy(file: Path, alone: bool) -> StoredFeatures:
    beside = file.with_suffix(".csv")
    if not beside.exists():
        found = f"{file}: no {beside.name} beside it"
        raise InputError(found, "a CSV path,pid,camid with a line for each row", f"write {beside}")
    features = read_npy(file)
    table = csv_table(beside, ("path", "pid") if alone else ("path",))
    if len(table["path"]) != len(features):
        found = f"{beside}: {len(table['path'])} lines for the {len(features)} rows of {file.name}"
        raise InputError(found, "a line for each row, in the order of the array", "write both anew")
    samples = Samples.of(table["path"], np.zeros(len(features), np.int64), root=beside.parent)
    return StoredFeatures(str(file), str(file), samples, _embeddings(features, str(file)), table)


def _mat(file: Path, _: bool) -> StoredFeatures:
    features, table, notes = read_mat(file)
    samples = Samples.of(table["path"], np.zeros(len(features), np.int64), root=file)
    return StoredFeatures(
        str(file), str(file), samples, _embeddings(features, str(file)), table, notes=notes, named=False
    )


FORMS: dict[str, Callable[[Path, bool], StoredFeatures]] = {".parquet": _parquet, ".npy": _npy, ".mat": _mat}
"""Ending -> what reads such a file."""


def _embeddings(features: NDArray[Any], source: str) -> Embeddings:
    """Features as float32, with a fingerprint of their bytes. Raises InputError for what is not finite."""
    with np.errstate(over="ignore"):
        features = np.ascontiguousarray(features, np.float32)
    wrong = ~np.isfinite(features).all(axis=1)
    if wrong.any():
        found = f"{source}: {int(wrong.sum())} features that are not finite, the first in row {int(wrong.argmax())}"
        raise InputError(found, "finite numbers", "check the network that made them")
    return Embeddings(features, f"features-{hashlib.blake2b(features.data, digest_size=6).hexdigest()}")


def _joined(one: StoredFeatures, other: StoredFeatures) -> StoredFeatures:
    """Queries and gallery of two files as the rows of one, people numbered together."""
    source, count = f"{one.source}, {other.source}", len(one.samples)
    features = np.concatenate([one.embeddings.features, other.embeddings.features])
    table, fingerprint = None, one.embeddings.fingerprint
    if one.table is not None and other.table is not None:
        table = join_splits(dict(zip(SIDES, (one.table, other.table))), sorted({*one.table, *other.table} - {"split"}))
        fingerprint = _embeddings(features, source).fingerprint
    paths = [path for samples in (one.samples, other.samples) for path in _absolute(samples)]
    pid, names = _one_numbering(one.samples, other.samples)
    camid = np.concatenate([one.samples.camid, other.samples.camid])
    samples = Samples.of(paths, pid, camid, names=names)
    network = one.network if table is None else source
    return StoredFeatures(source, network, samples, Embeddings(features, fingerprint), table, count)


def _one_numbering(one: Samples, other: Samples) -> tuple[NDArray[np.int64], dict[int, str]]:
    """Number the people of two files together by their labels, since each file numbers names on its own."""
    pid = np.concatenate([one.pid, other.pid])
    if not one.names and not other.names:
        return pid, {}
    someone = pid > DISTRACTOR
    labels = [samples.name_of(who) for samples in (one, other) for who in samples.pid.tolist() if who > DISTRACTOR]
    numbered = number_labels(strings(labels), first=1)
    numbers, names = numbered.numbers.copy(), dict(numbered.names)
    if (numbers == DISTRACTOR).any():  # somebody whose label is 0
        stand_in = int(numbers.max()) + 1
        numbers[numbers == DISTRACTOR] = stand_in
        names[stand_in] = names.pop(DISTRACTOR, "0")
    pid[someone] = numbers
    return pid, names
