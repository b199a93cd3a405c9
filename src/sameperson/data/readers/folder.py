"""A plain folder of crops: `person/camera/*.jpg`, `person/*.jpg`, or whatever a pattern says.

The folders `train`, `query` and `gallery`, where there are such, are the split.
"""

from __future__ import annotations

import logging
import re
from pathlib import Path

from sameperson.checks import InputError, existing_folder, nearest
from sameperson.data.dataset import Dataset
from sameperson.data.layout import Layout
from sameperson.data.readers.files import pictures_below
from sameperson.data.readers.table import SPLITS, Table, dataset_of

log = logging.getLogger(__name__)
FIELDS = ("pid", "camid", "clothes_id", "track_id", "frame")


def read_folder(root: Path, pattern: str | None = None) -> Dataset:
    """The dataset in the folder `root`; `pattern` as in `pattern_table`."""
    root = existing_folder(root, "a folder of people")
    parts = [part for part in SPLITS if (root / part).is_dir()]
    if "train" not in parts and len(parts) < 2:
        return dataset_of(root.name, _table(root, pictures_below(root), pattern), root)
    columns: dict[str, list[str]] = {name: [] for name in ("path", *FIELDS, "split")}
    for part in parts:
        table = _table(root / part, pictures_below(root / part), pattern)
        count = len(table["path"])
        columns["path"] += [f"{part}/{path}" for path in table["path"]]
        columns["split"] += [part] * count
        for name in FIELDS:
            columns[name] += table.get(name, [""] * count)
    return dataset_of(root.name, columns, root)


def _table(root: Path, paths: list[str], pattern: str | None) -> Table:
    return pattern_table(root, paths, pattern) if pattern else layout_table(root, paths)


def layout_table(root: Path, paths: list[str]) -> Table:
    """Person and camera from `person/camera/*.jpg` or `person/*.jpg`, whichever all of `paths` are."""
    split = [path.split("/") for path in paths]
    odd = next((path for path, parts in zip(paths, split, strict=True) if len(parts) != len(split[0])), None)
    if odd or len(split[0]) not in (2, 3):
        found = f"{root}: holds {paths[0]}" + (f" and {odd}" if odd else "")
        then = "or say where the person's name is, e.g. data.pattern='{pid}_*.jpg'"
        raise InputError(found, "person/camera/*.jpg throughout, or person/*.jpg throughout", then)
    table = {"path": paths, "pid": [parts[0] for parts in split]}
    return table | {"camid": [parts[1] for parts in split]} if len(split[0]) == 3 else table


def pattern_table(root: Path, paths: list[str], pattern: str) -> Table:
    """Labels from names: `{pid}_c{camid}_*.jpg`.

    Fields are FIELDS; `*` stands for any run of characters without a slash, `**` for any run at all. A pattern
    without a slash is held against the file's name, one with a slash against the path below the folder. Pictures
    that do not match are left out, with a warning that counts them.
    """
    matches = compile_pattern(pattern)
    whole = "/" in pattern
    found = {path: match for path in paths if (match := matches.fullmatch(path if whole else path.rsplit("/")[-1]))}
    if not found:
        example = paths[0] if whole else paths[0].rsplit("/")[-1]
        raise InputError(
            f"{root}: pattern {pattern} matches no picture", f"one that matches {example}", "mend data.pattern"
        )
    if len(found) < len(paths):
        first = next(path for path in paths if path not in found)
        log.warning("%s of %s pictures do not match %s, e.g. %s", len(paths) - len(found), len(paths), pattern, first)
    columns = {name: [match[name] for match in found.values()] for name in matches.groupindex}
    return {"path": list(found), **columns}


def compile_pattern(pattern: str) -> re.Pattern[str]:
    """The regular expression of a name pattern.

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
