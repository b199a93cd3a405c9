"""Writes priors so that a killed run can be resumed; files are hidden until they are complete.

numpy only.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sameperson.checks import InputError, atomic, writing
from sameperson.leftovers import sweep_beside, sweep_tree
from sameperson.priors.label_sets import Labels, LabelSet
from sameperson.priors.locations import find_priors
from sameperson.priors.name_match import stem_of

KEYPOINTS, JOURNAL = "keypoints.json", ".keypoints.jsonl"
"""The finished file, and the one that grows until it is finished."""
MADE_BY = "by.txt"
"""The file in an unfinished folder that says what its maps are made by."""


@dataclass(frozen=True)
class WrittenPrior:
    """Where a prior was written, of how many pictures, how many have none, and which could not be read."""

    place: Path
    pictures: int
    without: int
    broken: tuple[tuple[str, str], ...] = ()


def require_none(out: Path, prior: str) -> None:
    """Raise InputError where the folder holds that prior already; whoever calls this holds its lock.

    The journal of keypoints that are whole is removed: their run was killed in its last step.
    """
    there = find_priors(out).get(prior) if out.is_dir() else None
    if there is not None:
        if there == out / KEYPOINTS:
            with writing(there):
                (out / JOURNAL).unlink(missing_ok=True)
        raise InputError(f"{there}: {prior} already", "a folder without", "move them away, or choose another --out")


class KeypointsWriter:
    """Writes `keypoints.json` into the folder `out`; until it is complete, a hidden file holds a line a picture.

    key: names what makes the keypoints; what another key left is discarded. Whoever opens it holds the target's lock.
    """

    def __init__(self, out: Path, key: str) -> None:
        self.target = out / KEYPOINTS
        self.journal = out / JOURNAL
        self.done: dict[str, Mapping[str, Any]] = {}
        self.key = key
        self.file: TextIOWrapper | None = None

    def __enter__(self) -> KeypointsWriter:
        with writing(self.target):
            self.target.parent.mkdir(parents=True, exist_ok=True)
            sweep_beside(self.journal)
            self._resume()
        return self

    def __exit__(self, *_: object) -> None:
        if self.file is not None:
            self.file.close()

    def _resume(self) -> None:
        """Read what a killed run of the same key left, except a line cut short, and open the file to append to it."""
        first = json.dumps({"by": self.key}).encode() + b"\n"
        text = self.journal.read_bytes() if self.journal.exists() else b""
        lines = text[: text.rfind(b"\n") + 1].splitlines(keepends=True)
        if not lines or lines[0] != first:
            lines = [first]
        self.done = {line["name"]: line for line in map(json.loads, lines[1:])}
        with atomic(self.journal) as temporary:
            temporary.write_bytes(b"".join(lines))
        self.file = self.journal.open("a", encoding="utf-8")

    def add(self, name: str, points: NDArray[np.float32]) -> None:
        """Write the body (J, 3) of a picture."""
        self._write({"name": name, "keypoints": [round(float(value), 3) for value in points.ravel()]})

    def add_none(self, name: str) -> None:
        """Note a picture in which no body is seen."""
        self._write({"name": name})

    def add_broken(self, name: str, reason: str) -> None:
        """Note a picture that cannot be read."""
        self._write({"name": name, "broken": reason})

    def _write(self, line: Mapping[str, Any]) -> None:
        if self.file is None:
            raise ValueError("not open")
        self.done[line["name"]] = line
        with writing(self.journal):
            self.file.write(json.dumps(line) + "\n")

    def flush(self) -> None:
        """Flush the file, so that a kill loses nothing of what was written so far."""
        if self.file is not None:
            with writing(self.journal):
                self.file.flush()

    @property
    def broken(self) -> tuple[tuple[str, str], ...]:
        """The pictures that cannot be read: (name, reason)."""
        return tuple((name, line["broken"]) for name, line in self.done.items() if "broken" in line)

    @property
    def without(self) -> int:
        """How many pictures have no body with a visible joint."""
        return sum(not any(line.get("keypoints", [])[2::3]) for line in self.done.values())

    def finish(self, names: Sequence[str]) -> Path:
        """Write the whole list under its own name, in the pictures' order; raises InputError where it is empty."""
        bodies = [self.done[name] for name in names if "keypoints" in self.done[name]]
        if not bodies and self.broken:
            raise all_broken(self.broken)
        if not bodies:
            found = f"no person seen in any of {len(names)} pictures"
            raise InputError(found, "pictures of one person each", "look at a few, and check --scale and --channels")
        write_bodies(self.target, ((body["name"], body["keypoints"]) for body in bodies))
        self.__exit__()
        self.journal.unlink()
        return self.target


def write_bodies(target: Path, bodies: Iterator[tuple[str, Sequence[float]]]) -> None:
    """Write bodies as AlphaPose's list, with their pictures' names, a line each; a body's score is its joints' mean."""
    with atomic(target) as temporary, temporary.open("w", encoding="utf-8") as file:
        before = "["
        for name, values in bodies:
            score = round(float(np.mean(values[2::3])), 4)
            entry = {"image_id": name, "category_id": 1, "keypoints": list(values), "score": score}
            file.write(before + json.dumps(entry))
            before = ",\n"
        file.write("]\n" if before != "[" else "[]\n")


class LabelMapWriter:
    """Writes a folder of one PNG per picture, which is hidden until it is complete.

    key: names what makes the maps; what another key left is discarded. Whoever makes it holds the target's lock.
    """

    def __init__(self, target: Path, key: str, names: Sequence[str]) -> None:
        self.target = target
        self.growing = target.with_name(f".{target.name}.part")
        outside = next((name for name in names if ".." in Path(name).parts or Path(name).is_absolute()), None)
        if outside is not None:
            raise InputError(f"a picture at {outside}", "paths below one folder", "give the folder that holds them all")
        self.files = [f"{stem_of(name)}.png" for name in names]
        if len(set(self.files)) < len(names):
            seen: dict[str, str] = {}
            one, two = next(
                (seen[file], name) for file, name in zip(self.files, names) if seen.setdefault(file, name) != name
            )
            raise InputError(f"{one} and {two}", "names that differ by more than their ending", "rename one of them")
        with writing(target):
            made_by = self.growing / MADE_BY
            if not (made_by.exists() and made_by.read_text(encoding="utf-8") == key):
                shutil.rmtree(self.growing, ignore_errors=True)
                self.growing.mkdir(parents=True)
                made_by.write_text(key, encoding="utf-8")

    def has(self, row: int) -> bool:
        """Tell whether a picture's map is written."""
        return (self.growing / self.files[row]).exists()

    def add(self, row: int, labels: Labels, of: LabelSet | None) -> None:
        """Write the map (h, w) of a picture, in the colours of its label set, or as grey levels where that is None."""
        picture = Image.fromarray(labels)
        if of is not None:
            picture.putpalette(of.palette.ravel().tolist())
        with atomic(self.growing / self.files[row]) as temporary:
            picture.save(temporary, format="PNG", compress_level=6)

    def finish(self) -> Path:
        """Give the folder its own name; raises InputError where it would be empty."""
        if not any(self.growing.rglob("*.png")):
            shutil.rmtree(self.growing)
            raise InputError(f"{self.target}: not one map made", "a readable picture", "check the folder")
        with writing(self.target):
            sweep_tree(self.growing)
            (self.growing / MADE_BY).unlink()
            self.growing.rename(self.target)
        return self.target


def all_broken(broken: Sequence[tuple[str, str]]) -> InputError:
    """Build the error for when not one picture can be read."""
    name, reason = broken[0]
    return InputError(f"{len(broken)} pictures, all broken: {name} ({reason})", "a readable one", "check the folder")
