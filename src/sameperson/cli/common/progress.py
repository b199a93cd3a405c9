"""Progress of a command's work on stderr: a bar on a terminal, plain lines otherwise."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from sameperson.training.progress import progress_on


@contextmanager
def counting(what: str) -> Iterator[Callable[[int, int], None]]:
    """A function to call with (done, in all), told on stderr."""
    with progress_on(sys.stderr) as progress:
        yield partial(progress.count, what)
