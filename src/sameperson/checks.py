"""One error for everything a user can mend: what was found, what was expected, what to type next.

The command line prints it as one line and exits with 2; a library user catches `InputError`.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
MANY = 20
"""Known words that a hint lists before it stops."""
PICTURES = (
    ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".bmp", ".dib", ".webp", ".tif", ".tiff", ".gif", ".avif", ".ppm", ".pgm",
    ".pbm", ".pnm",
)  # fmt: skip
"""Endings of the files that are read as pictures; `images.formats` has what reads them."""


class InputError(ValueError):
    """Bad input from outside, said in one line.

    >>> str(InputError("shots: no such folder", "a folder of pictures", "check the spelling"))
    'shots: no such folder; expected a folder of pictures; check the spelling'
    """

    def __init__(self, found: str, expected: str, then: str) -> None:
        self.found, self.expected, self.then = found, expected, then
        super().__init__(" ".join(f"{found}; expected {expected}; {then}".split()))

    def __reduce__(self) -> tuple[type[InputError], tuple[str, str, str]]:
        """Pickle the error by its three parts, so that it passes unchanged from a worker process."""
        return type(self), (self.found, self.expected, self.then)


def nearest(word: str, known: Iterable[str]) -> str:
    """A hint that names the known word most like `word`, or lists what is known.

    >>> nearest("epohcs", ["epochs", "seed"])
    'did you mean epochs?'
    """
    names = sorted(known)
    close = get_close_matches(word, names, n=1, cutoff=0.5)
    more = f" and {len(names) - MANY} more" if len(names) > MANY else ""
    return f"did you mean {close[0]}?" if close else f"known: {', '.join(names[:MANY])}{more}"


def choose(kind: str, name: str, family: Mapping[str, T]) -> T:
    """Return the member of a family (`BACKBONES`, `LAYOUTS`, ...) by name; for an unknown one, name the nearest."""
    if name not in family:
        raise InputError(f"{kind} {name!r}", f"one of {len(family)} known", nearest(name, family))
    return family[name]


def existing_folder(path: str | Path, what: str = "a folder") -> Path:
    """Return `path` if it is an existing folder; raises InputError otherwise."""
    path = Path(path)
    if not path.exists():
        raise InputError(f"{path}: no such folder", what, "check the path")
    if not path.is_dir():
        raise InputError(f"{path}: a file", what, "give the folder that holds it")
    return path


def existing_file(path: str | Path, what: str = "a file") -> Path:
    """Return `path` if it is an existing file; raises InputError otherwise."""
    path = Path(path)
    if not path.exists():
        raise InputError(f"{path}: no such file", what, "check the path")
    if path.is_dir():
        raise InputError(f"{path}: a folder", what, "give the file itself")
    return path


_UNWRITABLE_NAMES = "ENOSPC EDQUOT EROFS EACCES EPERM EISDIR ENOTDIR EEXIST"
UNWRITABLE = {getattr(errno, name) for name in _UNWRITABLE_NAMES.split()}


@contextmanager
def writing(target: str | Path) -> Iterator[None]:
    """Turn a full disk or a read-only place into one line about `target`."""
    try:
        yield
    except OSError as error:
        if error.errno not in UNWRITABLE:
            raise
        reason = error.strerror or str(error)
        raise InputError(
            f"{target}: cannot be written ({reason})",
            "a folder with room and write permission",
            "free some space or choose another output",
        ) from error


@contextmanager
def atomic(target: str | Path) -> Iterator[Path]:
    """A temporary path beside `target` that takes its name when the block ends well, and is removed otherwise.

    A reader sees the old file or the new one, never half of one.
    """
    target = Path(target)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.part")
    with writing(target):
        target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with writing(target):
            yield temporary
            temporary.replace(target)
    finally:
        # A read-only file system refuses even to remove what was never written; its first refusal is the one to tell.
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
