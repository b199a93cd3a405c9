"""Reads the queries of a search, so that their labels come from the same rule as those of the gallery."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from sameperson.data.readers.files import is_picture, pictures_below
from sameperson.data.readers.folder import compile_pattern
from sameperson.data.readers.label_text import all_digits
from sameperson.data.readers.market1501 import market_name
from sameperson.data.readers.pictures import read_pictures
from sameperson.data.readers.table import as_columns, samples_of
from sameperson.types import JUNK, UNKNOWN, Samples


def read_queries(path: Path, pattern: str | None, gallery: Path, pictures: Samples) -> Samples:
    """Read the queries at `path` as `read_pictures` does, with labels by the rule that labels the gallery.

    A pattern is matched with the query's path below the gallery's folder if the query lies there. Elsewhere it is
    matched below the query's folder, or with some of the folders above it, if the gallery knows the person that it then
    names. Queries that no rule labels stay unlabelled.

    gallery: where `pictures` were read from. Raises InputError as `read_pictures` does.
    """
    if not (path.is_dir() or (is_picture(path.name) and path.exists())):
        return read_pictures(path, pattern)  # a CSV or a list says its labels itself
    if pattern is None:
        samples = read_pictures(path)
        return samples if not gallery.is_file() or _named_as_market(pictures) else _unlabelled(samples)
    root, names = (path, pictures_below(path)) if path.is_dir() else (path.parent, [path.name])
    matches = compile_pattern(pattern)
    fields = list(matches.groupindex)
    on_path = "/" in pattern
    known = {pictures.name_of(pid) for pid in np.unique(pictures.pid[pictures.pid > JUNK])}
    for before, sure in _places(root, gallery if gallery.is_dir() else pictures.root, pattern.count("/")):
        found = [matches.fullmatch(before + name if on_path else name.rsplit("/")[-1]) for name in names]
        rows = [
            (name, *("" if match is None else match[one] for one in fields))
            for name, match in zip(names, found, strict=True)
        ]
        if any(found) and (sure or _knows(known, {match["pid"] for match in found if match})):
            return samples_of(as_columns(rows, ("path", *fields)), root)
    return Samples.of(names, [JUNK] * len(names), root=root)


def _places(root: Path, gallery: Path, most: int) -> Iterator[tuple[str, bool]]:
    """Yield what may stand before a name below `root` for the pattern to match, and whether it is sure to be right."""
    for here, there in ((_absolute(root), _absolute(gallery)), (root.resolve(), gallery.resolve())):
        if here.is_relative_to(there):
            below = here.relative_to(there).as_posix()
            yield ("" if below == "." else f"{below}/"), True
            return
    folders = _absolute(root).parts[1:]
    yield "", True
    for count in range(1, min(most, len(folders)) + 1):
        yield "/".join(folders[-count:]) + "/", False


def _absolute(path: Path) -> Path:
    return Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links out of the gallery


def _knows(known: set[str], people: set[str]) -> bool:
    """Tell whether one of the people is in the gallery, by the rule that says when labels are the same."""
    if all_digits(known | people):
        return bool({one.lstrip("0") for one in known} & {one.lstrip("0") for one in people})
    return bool(known & people)


def _named_as_market(pictures: Samples) -> bool:
    """Tell whether the labels of all pictures are those that their names state in Market-1501's form."""
    for path, pid in zip(pictures.path.tolist(), pictures.pid.tolist(), strict=True):
        said = market_name(path)
        if pictures.name_of(pid).lstrip("0") != str(JUNK if said is None else said[0]).lstrip("0"):
            return False
    return True


def _unlabelled(samples: Samples) -> Samples:
    nobody = np.full(len(samples), UNKNOWN, np.int32)
    return replace(samples, pid=np.full(len(samples), JUNK, np.int64), camid=nobody, names={})
