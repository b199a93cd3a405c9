"""Transfer between numpy and warp: start warp silently, copy tables to a device and back.

`kind` is warp's name for what an array holds: a scalar, a vector, a matrix or a struct of `world.render.kernels`.
"""

from __future__ import annotations

import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import numpy as np
import warp as wp
from numpy.typing import ArrayLike, NDArray


@contextmanager
def silence_native_stderr() -> Iterator[None]:
    """Silence what native code writes to stderr; Python's own errors still come as exceptions."""
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as nowhere:
        os.dup2(nowhere.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)


@cache
def start_warp() -> None:
    """Initialise warp once, without its banner and its warnings about a GPU."""
    wp.config.log_level = max(wp.config.log_level, wp.LOG_WARNING)
    with silence_native_stderr():
        wp.init()


@cache
def row_type(struct: Any) -> np.dtype[Any]:
    """The structured numpy type of a warp struct, whose fields have the same names."""
    return np.dtype(struct.numpy_dtype())


def to_device(values: ArrayLike, kind: Any, device: str) -> Any:
    """Copy values to an array on a device."""
    return wp.array(np.ascontiguousarray(values), dtype=kind, device=device)


def zeros(shape: int | tuple[int, ...], kind: Any, device: str) -> Any:
    """Make an array of zeros on a device."""
    return wp.zeros(shape, dtype=kind, device=device)


def reusable_zeros(shape: tuple[int, ...], kind: Any, device: str) -> Any:
    """Make an array of zeros on a device, whose memory this thread's next call with the same arguments reuses.

    Page faults of fresh memory of this size take longer than drawing a picture.
    """
    kept: dict[Any, Any] = _thread.__dict__
    name = f"{shape}{kind}{device}"
    if name in kept:
        kept[name].zero_()
    else:
        kept.clear()
        kept[name] = zeros(shape, kind, device)
    return kept[name]


_thread = threading.local()


def from_device(array: Any) -> NDArray[Any]:
    """Copy an array from its device to numpy."""
    return array.numpy()


def launch(kernel: Any, dim: int | tuple[int, ...], inputs: list[Any], device: str) -> None:
    """Run a kernel once for each index below `dim`."""
    wp.launch(kernel, dim=dim, inputs=inputs, device=device)
