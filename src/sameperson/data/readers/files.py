"""Lists the picture files in a folder and below it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sameperson.checks import PICTURES, InputError, existing_folder, walk
from sameperson.data.readers.passed_over import by_ending, note_passed_over
from sameperson.priors.locations import NOT_PICTURES

SURROGATES = re.compile("[\ud800-\udfff]")
"""What Python puts for bytes of a file's name that are not UTF-8."""


def pictures_below(folder: Path, what: str = "a folder of pictures") -> list[str]:
    """List every picture in a folder and below it, as sorted relative paths with forward slashes.

    Hidden files and folders are left out, and the folders of priors that lie beside the pictures. Other files are
    passed over with a note that counts them by ending.

    Raises:
        InputError: the folder is missing, or holds no picture.
    """
    folder = existing_folder(folder, what)
    found: list[str] = []
    others: list[str] = []
    for place, folders, files in walk(folder):
        apart = NOT_PICTURES if Path(place) == folder else ()
        folders[:] = [name for name in folders if not name.startswith(".") and name not in apart]
        below = Path(place).relative_to(folder).as_posix()
        start = "" if below == "." else f"{below}/"
        found += [start + name for name in files if is_picture(name)]
        others += [name for name in files if not is_picture(name)]
    require_utf8(folder, found)
    if not found:
        beside = f", but {by_ending(others)}" if others else ""
        raise InputError(f"{folder}: no pictures in it{beside}", what, f"put {', '.join(PICTURES)} files there")
    note_passed_over(folder, others)
    return sorted(found)


def require_utf8(folder: Path, names: Iterable[str]) -> None:
    """Raise InputError for the first name of a file that is not UTF-8, since labels and tables could not hold it."""
    strange = next((name for name in names if not name.isascii() and SURROGATES.search(name)), None)
    if strange is not None:
        raise InputError(f"{folder}: a file named {strange!a}", "names in UTF-8", "rename it")


def is_picture(name: str) -> bool:
    """Tell whether a file's name is that of a picture."""
    return name.lower().endswith(PICTURES) and not name.startswith(".")


def forward_slashes(root: Path, paths: NDArray[Any]) -> NDArray[Any]:
    """Turn the backslashes of paths (N,) StringDType that were written on Windows into slashes.

    They are left alone if a file of the first such name lies below `root`, because elsewhere a name may hold one.
    """
    back = np.flatnonzero(np.strings.find(paths, "\\") >= 0)
    if not len(back) or os.path.lexists(root / str(paths[back[0]])):
        return paths
    return np.strings.replace(paths, "\\", "/")
