"""The folder of a demo: what is there already, what made it, and how long each stage took.

A demo that was killed goes on where it stopped if it is started again with the same arguments; with others it starts
anew. `demo.json` in the folder says which.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sameperson.checks import InputError, atomic, read_json, writing

NOTE = "demo.json"
HOLDS = ("world", ".world.part", "train", "result.json", "pictures.json", "report.html", "ranked.png", NOTE)
"""All that a demo puts into its folder, and so all that may be removed from it."""


class DemoFolder:
    """An open demo folder.

    found: what was found there, in words. seconds: stage -> how long it took, over all calls; kept: stages that were
    finished already.
    """

    def __init__(self, path: Path, arguments: Mapping[str, Any], found: str, seconds: dict[str, float]) -> None:
        self.path, self.arguments, self.found, self.seconds = path, arguments, found, seconds
        self.kept: list[str] = []
        self._now: tuple[str, float] | None = None

    @contextmanager
    def stage(self, name: str, *, again: bool = True) -> Iterator[None]:
        """Time a stage. again: it does all its work now; otherwise it goes on from what an earlier call did of it."""
        spent = 0.0 if again else self.seconds.get(name, 0.0)
        self._now = name, time.monotonic() - spent
        yield
        self.note()
        self._now = None

    def keep(self, name: str) -> None:
        """Say that a stage was found finished."""
        self.kept.append(name)

    def note(self, *_: object) -> None:
        """Write down how long the stage has taken by now, so that a kill forgets little. Takes and ignores progress."""
        if self._now is not None:
            name, began = self._now
            self.seconds[name] = round(time.monotonic() - began, 2)
        with atomic(self.path / NOTE) as temporary:
            temporary.write_text(json.dumps({"arguments": self.arguments, "seconds": self.seconds}, indent=2) + "\n")


def open_demo(path: str | Path, arguments: Mapping[str, Any]) -> DemoFolder:
    """Make `path` ready for a demo with these arguments; a demo with others is removed.

    Raises InputError where the folder holds something else or cannot be written.
    """
    path = Path(path)
    if path.exists() and not path.is_dir():
        raise InputError(f"{path}: a file", "a new or empty folder, or that of a demo", "choose another --out")
    note = read_note(path / NOTE)
    if note is None and path.exists() and any(path.iterdir()):
        raise InputError(
            f"{path}: holds something that is no demo",
            "a new or empty folder, or that of a demo",
            "choose another --out",
        )
    same = note is not None and note["arguments"] == arguments
    with writing(path):
        path.mkdir(parents=True, exist_ok=True)
        if note is not None and not same:
            remove_demo(path)
    found = "starting" if note is None else "a demo of other arguments was here and is removed; starting anew"
    found = "going on with the demo that is here" if same else found
    demo = DemoFolder(path, arguments, f"{path}: {found}", dict(note["seconds"]) if note and same else {})
    demo.note()
    return demo


def read_note(note: Path) -> dict[str, Any] | None:
    """What a demo wrote down of itself, None where there is none."""
    if not note.is_file():
        return None
    try:
        found = read_json(note)
        return {"arguments": found["arguments"], "seconds": found["seconds"]}
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{note}: damaged", "the note of a demo", "remove the folder, or choose another --out"
        ) from error


def remove_demo(path: Path) -> None:
    """Remove what a demo made, the note last, so that a kill in between leaves the folder known as a demo's."""
    for name in HOLDS:
        found = path / name
        if found.is_dir() and not found.is_symlink():
            shutil.rmtree(found)
        else:
            found.unlink(missing_ok=True)
