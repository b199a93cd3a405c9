"""Checks the paths of a command line before anything is read: what lies there, and that no input is written over."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from sameperson.checks import A_FILE, A_FOLDER, NOTHING, PICTURES, TOO_LONG, InputError, apart, kind_of, writable_file

OUTPUT_FILES = ("json", "html", "report", "calibrate", "fix_split")
OUTPUTS = (*OUTPUT_FILES, "out", "output_path")
BESIDE = ("priors",)
"""Commands whose `--out` may be the folder of the pictures: they write files of other names there."""


def require_paths(options: argparse.Namespace) -> None:
    """Raise InputError for a path of a device, a pipe or a socket, and for an output that would replace an input.

    A path where nothing lies is left to the command. So is a name that is too long: several files with commas between
    them are one word.
    """
    given = dict(paths_of(options))
    inputs = [path for name, paths in given.items() if name not in OUTPUTS for path in paths]
    outputs = [(name, path) for name, paths in given.items() if name in OUTPUTS for path in paths]
    for path in inputs:
        if (kind := kind_of(path)) not in (A_FILE, A_FOLDER, NOTHING, TOO_LONG):
            raise InputError(f"{path}: {kind}", "a file or a folder", "check the path")
    for at, (name, path) in enumerate(outputs):
        if name in OUTPUT_FILES or kind_of(path) != A_FOLDER:
            writable_file(path)
        others = [other for _, other in outputs[:at]]
        if not (name == "out" and getattr(options, "command", None) in BESIDE):
            others += inputs
        apart(path, others)
        if path.suffix.lower() in PICTURES and path.is_file():
            require_outside(path, inputs)


def require_outside(picture: Path, inputs: list[Path]) -> None:
    """Raise InputError where a picture that would be written over lies in a folder that is read."""
    place = picture.resolve()
    for folder in inputs:
        if folder.is_dir() and folder.resolve() in place.parents:
            found = f"{picture}: a picture of {folder} already, which is read"
            raise InputError(found, "an output apart from the inputs", "choose another output")


def paths_of(options: argparse.Namespace) -> Iterator[tuple[str, list[Path]]]:
    """Each option that names paths, and those."""
    for name, value in vars(options).items():
        paths = [path for path in (value if isinstance(value, list) else [value]) if isinstance(path, Path)]
        if paths:
            yield name, paths
