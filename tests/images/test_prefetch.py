import threading

import numpy as np
import pytest

from sameperson.images.prefetch import Loader

PLAN = [np.array([[number, 0]]) for number in range(20)]


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_batches_come_in_order_and_every_time(workers: int) -> None:
    loader = Loader(lambda rows: int(rows[0, 0]) ** 2, PLAN, workers)
    assert len(loader) == 20
    assert list(loader) == [number**2 for number in range(20)]
    assert list(loader) == [number**2 for number in range(20)]


@pytest.mark.parametrize("workers", [0, 2])
def test_an_error_arrives_as_it_was_raised_after_what_came_before(workers: int) -> None:
    def make(rows: np.ndarray) -> int:
        if rows[0, 0] == 5:
            raise LookupError("the fifth")
        return int(rows[0, 0])

    seen = []
    with pytest.raises(LookupError, match="the fifth"):
        for made in Loader(make, PLAN, workers):
            seen.append(made)
    assert seen == [0, 1, 2, 3, 4]


def test_leaving_early_stops_the_workers_and_bounds_what_was_made() -> None:
    made: list[int] = []

    def make(rows: np.ndarray) -> int:
        made.append(int(rows[0, 0]))
        return made[-1]

    for _ in Loader(make, PLAN, 2):
        break
    assert len(made) <= 1 + 2 * 2
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("pictures")]
