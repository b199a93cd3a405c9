"""Threads that each make and search their own tiles, one core each."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import torch


def in_threads(work: Callable[[], None]) -> None:
    """Call `work` once in each of torch's threads, within which torch keeps to one core; waits for all.

    A product is then made by one thread, so that its values do not depend on how many there are.
    """
    threads = torch.get_num_threads()
    try:
        with ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,)) as pool:
            for done in [pool.submit(work) for _ in range(threads)]:
                done.result()
    finally:
        torch.set_num_threads(threads)  # threads that start later ask for the number set last
