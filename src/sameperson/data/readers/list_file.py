"""List files: one line `image_path pid camid` for each picture, split from the right so that paths may hold spaces.

Either one file, or a folder (or its `list/`) with `train.txt`, `query.txt` and `gallery.txt`. Paths are relative to
the file, or to the folder.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from sameperson.checks import InputError, existing_file
from sameperson.data.dataset import Dataset
from sameperson.data.layout import Layout
from sameperson.data.readers.passed_over import note_listed
from sameperson.data.readers.table import SPLITS, Table, as_columns, dataset_of, join_splits

FIELDS = ("path", "pid", "camid")


def read_list(root: Path, pattern: str | None = None) -> Dataset:  # noqa: ARG001 - readers share one signature
    """Read the dataset that the list file `root`, or the lists in the folder `root`, name."""
    if not root.is_dir():
        table = list_table(root)
        note_listed(root, root.parent, table["path"].tolist())
        return dataset_of(root.stem, table, root.parent)
    place = root / "list" if (root / "list").is_dir() else root
    files = {part: place / f"{part}.txt" for part in SPLITS if (place / f"{part}.txt").exists()}
    if not files:
        raise InputError(f"{place}: no list files", "train.txt, query.txt, gallery.txt", "or give one list file")
    columns = join_splits({part: list_table(file) for part, file in files.items()}, FIELDS)
    note_listed(place, root, columns["path"].tolist(), columns["split"].tolist())
    return dataset_of(root.name, columns, root)


def list_table(file: Path) -> Table:
    """Read path, pid and camid of each line of one file, as text."""
    file = existing_file(file, "a list file")
    try:
        with file.open(encoding="utf-8-sig") as lines:
            table = as_columns(_words(file, lines), FIELDS)
    except UnicodeDecodeError as error:
        raise InputError(f"{file}: not UTF-8 text", "lines `image_path pid camid`", "save it as UTF-8") from error
    if not len(table["path"]):
        raise InputError(f"{file}: no lines", "`image_path pid camid` for each picture", "check which file this is")
    return table


def _words(file: Path, lines: Iterable[str]) -> Iterator[Sequence[str]]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        row = line.rsplit(maxsplit=2)
        if len(row) < len(FIELDS):
            found = f"{file}: line {number} is {line.strip()!r}"
            raise InputError(found, "`image_path pid camid`", "put one space between them")
        yield row


LAYOUT = Layout(
    name="list",
    title="list files",
    read=read_list,
    recognise=lambda path: (
        (path.suffix.lower() == ".txt" and path.is_file())
        or any((place / "train.txt").is_file() for place in (path, path / "list"))
    ),
    about="lines `image_path pid camid` in train.txt, query.txt and gallery.txt, or in one file",
)
