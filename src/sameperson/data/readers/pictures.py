"""Reads any pictures that a user gives: one file, a folder of any shape, a CSV or a list."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sameperson.checks import InputError
from sameperson.data.readers.csv_table import csv_table
from sameperson.data.readers.files import is_picture, pictures_below, require_utf8
from sameperson.data.readers.folder import pattern_table
from sameperson.data.readers.list_file import list_table
from sameperson.data.readers.market1501 import market_name
from sameperson.data.readers.passed_over import note_listed
from sameperson.data.readers.table import Table, samples_of
from sameperson.types import JUNK, UNKNOWN, Samples


def read_pictures(path: Path, pattern: str | None = None) -> Samples:
    """Read pictures and, where a name or a table states them, their labels; otherwise pid and camid are -1.

    The labels of a picture or a folder come from a `pattern` (see `readers.folder`) or from names in Market-1501's
    form. A CSV needs only a `path` column; a list has lines `image_path pid camid`.
    """
    if path.is_dir():
        names = pictures_below(path)
        return samples_of(pattern_table(path, names, pattern), path) if pattern else _unlabelled(names, path)
    if not path.exists():
        raise InputError(
            f"{path}: no such file or folder", "pictures: a file, a folder, a CSV or a list", "check the path"
        )
    if is_picture(path.name):
        names = [path.name]
        root = path.parent
        require_utf8(root, names)
        return samples_of(pattern_table(root, names, pattern), root) if pattern else _unlabelled(names, root)
    if path.suffix.lower() == ".csv":
        return _listed(csv_table(path, ("path",)), path)
    if path.suffix.lower() == ".txt":
        return _listed(list_table(path), path)
    raise InputError(f"{path}: not pictures", "a .jpg or .png, a folder, a .csv or a .txt list", "check the path")


def _listed(table: Table, file: Path) -> Samples:
    """Make samples of a table or list, with notes on rows that repeat and on files that are absent."""
    split = table["split"].tolist() if "split" in table else None
    note_listed(file, file.parent, table["path"].tolist(), split)
    return samples_of(table, file.parent)


def _unlabelled(names: list[str], root: Path) -> Samples:
    """Make samples of pictures, with the labels of those whose names are of Market-1501's form."""
    who = [market_name(name) or (JUNK, UNKNOWN) for name in names]
    pid, camid = np.array(who).T
    return Samples.of(names, pid, camid, root=root)
