"""Worker processes that draw independent jobs in parallel."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import cv2

from sameperson.checks import InputError

Job = TypeVar("Job")
Result = TypeVar("Result")


def staging_folder(out: Path, workers: int) -> Path:
    """The hidden folder beside `out` in which a tree is written until it is complete.

    Raises InputError where `out` exists and is not an empty folder, and for too few workers.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise InputError(f"{out}: there already", "a new or empty folder", "choose another name or remove it")
    if workers < 1:
        raise InputError(f"--workers {workers}", "at least 1", "raise --workers")
    return out.with_name(f".{out.name}.part")


def run_jobs(run: Callable[[Job], Result], jobs: Sequence[Job], workers: int) -> Iterator[Result]:
    """Run jobs in this process or in workers; yields each result when it is ready, in any order."""
    if workers == 1 or len(jobs) < 2:
        yield from map(run, jobs)
        return
    with worker_pool(min(workers, len(jobs))) as processes:
        for finished in as_completed([processes.submit(run, job) for job in jobs]):
            yield finished.result()


@contextmanager
def worker_pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    """Start worker processes, forked from a clean process and never from this one with its threads."""
    method = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
    context = multiprocessing.get_context(method)
    if method == "forkserver":
        context.set_forkserver_preload(["sameperson.world.dataset"])
    processes = ProcessPoolExecutor(workers, context, initializer=exit_with_parent)
    try:
        yield processes
    except BrokenProcessPool as error:
        raise RuntimeError("a drawing process died; is there enough memory?") from error
    finally:
        processes.shutdown(cancel_futures=True)


def exit_with_parent() -> None:
    """End this worker when the process that started it is killed."""
    parent = multiprocessing.parent_process()
    cv2.setNumThreads(1)

    def wait() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
