"""Features in a .npy file (N, D), whose header is checked before anything of its size is allocated."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from sameperson.checks import InputError, existing_file

EXPECTED = "features as np.save writes them: (N, D) of float16, float32 or float64"
HEADERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
LONGEST = 1 << 20
"""Numbers in the longest feature that is believed."""


def read_npy(file: Path) -> NDArray[Any]:
    """Read features (N, D) of floating-point numbers; nothing is unpickled.

    Raises InputError for any other array, and for a file that is not as long as its header says.
    """
    file = existing_file(file, EXPECTED)
    with file.open("rb") as content:
        shape, dtype, fortran = _header(file, content)
        start = content.tell()
        if dtype.hasobject or dtype.names is not None or dtype.kind != "f" or dtype.itemsize > 8:
            what = "Python objects, which are not unpickled" if dtype.hasobject else f"of {dtype}"
            raise InputError(f"{file}: {what}", EXPECTED, "save it with np.save(file, features.astype(np.float32))")
        if len(shape) != 2 or not 0 < shape[1] <= LONGEST or shape[0] < 1:
            raise InputError(f"{file}: an array of shape {shape}", EXPECTED, "save a row for each picture")
        needed, there = math.prod(shape) * dtype.itemsize, file.stat().st_size - start
        if needed != there:
            found = f"{file}: {there} bytes of numbers, though its header says {shape[0]} rows of {shape[1]}"
            raise InputError(found, EXPECTED, "get it anew")
        numbers = np.fromfile(content, dtype, math.prod(shape))
    return numbers.reshape(shape, order="F" if fortran else "C")


def _header(file: Path, content: BinaryIO) -> tuple[tuple[int, ...], np.dtype[Any], bool]:
    """Shape, type and order as the file states them."""
    try:
        version = np.lib.format.read_magic(content)
        if version not in HEADERS:
            raise ValueError(f"version {version[0]}.{version[1]} of the format")
        shape, fortran, dtype = HEADERS[version](content)
        return shape, dtype, fortran
    except (ValueError, SyntaxError, TypeError, OverflowError, RecursionError, MemoryError) as error:
        why = next(iter(str(error).splitlines()), type(error).__name__)
        raise InputError(f"{file}: no .npy file ({why})", EXPECTED, "check which file this is") from error
