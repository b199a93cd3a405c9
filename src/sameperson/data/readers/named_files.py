"""File names as labels: most published datasets write person and camera into the names of their pictures.

Names are read many at a time and only the columns are kept, so that a million pictures open in seconds.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sameperson.checks import InputError, existing_folder
from sameperson.data.dataset import Dataset
from sameperson.data.readers.files import is_picture, pictures_below
from sameperson.data.readers.label_table import Labels
from sameperson.priors.locations import find_priors
from sameperson.types import DISTRACTOR, UNKNOWN, Samples, strings

CHUNK = 1 << 16
"""Names read at a time."""
CAMERA = r"(?P<camid>0{0,3}[1-9]\d{0,3})"
"""A camera's number in a name. They count from 1; camid is one less."""
ZERO = 10**6
"""pid of person 0 in datasets where 0 is a person like any other and no distractor."""
OUTFITS = 1000
"""More outfits than anyone has: clothes_id is OUTFITS x pid + the outfit's number, the same in every split."""


@dataclass(frozen=True)
class NameForm:
    """The form of a dataset's file names, as a regular expression.

    title: the dataset's name, for messages. example: a right file name, for messages.
    pattern: matches the name without its suffix. Its named groups, which hold digits only, are pid and, where the name
    has them, camid (from 1), clothes_id (numbered for each person), track_id and frame; other groups are ignored.
    below: whether the pattern matches the whole path below the split's folder, not the file's name alone.
    zero: whether person 0 is a person like any other, who becomes pid ZERO, and no distractor.
    first_camera: the number in the names that becomes camid 0.
    """

    title: str
    pattern: str
    example: str
    below: bool = False
    zero: bool = False
    first_camera: int = 1

    @cached_property
    def matches(self) -> re.Pattern[str]:
        """The regular expression that matches a whole path below the split's folder."""
        before = "" if self.below else "(?:.*/)?"
        return re.compile(rf"^{before}(?:{self.pattern})\.\w+$", re.ASCII | re.MULTILINE)

    def fits(self, path: str) -> bool:
        """Tell whether a path below a split's folder is of this form."""
        return bool(self.matches.fullmatch(path))


def read_names(paths: Sequence[str], form: NameForm, folder: Path) -> dict[str, NDArray[np.int64]]:
    """Read the numbers in file names: field -> (N,) int64 for each named group of the form's pattern, unchanged.

    paths: N paths below `folder`. Raises InputError for the first that is not of the form.
    """
    matches = form.matches
    fields = [(name, group - 1) for name, group in matches.groupindex.items()]
    columns = {name: np.empty(len(paths), np.int64) for name, _ in fields}
    alone = matches.groups == 1
    for start in range(0, len(paths), CHUNK):
        chunk = paths[start : start + CHUNK]
        text = "\n".join(chunk)
        found = matches.findall(text)
        if len(found) != len(chunk) or text.count("\n") >= len(chunk):
            strange = next((path for path in chunk if not form.fits(path)), chunk[0])
            raise wrong_name(form, folder / strange)
        cells = [found] if alone else list(zip(*found, strict=True))
        for name, group in fields:
            columns[name][start : start + len(chunk)] = np.fromiter(map(int, cells[group]), np.int64, len(chunk))
    return columns


def wrong_name(form: NameForm, file: Path) -> InputError:
    """Build the error for a file whose name is not of the form."""
    found = f"{str(file)!a}"[1:-1]  # a name may hold anything, line breaks too
    return InputError(
        f"{found}: not of {form.title}", f"a name like {form.example}", "rename it, or set data.reader=folder"
    )


def named_dataset(name: str, root: Path, folders: Sequence[str], form: NameForm, protocol: str) -> Dataset:
    """Read the dataset whose train, query and gallery are three folders of `root`, by file names alone."""
    train, query, gallery = (samples_in_folder(root, folder, form) for folder in folders)
    return Dataset(name, train, query, gallery, protocol)


def samples_in_folder(root: Path, folder: str, form: NameForm, labels: Labels | None = None) -> Samples:
    """Read the pictures in a folder of `root` and below it, with the labels in their names.

    labels: a table of labels beside them, which takes precedence over the names. Priors beside them are found too.
    Raises InputError for a missing or empty folder and for a name that is not of the form.
    """
    return samples_from_names(root, folder, pictures_below(root / folder), form, labels)


def samples_from_names(
    root: Path, folder: str, names: Sequence[str], form: NameForm, labels: Labels | None = None
) -> Samples:
    """Make samples as `samples_in_folder` does, of some pictures of the folder, by their paths below it."""
    columns = sample_columns(read_names(names, form, root / folder), form)
    path = np.strings.add(strings(f"{folder}/"), strings(names))
    if labels is not None:
        for name, said in labels.of(path).items():
            known = columns.get(name, UNKNOWN)
            columns[name] = np.where(said == UNKNOWN, known, said)
    pid = columns.pop("pid")
    return Samples.of(path, pid, root=root, priors=find_priors(root, folder), names=renamed_people(form), **columns)


def renamed_people(form: NameForm) -> dict[int, str]:
    """Return the names of people whose pid differs from the number in the file names: pid -> name."""
    return {ZERO: "0"} if form.zero else {}


def sample_columns(columns: Mapping[str, NDArray[np.int64]], form: NameForm) -> dict[str, NDArray[np.int64]]:
    """Turn the numbers in names into the columns of `Samples`: camid from 0, clothes_id unique across people."""
    columns = dict(columns)
    if form.zero:
        columns["pid"] = np.where(columns["pid"] == 0, ZERO, columns["pid"])
    if "camid" in columns:
        columns["camid"] = columns["camid"] - form.first_camera
    if "clothes_id" in columns:
        columns["clothes_id"] = clothes_ids(columns["pid"], columns["clothes_id"])
    return columns


def clothes_ids(pid: NDArray[np.int64], outfit: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number outfits uniquely across people, the same in every split; junk and distractors get -1, unknown.

    >>> clothes_ids(np.array([94, 94, 0]), np.array([1, 2, 1]))
    array([94001, 94002,    -1])
    """
    return np.where(pid > DISTRACTOR, pid * OUTFITS + outfit, UNKNOWN)


def root_of(root: Path, folders: Sequence[str], form: NameForm, inside: Sequence[str] = ()) -> Path:
    """Find the folder that holds `folders`: `root` itself, or one of the release's own folders inside it.

    Raises InputError where there is none, or where it lacks some of the folders.
    """
    root = existing_folder(root, f"a {form.title} tree")
    root = next((root / name for name in inside if (root / name).is_dir()), root)
    missing = [name for name in folders if not (root / name).is_dir()]
    if missing:
        expected = f"the folders {', '.join(folders)}"
        raise InputError(f"{root}: no {', no '.join(missing)}", expected, "check data.root, or set data.reader=folder")
    return root


def looks_like(root: Path, folders: Sequence[str], form: NameForm, inside: Sequence[str] = ()) -> bool:
    """Tell whether `root`, or a release's folder inside it, holds `folders`, the first with a picture of this form."""
    for place in (root, *(root / name for name in inside)):
        if all((place / name).is_dir() for name in folders):
            first = first_picture(place / folders[0])
            return first is not None and form.fits(first)
    return False


def first_picture(folder: Path) -> str | None:
    """Find some picture in a folder or below it, as a path relative to it, without listing the rest.

    None where there is none, or where the folder may not be read.
    """
    inner = []
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if is_picture(entry.name) and entry.is_file():
                return entry.name
            if entry.is_dir() and not entry.name.startswith("."):
                inner.append(entry.name)
    for name in sorted(inner):
        found = first_picture(folder / name)
        if found is not None:
            return f"{name}/{found}"
    return None
