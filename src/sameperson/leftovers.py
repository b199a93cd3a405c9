"""Temporary files of killed runs: the form of their names, and their removal by the next run that writes there.

A file that is being written is called `.NAME.PID.part`, and only files of that very form are ever removed.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

FORM = re.compile(r"\.(?P<name>.+)\.(?P<pid>\d{1,10})\.part", re.DOTALL)
_dead: dict[Path, dict[str, list[Path]]] = {}
"""Folder -> name of an output -> what processes that are no more left of it, when this process first wrote there."""


def temporary_name(name: str) -> str:
    """The name under which this process writes a file until it is whole."""
    return f".{name}.{os.getpid()}.part"


def sweep_dead(folder: Path, name: str) -> None:
    """Remove what processes that are no more left of the output `name` in a folder.

    The folder is listed only once by each process, so that writing many files into it stays cheap.
    """
    folder = folder.absolute()
    if folder not in _dead:
        found = _dead[folder] = {}
        for of, pid, path in temporaries(folder):
            if not is_alive(pid):
                found.setdefault(of, []).append(path)
    for path in _dead[folder].pop(name, ()):
        with suppress(OSError):
            path.unlink()


def sweep_beside(target: Path) -> None:
    """Remove every temporary file of the output `target`; whoever calls this holds its lock."""
    for of, _, path in temporaries(target.parent):
        if of == target.name:
            with suppress(OSError):
                path.unlink()


def sweep_tree(folder: Path) -> None:
    """Remove every temporary file in a folder and below; whoever calls this is the only one who writes there."""
    for place, _, _ in os.walk(folder):
        for _, _, path in temporaries(Path(place)):
            with suppress(OSError):
                path.unlink()


def temporaries(folder: Path) -> Iterator[tuple[str, int, Path]]:
    """The temporary files in a folder: the name of the output, the process that wrote it, the file."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            match = FORM.fullmatch(entry.name)
            if match is not None and entry.is_file(follow_symlinks=False):
                yield match["name"], int(match["pid"]), folder / entry.name


def is_alive(pid: int) -> bool:
    """Tell whether another process has this number.

    This process's own number on a file that it has not written yet is that of an earlier process, as in a container,
    where every run may have the same number.
    """
    if pid == os.getpid():
        return False
    if sys.platform == "win32":  # where signal 0 would end the process
        return True
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def discard(folder: Path, note: Path) -> None:
    """Remove an unfinished tree, first the note that says what it is of, so that no run believes the half that is left.

    A kill in between leaves a tree without a note, which the next run removes.
    """
    note.unlink(missing_ok=True)
    shutil.rmtree(folder)
