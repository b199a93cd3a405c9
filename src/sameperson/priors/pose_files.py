"""Pose files: the forms in which pose estimators store bodies, each read as (picture's name, body).

JSON files are read by `pose_json`. FD-GAN and DanceReID: a text file a picture, one body in it. numpy only.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sameperson.checks import InputError, existing_file, existing_folder, walk
from sameperson.priors.name_match import stem_of
from sameperson.priors.pose_json import FORMS, LAYOUTS, Body, NamedBody, bodies_in_json, require_sane

LARGEST_TEXT = 100_000
"""Bytes of a text file of one body; a hundred times what it needs."""


def read_bodies(path: Path) -> Iterator[NamedBody]:
    """Read every body in a JSON file, or in a folder of JSON or text files.

    Raises InputError that names the file, and the body in it, where something is not as it should be.
    """
    if path.is_dir():
        yield from _bodies_in_folder(path)
    elif path.exists():
        yield from bodies_in_json(path, stem_of(path.name))
    else:
        raise InputError(f"{path}: no such file or folder", f"keypoints: {FORMS}", "check the path")


def _bodies_in_folder(folder: Path) -> Iterator[NamedBody]:
    folder = existing_folder(folder, "a folder of keypoints")
    found = False
    for place, folders, files in walk(folder):
        folders.sort()
        below = Path(place).relative_to(folder).as_posix()
        start = "" if below == "." else f"{below}/"
        for name in sorted(files):
            if name.endswith(".txt"):
                yield NamedBody(start + stem_of(name), _body_in_text(Path(place, name)), stem=True)
            elif name.endswith(".json"):
                yield from bodies_in_json(Path(place, name), start + stem_of(name).removesuffix("_keypoints"))
            else:
                continue
            found = True
    if not found:
        raise InputError(
            f"{folder}: no keypoints in it", "a .txt or .json file a picture", "check which folder this is"
        )


def _joints(text: str) -> NDArray[np.float32]:
    """Read FD-GAN's 18 lines of `row col`, or DanceReID's 17 of `x y`; a joint with a -1 is missing.

    >>> _joints("7 5\\n" + "-1 -1\\n" * 17)[:2].tolist()
    [[5.0, 7.0, 1.0], [0.0, 0.0, 0.0]]
    """
    lines = [line.split() for line in text.splitlines() if line.strip()]
    if len(lines) not in (17, 18) or any(len(line) != 2 for line in lines):
        raise ValueError(f"{len(lines)} lines, of {len(lines[0]) if lines else 0} numbers")
    try:
        pairs = np.array(lines, np.float64)
    except ValueError as error:  # whose text speaks of Python
        raise ValueError("words that are no numbers") from error
    there = (pairs != -1).all(axis=1, keepdims=True)
    xy = pairs[:, ::-1] if len(lines) == 18 else pairs
    return np.concatenate([np.where(there, xy, 0), there], axis=1).astype(np.float32)


def _body_in_text(file: Path) -> Body:
    existing_file(file, "the joints of a body")
    try:
        with file.open(encoding="utf-8") as opened:
            text = opened.read(LARGEST_TEXT + 1)
        if len(text) > LARGEST_TEXT:
            raise ValueError("too long")
        points = _joints(text)
        require_sane(points[:, :2], "coordinate")
    except (ValueError, OverflowError, OSError) as error:
        expected = "18 lines `row column` or 17 lines `x y`, -1 for a missing joint"
        raise InputError(f"{file}: not a body ({error})", expected, "write it anew or remove it") from error
    return Body(points, LAYOUTS[len(points)][0], (1.0, 0.0))
