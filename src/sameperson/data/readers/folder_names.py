"""Lists the names in a folder, all at once, which on a network disk is faster than a look at each file."""

from __future__ import annotations

import os
from pathlib import Path

from sameperson.checks import InputError


def names_in(folder: Path) -> set[str]:
    """Return the names in a folder, none where there is no folder; raises InputError where it cannot be read."""
    try:
        with os.scandir(folder) as entries:
            return {entry.name for entry in entries}
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return set()
    except OSError as error:
        found = f"{folder}: cannot be read ({error.strerror})"
        raise InputError(found, "a folder of pictures", "check its name and who may read it") from error
