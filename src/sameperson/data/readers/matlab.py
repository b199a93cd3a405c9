"""Tables of numbers in MATLAB's .mat files of version 5 to 7, as MathWorks' "MAT-File Format" describes these.

Read here because scipy's reader takes the whole process down on some damaged files; everything but a plain table of
real numbers is passed over or refused.
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sameperson.checks import InputError, existing_file

LARGEST = 1 << 26
"""Bytes of a file, or of what it unpacks to, that is still thought to be a table of tracklets."""
HEADER = 128
MATRIX, COMPRESSED = 14, 15
NUMBERS = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
"""Type of an element -> how numpy calls it."""
NUMERIC = range(6, 16)
"""Classes of arrays that are tables of numbers; others are text, cells, structures, objects, sparse."""
COMPLEX = 0x0800


def matrix_in(file: Path, columns: int) -> NDArray[np.int64]:
    """The one table of whole numbers in a .mat file, (N, columns); a single row or column where columns is 1.

    Raises InputError for a file that is no such table.
    """
    expected = f"a .mat file with one table of {columns} columns of whole numbers"
    file = existing_file(file, expected)
    if file.stat().st_size > LARGEST:
        raise InputError(f"{file}: {file.stat().st_size} bytes", expected, "check which file this is")
    try:
        found = list(_tables(file.read_bytes()))
    except (ValueError, LookupError, OverflowError, struct.error, zlib.error) as error:
        then = "get it anew, or save it as version 5 or 7"
        raise InputError(f"{file}: no .mat file of version 5 to 7 ({error})", expected, then) from error
    if columns == 1:
        found = [table.reshape(-1, 1) for table in found if 1 in table.shape]
    good = [table for table in found if table.shape[1] == columns and len(table)]
    if len(good) != 1:
        raise InputError(f"{file}: {len(good)} tables of {columns} columns", expected, "check which file this is")
    table = good[0].astype(np.float64)
    if not (np.abs(table) <= np.iinfo(np.int32).max).all():  # false for what is no number, too
        raise InputError(f"{file}: what is no number, or too large a one", expected, "check which file this is")
    return table.astype(np.int64)


def _tables(content: bytes) -> Iterator[NDArray[np.generic]]:
    """Every two-dimensional table of real numbers; raises ValueError and its like for another format."""
    order = {b"IM": "<", b"MI": ">"}.get(content[HEADER - 2 : HEADER])
    if order is None or struct.unpack(f"{order}H", content[HEADER - 4 : HEADER - 2]) != (0x0100,):
        raise ValueError("its header is another")
    for kind, data in _elements(content[HEADER:], order):
        if kind == COMPRESSED:
            unpacker = zlib.decompressobj()
            data = unpacker.decompress(data, LARGEST)
            if not unpacker.eof:
                raise ValueError("it is cut short, or unpacks to too much")
            inner = [element for kind, element in _elements(data, order) if kind == MATRIX]
        else:
            inner = [data] if kind == MATRIX else []
        for element in inner:
            table = _table(element, order)
            if table is not None:
                yield table


def _elements(content: bytes, order: str) -> Iterator[tuple[int, bytes]]:
    """Type and bytes of each element, one after another."""
    place = 0
    while place < len(content):
        kind, size = struct.unpack_from(f"{order}II", content, place)
        if kind >> 16:  # a small element: its size and type in four bytes, its data in the next four
            kind, size, start, end = kind & 0xFFFF, kind >> 16, place + 4, place + 8
            if size > 4:
                raise ValueError("an element is too large")
        else:
            start = place + 8
            end = start + size + (0 if kind == COMPRESSED else -size % 8)
        if start + size > len(content):
            raise ValueError("it is cut short")
        yield kind, content[start : start + size]
        place = end


def _table(matrix: bytes, order: str) -> NDArray[np.generic] | None:
    """The numbers of an array (rows, columns), or None for an array of another kind."""
    parts = _elements(matrix, order)
    _, flags = next(parts, (0, b""))
    kind = struct.unpack_from(f"{order}I", flags)[0]
    if kind & 0xFF not in NUMERIC or kind & COMPLEX:
        return None
    _, sizes = next(parts, (0, b""))
    shape = np.frombuffer(sizes, f"{order}i4").tolist()
    next(parts, None)  # its name
    stored, data = next(parts, (0, b""))
    if len(shape) != 2 or min(shape) < 0:
        return None
    numbers = np.frombuffer(data, f"{order}{NUMBERS[stored]}")
    if len(numbers) != math.prod(shape):
        raise ValueError(f"a table of {shape[0]} rows and {shape[1]} columns holds {len(numbers)} numbers")
    return numbers.reshape(shape, order="F")
