"""A CSV with a header: `path,pid,camid` and, where known, `split,clothes_id,track_id,frame`.

Paths are relative to the CSV. Semicolons and tabs separate as well, as spreadsheets write them.
"""

from __future__ import annotations

import csv
import logging
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from sameperson.checks import InputError, existing_text, nearest
from sameperson.data.dataset import Dataset
from sameperson.data.layout import Layout
from sameperson.data.readers.files import forward_slashes
from sameperson.data.readers.passed_over import note_listed
from sameperson.data.readers.table import COLUMNS, Table, as_columns, dataset_of

log = logging.getLogger(__name__)
REQUIRED = ("path", "pid")
TRACKS = ("track", "tracks", "tracklet", "trackid", "trackletid", "tracklet_id")
"""Columns that are likely meant as `track_id`."""


def read_csv(root: Path, pattern: str | None = None) -> Dataset:  # noqa: ARG001 - readers share one signature
    """Read the dataset that the CSV `root` lists."""
    table = csv_table(root, REQUIRED)
    note_listed(root, root.parent, table["path"].tolist(), table["split"].tolist() if "split" in table else None)
    return dataset_of(root.stem, table, root.parent)


def csv_table(file: Path, required: tuple[str, ...]) -> Table:
    """Read the known columns of a CSV, as text.

    Raises:
        InputError: no such file, no text, a required column or a cell is missing, or no row.
    """
    file = existing_text(file, "a CSV file")
    try:
        with file.open(newline="", encoding="utf-8-sig") as lines:
            header = lines.readline()
            lines.seek(0)
            rows = csv.reader(lines, delimiter=max(",;\t", key=header.count))
            names = [name.strip().lower() for name in next(rows, [])]
            require_columns(file, names, required)
            if "track_id" not in names and (meant := next((name for name in names if name in TRACKS), None)):
                log.warning("note: %s: column %s is not read; name it track_id if it says tracklets", file, meant)
            table = as_columns(
                rows_of_width(file, rows, len(names)), [name if name in COLUMNS else "" for name in names]
            )
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{file}: not a CSV ({error})", "UTF-8 text with a header", "save it as CSV, UTF-8") from error
    if not len(table["path"]):
        raise InputError(f"{file}: no rows", "a line for each picture", f"write {','.join(COLUMNS)} and so on")
    return {**table, "path": forward_slashes(file.parent, table["path"])}


def require_columns(file: Path, names: Sequence[str], required: Sequence[str]) -> None:
    """Raise InputError for a header that lacks a required column or names one twice."""
    for column in required:
        if column not in names:
            found = f"{file}: columns {', '.join(names) or 'none'}"
            raise InputError(found, f"a {column} column", f"name one {column}; {nearest(column, names)}")
    for column in COLUMNS:
        if names.count(column) > 1:
            raise InputError(f"{file}: column {column} twice", "each column once", "remove one of them")


def rows_of_width(file: Path, rows: Iterable[list[str]], width: int) -> Iterator[list[str]]:
    """Yield the rows that are not empty; raises InputError for one that is longer or shorter than the header."""
    for number, row in enumerate(rows, start=2):
        if row and len(row) != width:
            found = f"{file}: line {number} has {len(row)} cells"
            raise InputError(found, f"{width}, one for each column", "put quotes around cells that hold commas")
        if row:
            yield row


LAYOUT = Layout(
    name="csv",
    title="a CSV table",
    read=read_csv,
    recognise=lambda path: path.suffix.lower() == ".csv" and path.is_file(),
    about="columns path, pid, camid and, where known, split, clothes_id, track_id, frame",
)
