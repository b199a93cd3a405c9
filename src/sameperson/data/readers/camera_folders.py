"""Recognises folders that are cameras, not people, before a folder of crops is read as `person/camera/*.jpg`.

Many datasets lie the other way round, `cam1/0001/*.jpg` or `cam_a/0001_45.bmp`. Read as people, their cameras would be
judged as people, so the reader asks which of the two is meant.
"""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

from sameperson.checks import InputError

CAMERA = re.compile(r"(?:cam|camera|kamera|camara|view)s?[ _.-]?(?:\d{1,4}|[a-z])|c[ _.-]?\d{1,3}", re.IGNORECASE)
LETTER = re.compile(r"[A-Za-z]")
NUMBER_FIRST = re.compile(r"(\d+)[_-]")
SEPARATORS = "_- "
SHOWN = 3


class CamerasOnTop(InputError):
    """The first folders look like cameras. pattern: the pattern that reads them as cameras."""

    def __init__(self, found: str, expected: str, then: str, pattern: str = "") -> None:
        super().__init__(found, expected, then)
        self.pattern = pattern

    def __reduce__(self) -> tuple[type[CamerasOnTop], tuple[str, str, str, str]]:  # type: ignore[override]
        """Pickle the error with its pattern."""
        return type(self), (self.found, self.expected, self.then, self.pattern)


def refuse_cameras_on_top(root: Path, paths: list[str]) -> None:
    """Raise CamerasOnTop if the first folders of `paths`, all `a/*.jpg` or all `a/b/*.jpg`, look like cameras."""
    below: defaultdict[str, set[str]] = defaultdict(set)
    for path in paths:
        first, _, rest = path.partition("/")
        below[first].add(rest.partition("/")[0])
    deep = paths[0].count("/") > 1
    if not (all(map(CAMERA.fullmatch, below)) or _letters_of_cameras(below, deep=deep)):
        return
    cameras, people = (
        ("{camid}/{pid}/*", "{pid}/{camid}/*") if deep else (f"{{camid}}/{_person_first(below)}", "{pid}/*")
    )
    names = ", ".join(sorted(below)[:SHOWN]) + (", ..." if len(below) > SHOWN else "")
    folder = "the folder looks like a camera" if len(below) == 1 else "the first folders look like cameras"
    found = f"{root}: {folder} ({names}), and the person stands in the {'next folder' if deep else 'file name'}"
    then = f"add data.pattern='{cameras}' if they are cameras, or data.pattern='{people}' if they are people"
    raise CamerasOnTop(found, "folders of people", then, cameras)


def _letters_of_cameras(below: dict[str, set[str]], *, deep: bool) -> bool:
    """Tell whether folders A, B, C hold the same people, who are at least as many as the folders.

    Below people there would be cameras or free file names, so nothing is asked of those.
    """
    if len(below) < 2 or not all(map(LETTER.fullmatch, below)):
        return False
    inner = set.union(*below.values())
    if deep:
        seen_twice = len(inner) < sum(map(len, below.values()))
        return len(inner) >= len(below) and seen_twice and not all(map(CAMERA.fullmatch, inner))
    numbers = [{match and match[1] for match in map(NUMBER_FIRST.match, names)} for names in below.values()]
    same = all(here == numbers[0] for here in numbers)
    return same and None not in numbers[0] and len(numbers[0]) >= len(below)


def _person_first(below: dict[str, set[str]]) -> str:
    """Choose the pattern of file names that start with the person: up to the first separator that all of them have."""
    names = [name.rpartition(".")[0] for inner in below.values() for name in inner]
    common = [sign for sign in SEPARATORS if all(sign in name.strip(sign) for name in names)]
    return f"{{pid}}{common[0]}*" if common else "{pid}.*"
