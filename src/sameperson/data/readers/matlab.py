"""Tables of numbers in MATLAB's .mat files. scipy parses these; nothing in them is executed."""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.io import loadmat
from scipy.io.matlab import MatReadError

from sameperson.checks import InputError, existing_file

LARGEST = 1 << 28
"""Bytes of a file that is still thought to be a table of tracklets."""


def matrix_in(file: Path, columns: int) -> NDArray[np.int64]:
    """The one table of whole numbers in a .mat file, (N, columns); a single row or column where columns is 1.

    Raises InputError for a file that is no such table.
    """
    expected = f"a .mat file with one table of {columns} columns of whole numbers"
    file = existing_file(file, expected)
    if file.stat().st_size > LARGEST:
        raise InputError(f"{file}: {file.stat().st_size} bytes", expected, "check which file this is")
    try:
        content = loadmat(file)
    except (
        ArithmeticError, AttributeError, LookupError, MatReadError, MemoryError, NotImplementedError, OSError,
        TypeError, ValueError, zlib.error,
    ) as error:  # fmt: skip
        raise InputError(f"{file}: not a .mat file ({error})", expected, "save it as version 5 or 7") from error
    tables = [value for name, value in content.items() if not name.startswith("__")]
    good = [
        table for table in tables if isinstance(table, np.ndarray) and table.dtype.kind in "iuf" and table.ndim == 2
    ]
    if columns == 1:
        good = [table.reshape(-1, 1) for table in good if 1 in table.shape]
    good = [table for table in good if table.shape[1] == columns and len(table)]
    if len(good) != 1 or not np.isfinite(good[0]).all() or (np.abs(good[0]) > np.iinfo(np.int32).max).any():
        raise InputError(f"{file}: {len(good)} tables of {columns} columns", expected, "check which file this is")
    return good[0].astype(np.int64)
