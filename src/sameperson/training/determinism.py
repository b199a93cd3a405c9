"""Deterministic training: generators re-seeded at each step, and operations that sum in a fixed order."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
import torch.utils.deterministic

MEMORY: Any = torch.utils.deterministic
"""The module that holds torch's switch `fill_uninitialized_memory`, which torch's types do not declare."""


def reseed(*numbers: int) -> None:
    """Seed torch's generators with these numbers, such as (seed, epoch, step, rank).

    Reseeding before each step means that a resumed run needs no generator's state.
    """
    torch.manual_seed(int(np.random.SeedSequence(numbers).generate_state(1, np.uint64)[0]))


@contextmanager
def reproducible(device: torch.device) -> Iterator[None]:
    """Use deterministic operations on the CPU within this context, where they cost next to nothing.

    Afterwards torch's settings and the state of its generators are as before.
    """
    before = torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()
    filled = MEMORY.fill_uninitialized_memory
    with torch.random.fork_rng(devices=()):
        if device.type == "cpu":
            torch.use_deterministic_algorithms(True, warn_only=True)
            # Otherwise torch fills thousands of new tensors a step with NaN, though each is written before it is read.
            MEMORY.fill_uninitialized_memory = False
        try:
            yield
        finally:
            torch.use_deterministic_algorithms(before[0], warn_only=before[1])
            MEMORY.fill_uninitialized_memory = filled
