"""The border between numpy and warp: start warp without a word, bring tables to a device and back.

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
    """Swallow what native code writes to stderr; Python's own errors still come as exceptions."""
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
    """Initialise warp, once. Left to itself it would print a banner and warn of a GPU that nobody asked for."""
    wp.config.log_level = max(wp.config.log_level, wp.LOG_WARNING)
    with silence_native_stderr():
        wp.init()


@cache
def row_type(struct: Any) -> np.dtype[Any]:
    """The numpy type of a warp struct, to fill by field name."""
    return np.dtype(struct.numpy_dtype())


def to_device(values: ArrayLike, kind: Any, device: str) -> Any:
    """An array on a device."""
    return wp.array(np.ascontiguousarray(values), dtype=kind, device=device)


def zeros(shape: int | tuple[int, ...], kind: Any, device: str) -> Any:
    """An array on a device, all zero."""
    return wp.zeros(shape, dtype=kind, device=device)


def reusable_zeros(shape: tuple[int, ...], kind: Any, device: str) -> Any:
    """An array on a device, all zero, that this thread's next call with the same arguments takes back.

    Fresh memory of this size costs more in page faults than a picture in drawing.
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
    """Back to numpy."""
    return array.numpy()


def launch(kernel: Any, dim: int | tuple[int, ...], inputs: list[Any], device: str) -> None:
    """Run a kernel once for each index below `dim`."""
    wp.launch(kernel, dim=dim, inputs=inputs, device=device)
