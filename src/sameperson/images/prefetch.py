"""Prefetching: threads make batches ahead of their use.

Threads suffice, since decoding and resizing release Python's lock. Nothing is pickled or copied between processes, and
an error arrives as it was raised.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, TypeVar

from sameperson.types import Rows

Made = TypeVar("Made")


@dataclass(frozen=True)
class Loader(Generic[Made]):
    """Yields batches in order, made ahead by `workers` threads, or in the caller's thread when 0.

    make: makes the batch of some rows. plan: the rows of each batch.
    """

    make: Callable[[Rows], Made]
    plan: Sequence[Rows]
    workers: int

    def __len__(self) -> int:
        return len(self.plan)

    def __iter__(self) -> Iterator[Made]:
        if not self.workers:
            yield from map(self.make, self.plan)
            return
        pool = ThreadPoolExecutor(self.workers, thread_name_prefix="pictures")
        ahead: deque[Future[Made]] = deque()
        try:
            for rows in self.plan:
                ahead.append(pool.submit(self.make, rows))
                if len(ahead) > 2 * self.workers:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)
