"""How far long work has come: a bar on a terminal, a plain line now and then otherwise."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

QUIET_SECONDS = 10.0
"""A log hears of long work this often."""


@contextmanager
def counting(what: str) -> Iterator[Callable[[int, int], None]]:
    """A function to call with (done, in all), told on stderr."""
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import Progress

        with Progress(console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(what, total=None)
            yield lambda done, total: bar.update(task, completed=done, total=total)
        return
    spoke = time.monotonic()

    def tell(done: int, total: int) -> None:
        nonlocal spoke
        if time.monotonic() - spoke > QUIET_SECONDS:
            spoke = time.monotonic()
            print(f"{what}: {done} of {total}", file=sys.stderr, flush=True)

    yield tell
