"""A plain folder of crops: `person/camera/*.jpg`, `person/*.jpg`, or whatever a pattern says.

The folders `train`, `query` and `gallery`, where there are such, are the split.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from sameperson.checks import InputError, existing_folder, nearest
from sameperson.data.dataset import Dataset
from sameperson.data.layout import Layout
from sameperson.data.readers.camera_folders import refuse_cameras_on_top
from sameperson.data.readers.files import pictures_below
from sameperson.data.readers.passed_over import note_outside_splits
from sameperson.data.readers.table import SPLITS, Table, as_columns, dataset_of, join_splits
from sameperson.types import strings

log = logging.getLogger(__name__)
FIELDS = ("pid", "camid", "clothes_id", "track_id", "frame")


def read_folder(root: Path, pattern: str | None = None) -> Dataset:
    """Read the dataset in the folder `root`; `pattern` as in `pattern_table`."""
    root = existing_folder(root, "a folder of people")
    parts = [part for part in SPLITS if (root / part).is_dir()]
    if "train" not in parts and not {"query", "gallery"} <= set(parts):
        return dataset_of(root.name, _table(root, pictures_below(root), pattern), root)
    note_outside_splits(root, parts)
    tables: dict[str, Table] = {}
    for part in parts:
        table = dict(_table(root / part, pictures_below(root / part), pattern))
        table["path"] = strings(f"{part}/") + table["path"]
        tables[part] = table
    return dataset_of(root.name, join_splits(tables, ("path", *FIELDS)), root)


def _table(root: Path, paths: list[str], pattern: str | None) -> Table:
    return pattern_table(root, paths, pattern) if pattern else layout_table(root, paths)


def layout_table(root: Path, paths: list[str]) -> Table:
    """Read person and camera from `person/camera/*.jpg` or `person/*.jpg`, whichever form all `paths` have.

    Raises InputError for other forms, and where the first folders look like cameras.
    """
    depth = paths[0].count("/")
    odd = next((path for path in paths if path.count("/") != depth), None)
    if odd or depth not in (1, 2):
        found = f"{root}: holds {paths[0]}" + (f" and {odd}" if odd else "")
        then = "or say where the person's name is, e.g. data.pattern='{pid}_*.jpg'"
        raise InputError(found, "person/camera/*.jpg throughout, or person/*.jpg throughout", then)
    refuse_cameras_on_top(root, paths)
    rows = ((path, *path.split("/")[:-1]) for path in paths)
    return as_columns(rows, ("path", "pid", "camid")[: depth + 1])


def pattern_table(root: Path, paths: list[str], pattern: str) -> Table:
    """Read labels from file names by a pattern such as `{pid}_c{camid}_*.jpg`.

    Fields are FIELDS; `*` stands for any run of characters without a slash, `**` for any run at all. A pattern
    without a slash must match the file's name, one with a slash the path below the folder. Pictures that do not match
    are left out, with a warning that counts them.
    """
    matches = compile_pattern(pattern)
    on_path = "/" in pattern
    names = list(matches.groupindex)
    unmatched: list[str] = []

    def rows() -> Iterator[Sequence[str]]:
        for path in paths:
            match = matches.fullmatch(path if on_path else path.rsplit("/")[-1])
            if match is None:
                unmatched.append(path)
            else:
                yield path, *(match[name] for name in names)

    table = as_columns(rows(), ("path", *names))
    if not len(table["path"]):
        example = paths[0] if on_path else paths[0].rsplit("/")[-1]
        raise InputError(
            f"{root}: pattern {pattern} matches no picture", f"one that matches {example}", "mend data.pattern"
        )
    if unmatched:
        log.warning("%s of %s pictures do not match %s, e.g. %s", len(unmatched), len(paths), pattern, unmatched[0])
    return table


def compile_pattern(pattern: str) -> re.Pattern[str]:
    """Turn a name pattern into a regular expression.

    >>> compile_pattern("{pid}_c{camid}_*.jpg").fullmatch("anna_c2_0017.jpg").groupdict()
    {'pid': 'anna', 'camid': '2'}
    """
    expression, fields = "", []
    for piece in re.split(r"(\{.*?\}|\*\*|\*)", pattern):
        if piece.startswith("{"):
            name = piece[1:-1]
            if name not in FIELDS or name in fields:
                twice = "twice" if name in fields else "no field"
                raise InputError(f"pattern {pattern}: {piece} is {twice}", "each field once", nearest(name, FIELDS))
            fields.append(name)
            expression += rf"(?P<{name}>-?\d+|[^/]+?)"
        else:
            expression += {"*": "[^/]*", "**": ".*"}.get(piece, re.escape(piece))
    if "pid" not in fields:
        raise InputError(f"pattern {pattern}: no {{pid}}", "a field for the person", "e.g. data.pattern='{pid}_*.jpg'")
    return re.compile(expression)


LAYOUT = Layout(
    name="folder",
    title="a folder of crops",
    read=read_folder,
    recognise=lambda path: path.is_dir(),
    about="person/camera/*.jpg, person/*.jpg, or what a pattern says; train/, val/, query/ and gallery/ are the split",
)
