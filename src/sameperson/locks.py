"""Locks of outputs: of two processes that would write one file or folder, the second is told who writes there.

The lock is the operating system's own advisory lock (`flock`) on a hidden file `.NAME.lock` beside the output. The
system releases it when its process ends, however it ends, and the file is removed when the output is done.
"""

from __future__ import annotations

import errno
import json
import logging
import os
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from sameperson.checks import InputError, short_name, writing
from sameperson.leftovers import sweep_beside

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

log = logging.getLogger(__name__)
BUSY = {errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK}
FAR = 1 << 30
"""The byte that is locked where a lock is of bytes, far behind the text, which others may then read."""
LONGEST = 1000
"""Bytes of a lock file that are read."""
_held: dict[Path, tuple[int, int]] = {}
"""Lock file -> the process and thread that hold it."""


@contextmanager
def locked(target: str | Path) -> Iterator[None]:
    """Hold the lock of the output `target`, a file or a folder, which need not exist yet, while the block runs.

    What killed runs left of the output's temporary files is removed first. A thread may lock again what it holds
    already. Where the file system knows no locks, the block runs without one, and the log says so.
    Raises InputError where another process or thread holds the lock, and where nothing can be written.
    """
    target = Path(target)
    with writing(target):
        place = lock_file(target)
    me = os.getpid(), threading.get_ident()
    if place is None or _held.get(place) == me:
        yield
        return
    made = _missing_folders(place.parent)
    try:
        with writing(target):
            descriptor = _acquire(place, target)
        if descriptor is None:
            yield
            return
        _held[place] = me
        try:
            sweep_beside(place.with_name(place.name[1 : -len(".lock")]))
            yield
        finally:
            del _held[place]
            _release(place, descriptor)
    finally:
        for folder in made:
            with suppress(OSError):  # it holds something now
                folder.rmdir()


def lock_file(target: Path) -> Path | None:
    """The lock file of an output, the same by whatever link a folder is named; None for the root of all folders."""
    real = Path(os.path.realpath(target if target.is_dir() else target.parent))
    real = real if target.is_dir() else real / target.name
    return real.with_name(f".{short_name(real.name)}.lock") if real.name else None


def _missing_folders(folder: Path) -> list[Path]:
    """The folders that must be made for `folder` to exist, the innermost first."""
    return [place for place in (folder, *folder.parents) if not place.exists()]


def _acquire(place: Path, target: Path) -> int | None:
    """Open and lock the file `place`: its descriptor, or None where there is no locking."""
    while True:
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            descriptor = os.open(place, os.O_RDWR | os.O_CREAT, 0o666)
        except FileNotFoundError:
            continue  # another run ended between the two lines, and removed the folders that it had made
        except PermissionError as error:
            if not target.is_dir() and not os.access(place.parent, os.W_OK):
                raise  # the output could not be written there either
            return _without(target, error)
        try:
            if not _try_lock(descriptor):
                raise _taken(target, _content(descriptor))
            if _is_there(place, descriptor):
                _sign(place, descriptor)
                return descriptor
            os.close(descriptor)  # its holder removed it between our opening and our locking: try again
        except InputError:
            os.close(descriptor)
            raise
        except OSError as error:
            os.close(descriptor)
            with suppress(OSError):
                place.unlink()
            return _without(target, error)


def _try_lock(descriptor: int) -> bool:
    """Lock an open file without waiting; False where another one holds the lock."""
    try:
        if sys.platform == "win32":
            os.lseek(descriptor, FAR, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in BUSY:
            return False
        raise
    return True


def _is_there(place: Path, descriptor: int) -> bool:
    """Tell whether the open file still has its name."""
    try:
        return os.path.samestat(place.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _content(descriptor: int) -> bytes:
    os.lseek(descriptor, 0, os.SEEK_SET)
    return os.read(descriptor, LONGEST)


def _sign(place: Path, descriptor: int) -> None:
    """Write into the locked file who holds it. Raises InputError for a file that holds something else."""
    found = _content(descriptor)
    if found and _holder(found) is None:
        raise InputError(f"{place}: a file that is no lock of ours", "a free name", "move it, or choose another output")
    since = datetime.now().astimezone().isoformat(" ", "seconds")
    text = json.dumps({"pid": os.getpid(), "host": socket.gethostname(), "since": since})
    with suppress(OSError):  # a full disk: the lock holds without a name
        os.ftruncate(descriptor, 0)
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.write(descriptor, text.encode())


def _holder(content: bytes) -> tuple[str, str, str] | None:
    """The process, machine and time that a lock file tells, None for any other content."""
    try:
        told = json.loads(content)
        return str(told["pid"]), str(told["host"]), str(told["since"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


def _taken(target: Path, content: bytes) -> InputError:
    holder = _holder(content)
    who = "another process is writing there"
    if holder is not None:
        who = "process {} on {} has been writing there since {}".format(*holder)
    return InputError(f"{target}: {who}", "an output of this run alone", "wait for its end, or choose another output")


def _without(target: Path, error: OSError) -> None:
    """Say that there is no lock."""
    why = error.strerror or str(error)
    log.warning("note: %s: no lock can be had there (%s); start no second run into it", target, why)


def _release(place: Path, descriptor: int) -> None:
    """Remove the lock file while it is still locked, so that no one can hold a lock on a file without a name."""
    with suppress(OSError):
        place.unlink()
    os.close(descriptor)
    if sys.platform == "win32":  # where an open file cannot be removed
        with suppress(OSError):
            place.unlink()
