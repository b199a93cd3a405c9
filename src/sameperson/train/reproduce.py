"""The same run twice: randomness without a memory, and operations that always add up in the same order."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch


def reseed(*numbers: int) -> None:
    """Start torch's generators from these numbers, such as (seed, epoch, step, rank).

    Reseeding before each step means that a resumed run needs no generator's state.
    """
    torch.manual_seed(int(np.random.SeedSequence(numbers).generate_state(1, np.uint64)[0]))


@contextmanager
def reproducible(device: torch.device) -> Iterator[None]:
    """Forbid unordered sums on CPU, where that costs next to nothing; afterwards all is as it was."""
    before = torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()
    with torch.random.fork_rng(devices=()):
        if device.type == "cpu":
            torch.use_deterministic_algorithms(True, warn_only=True)
        try:
            yield
        finally:
            torch.use_deterministic_algorithms(before[0], warn_only=before[1])
