"""List files: one line `image_path pid camid` for each picture, split from the right so that paths may hold spaces.

Lines `image_path pid` without cameras are read as well; which form a file has, its first line says. Either one file,
or a folder (or its `list/`) with `train.txt`, `query.txt` and `gallery.txt`. Paths are relative to the file, or to the
folder.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from sameperson.checks import InputError, existing_text
from sameperson.data.dataset import Dataset
from sameperson.data.layout import Layout
from sameperson.data.readers.files import forward_slashes, is_picture
from sameperson.data.readers.passed_over import note_listed
from sameperson.data.readers.table import SPLITS, Table, as_columns, dataset_of, join_splits

FIELDS = ("path", "pid", "camid")
LAST_WORD = re.compile(r"(.*[^ \t])[ \t]+([^ \t]+)[ \t]*[\r\n]*", re.DOTALL)
"""A line without its last word, and that word; only spaces and tabs separate, whatever else a label may hold."""


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
    """Read path, pid and, where the lines have it, camid of each line of one file, as text."""
    file = existing_text(file, "a list file")
    try:
        with file.open(encoding="utf-8-sig") as lines:
            first = next((line for line in lines if line.strip()), "")
            lines.seek(0)
            fields = FIELDS[:2] if _without_camera(first) else FIELDS
            table = as_columns(_words(file, lines, fields), fields)
    except UnicodeDecodeError as error:
        raise InputError(f"{file}: not UTF-8 text", "lines `image_path pid camid`", "save it as UTF-8") from error
    if not len(table["path"]):
        raise InputError(f"{file}: no lines", "`image_path pid camid` for each picture", "check which file this is")
    return {**table, "path": forward_slashes(file.parent, table["path"])}


def _without_camera(line: str) -> bool:
    """Tell whether a line is `image_path pid`: the path ends right before its last word, and no earlier."""
    words = LAST_WORD.fullmatch(line)
    if words is None or not is_picture(_name(words[1])):
        return False
    earlier = LAST_WORD.fullmatch(words[1])
    return earlier is None or not is_picture(_name(earlier[1]))


def _name(path: str) -> str:
    return path.replace("\\", "/").rpartition("/")[2].lstrip(".")


def _words(file: Path, lines: Iterable[str], fields: Sequence[str]) -> Iterator[Sequence[str]]:
    form = f"`image_{' '.join(fields)}`"
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        rest, words = line.strip("\r\n"), []
        while len(words) < len(fields) - 1 and (match := LAST_WORD.fullmatch(rest)):
            rest, word = match.groups()
            words.insert(0, word)
        if len(words) < len(fields) - 1:
            found = f"{file}: line {number} is {line.strip()!r}"
            raise InputError(found, f"{form} as in its first line", "write each label after the path, behind a space")
        if len(fields) < len(FIELDS) and not _without_camera(line):
            found = f"{file}: line {number} is {line.strip()!r}"
            raise InputError(found, f"{form} as in its first line", "give all lines a camera, or none")
        yield rest.lstrip(" \t"), *words


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
