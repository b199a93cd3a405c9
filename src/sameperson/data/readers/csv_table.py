"""A CSV with a header: `path,pid,camid` and, where known, `split,clothes_id,track_id,frame`.

Paths are relative to the CSV. Semicolons and tabs separate as well, as spreadsheets write them.
"""

from __future__ import annotations

import csv
from io import StringIO
from pathlib import Path

from sameperson.checks import InputError, existing_file, nearest
from sameperson.data.dataset import Dataset
from sameperson.data.layout import Layout
from sameperson.data.readers.table import COLUMNS, Table, dataset_of

REQUIRED = ("path", "pid")


def read_csv(root: Path, pattern: str | None = None) -> Dataset:  # noqa: ARG001 - readers share one signature
    """The dataset that the CSV `root` lists."""
    table = csv_table(root, REQUIRED)
    return dataset_of(root.stem, table, root.parent)


def csv_table(file: Path, required: tuple[str, ...]) -> Table:
    """The known columns of a CSV, as text.

    Raises:
        InputError: no such file, no text, a required column or a cell is missing, or no row.
    """
    file = existing_file(file, "a CSV file")
    try:
        text = file.read_text(encoding="utf-8-sig")
        header = text.partition("\n")[0]
        rows = list(csv.reader(StringIO(text), delimiter=max(",;\t", key=header.count)))
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{file}: not a CSV ({error})", "UTF-8 text with a header", "save it as CSV, UTF-8") from error
    names = [name.strip().lower() for name in rows[0]] if rows else []
    for column in required:
        if column not in names:
            found = f"{file}: columns {', '.join(names) or 'none'}"
            raise InputError(found, f"a {column} column", f"name one {column}; {nearest(column, names)}")
    for number, row in enumerate(rows, start=1):
        if row and len(row) != len(names):
            found = f"{file}: line {number} has {len(row)} cells"
            raise InputError(found, f"{len(names)}, one for each column", "put quotes around cells that hold commas")
    cells = [row for row in rows[1:] if row]
    if not cells:
        raise InputError(f"{file}: no rows", "a line for each picture", f"write {','.join(COLUMNS)} and so on")
    columns = dict(zip(names, zip(*cells, strict=True), strict=True))
    return {name: columns[name] for name in COLUMNS if name in columns}


LAYOUT = Layout(
    name="csv",
    title="a CSV table",
    read=read_csv,
    recognise=lambda path: path.suffix.lower() == ".csv" and path.is_file(),
    about="columns path, pid, camid and, where known, split, clothes_id, track_id, frame",
)
