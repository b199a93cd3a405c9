"""How a prior's file names find the pictures they belong to."""

from __future__ import annotations

from collections import Counter
from pathlib import PurePosixPath

from sameperson.types import Samples


def rows_by_name(samples: Samples, stem: bool = False) -> dict[str, int]:
    """Picture name -> row: by the whole path below the root, and by the file's name alone where only one bears it.

    stem: leave out the endings, as for `0001.png` that belongs to `0001.jpg`.
    """
    paths = [PurePosixPath(str(path)) for path in samples.path]
    if stem:
        paths = [path.with_suffix("") for path in paths]
    shared = Counter(path.name for path in paths)
    alone = {path.name: row for row, path in enumerate(paths) if shared[path.name] == 1}
    return alone | {path.as_posix(): row for row, path in enumerate(paths)}
