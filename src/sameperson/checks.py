"""One error for everything a user can mend: what was found, what was expected, what to type next.

The command line prints it as one line and exits with 2; a library user catches `InputError`.
"""

from __future__ import annotations

import errno
import json
import os
import stat
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from sameperson.leftovers import sweep_dead, temporary_name

T = TypeVar("T")
MOST = 10**9
"""The largest number of anything that an option or a recipe may ask for."""
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
        super().__init__(printable(" ".join(f"{found}; expected {expected}; {then}".split())))

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


def kind_of(path: str | Path) -> str:
    """Say in words what lies at a path: `a file`, `a folder`, or why neither can be used there.

    Links are followed. The file is not opened, since opening a FIFO waits, and a device never ends.

    >>> kind_of("/"), kind_of("no/such/place")
    ('a folder', 'no such file or folder')
    """
    try:
        found = Path(path).stat()
    except ValueError:  # a NUL in it
        return NOTHING
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR):
            return "no such file or folder"
        return _REASONS.get(error.errno or 0) or error.strerror or str(error)
    if found.st_dev in virtual_devices() and (stat.S_ISDIR(found.st_mode) or stat.S_ISREG(found.st_mode)):
        return f"a {'folder' if stat.S_ISDIR(found.st_mode) else 'file'} of the running system"
    if stat.S_ISDIR(found.st_mode):
        return A_FOLDER
    return next((kind for test, kind in _KINDS if test(found.st_mode)), "no regular file")


@cache
def virtual_devices() -> frozenset[int]:
    """The devices of /proc and /sys: their folders link to the whole machine, so that a walk there never ends."""
    return frozenset(place.stat().st_dev for place in (Path("/proc"), Path("/sys")) if place.is_mount())


A_FILE, A_FOLDER, NOTHING = "a file", "a folder", "no such file or folder"
TOO_LONG = "a name longer than a file can have"
_KINDS = (
    (stat.S_ISREG, A_FILE),
    (stat.S_ISFIFO, "a pipe (FIFO)"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)
_REASONS = {errno.ELOOP: "a link that leads to itself", errno.ENAMETOOLONG: TOO_LONG}


def existing_folder(path: str | Path, what: str = "a folder") -> Path:
    """Return `path` if it is an existing folder; raises InputError otherwise."""
    path, kind = Path(path), kind_of(path)
    if kind == A_FOLDER:
        return path
    if kind == NOTHING:
        raise InputError(f"{path}: no such folder", what, "check the path")
    raise InputError(f"{path}: {kind}", what, "give the folder that holds it" if kind == A_FILE else "check the path")


def existing_file(path: str | Path, what: str = "a file") -> Path:
    """Return `path` if it is an existing regular file; raises InputError otherwise."""
    path, kind = Path(path), kind_of(path)
    if kind == A_FILE:
        return path
    if kind == NOTHING:
        raise InputError(f"{path}: no such file", what, "check the path")
    raise InputError(f"{path}: {kind}", what, "give the file itself" if kind == A_FOLDER else "give a regular file")


def writable_file(path: str | Path) -> Path:
    """Return `path` if a file may be written there: nothing is there yet, or a regular file to replace."""
    path, kind = Path(path), kind_of(path)
    if kind not in (A_FILE, NOTHING):
        raise InputError(f"{path}: {kind}", "a file to write", "choose another output")
    return path


def apart(out: str | Path, inputs: Iterable[str | Path]) -> None:
    """Raise InputError where the output `out` is one of the files or folders that are read."""
    place = Path(out).resolve()
    if any(place == Path(path).resolve() for path in inputs):
        raise InputError(f"{out}: what is read lies there", "an output apart from the inputs", "choose another output")


LARGEST_TEXT = 256 << 20
"""Bytes above which a text file is refused unread: five million lines, which take 2 GB once they are words."""


def existing_text(path: str | Path, what: str = "a text file", then: str = "check which file this is") -> Path:
    """Return `path` if it is an existing regular file, not too large for a text; raises InputError otherwise."""
    path = existing_file(path, what)
    if (size := path.stat().st_size) > LARGEST_TEXT:
        raise InputError(f"{path}: {size >> 20} MB", f"{what} of at most {LARGEST_TEXT >> 20} MB", then)
    return path


def read_text(
    path: str | Path, what: str = "a text file", then: str = "check which file this is", wrong: str = "not text"
) -> str:
    """Read a regular file of UTF-8 text, with or without a byte order mark; raises InputError for any other."""
    path = existing_text(path, what, then)
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: {wrong} (not UTF-8)", what, then) from error


def read_json(
    path: str | Path, what: str = "a JSON file", then: str = "check which file this is", wrong: str = "not JSON"
) -> Any:
    """Read a JSON file; raises InputError where there is none, and for one that is damaged or nested too deeply.

    wrong: what a damaged file is called.
    """
    text = read_text(path, what, then, wrong)
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        why = "nested too deeply" if isinstance(error, RecursionError) else error
        raise InputError(f"{path}: {wrong} ({why})", what, then) from error


def holds_json(path: str | Path, content: Any) -> bool:
    """Tell whether a file holds exactly this JSON; a missing or damaged one does not."""
    try:
        return read_json(path) == content
    except InputError:
        return False


WAYS = 100
"""Ways by links into one folder above which its tree is taken for one that unfolds without end."""


def walk(folder: str | Path) -> Iterator[tuple[str, list[str], list[str]]]:
    """Walk a folder as `os.walk` does with links followed, but not into a link to a folder that holds it.

    Raises InputError where links lead into one folder over and over.
    """
    above: dict[Path, frozenset[tuple[int, int]]] = {}
    ways: Counter[tuple[int, int]] = Counter()
    for place, folders, files in os.walk(folder, followlinks=True):
        with suppress(OSError):
            found = Path(place).stat()
            here = found.st_dev, found.st_ino
            over = above.get(Path(place).parent, frozenset())
            if here in over or found.st_dev in virtual_devices():
                folders.clear()
                continue
            above[Path(place)] = over | {here}
            ways[here] += 1
            if ways[here] > WAYS:
                links = f"{place}: links lead there in over {WAYS} ways"
                raise InputError(links, "a folder that ends", "remove the links")
        yield place, folders, files


_UNWRITABLE_NAMES = "ENOSPC EDQUOT EROFS EACCES EPERM EISDIR ENOTDIR EEXIST ENAMETOOLONG ELOOP"
UNWRITABLE = {getattr(errno, name) for name in _UNWRITABLE_NAMES.split()}
UNUSABLE = UNWRITABLE | {errno.EIO, errno.ENXIO, errno.ENODEV}
"""Errors of the operating system that say something of a user's path, not of this program."""


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

    A reader sees the old file or the new one, never half of one. What a killed process left of it is removed. Raises
    InputError where a folder, a device or anything else but a file has that name: what takes its name would replace it.
    """
    target = writable_file(target)
    name = short_name(target.name)
    temporary = target.with_name(temporary_name(name))
    with writing(target):
        target.parent.mkdir(parents=True, exist_ok=True)
    sweep_dead(target.parent, name)
    try:
        with writing(target):
            yield temporary
            temporary.replace(target)
    finally:
        # A read-only file system refuses even to remove what was never written; its first refusal is the one to tell.
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def printable(text: str) -> str:
    r"""Return text that UTF-8 can hold: what stands for bytes of a file's name that are not UTF-8 is written out.

    >>> printable("a\udcff.jpg")
    'a\\udcff.jpg'
    """
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def short_name(name: str) -> str:
    """A file's name, or for one too long to write something behind it, its start and a checksum of it."""
    data = os.fsencode(name)
    return name if len(data) <= 200 else f"{name[:20]}-{zlib.crc32(data):08x}"
