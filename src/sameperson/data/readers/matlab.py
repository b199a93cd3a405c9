"""Tables of numbers in MATLAB's .mat files of version 5 to 7, as MathWorks' "MAT-File Format" describes these.

Read here because scipy's reader takes the whole process down on some damaged files; everything but a plain table of
real numbers is passed over or refused.
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
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
START = 1024
"""Bytes of a compressed array that hold its class, its size and its name."""
HDF5, HDF5_TEXT = b"\x89HDF\r\n\x1a\n", b"MATLAB 7.3 MAT-file"
"""How a file of version 7.3 begins, with and without the text that MATLAB writes before."""
NOTHING = (0, memoryview(b""))


def matrix_in(file: Path, columns: int) -> NDArray[np.int64]:
    """The one table of whole numbers in a .mat file, (N, columns); a single row or column where columns is 1.

    Raises InputError for a file that is no such table.
    """
    expected = f"a .mat file with one table of {columns} columns of whole numbers"
    file = existing_file(file, expected)
    if file.stat().st_size > LARGEST:
        raise InputError(f"{file}: {file.stat().st_size} bytes", expected, "check which file this is")
    with _as_one_line(file, expected):
        found = list(_tables(file.read_bytes()))
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
    order = _byte_order(content)
    for _, element in _arrays(memoryview(content)[HEADER:], order):
        table = _table(_unpacked(*element, order, LARGEST), order)
        if table is not None:
            yield table


@dataclass(frozen=True)
class MatFile:
    """An opened .mat file. arrays: name -> type and bytes of its element, not yet unpacked; order: of its bytes."""

    file: Path
    arrays: Mapping[str, tuple[int, memoryview]]
    order: str

    @classmethod
    def open(cls, file: Path, expected: str, largest: int) -> MatFile:
        """Open a file of up to `largest` bytes and read the names of its arrays; raises InputError for another file."""
        file = existing_file(file, expected)
        if file.stat().st_size > largest:
            raise InputError(f"{file}: {file.stat().st_size >> 20} MB", expected, "check which file this is")
        content = file.read_bytes()
        with _as_one_line(file, expected):
            order = _byte_order(content)
            return cls(file, dict(_arrays(memoryview(content)[HEADER:], order)), order)

    def table(self, name: str, expected: str, largest: int) -> NDArray[np.generic]:
        """The table (rows, columns) of a name, of up to `largest` bytes; raises InputError where it is none."""
        with _as_one_line(self.file, expected):
            table = _table(_unpacked(*self.arrays[name], self.order, largest), self.order)
        if table is None:
            found = f"{self.file}: {name} is no table of real numbers"
            raise InputError(found, expected, "save it as a matrix of numbers")
        return table


@contextmanager
def _as_one_line(file: Path, expected: str) -> Iterator[None]:
    """Turn what is wrong with a file's bytes into one line."""
    try:
        yield
    except (ValueError, LookupError, OverflowError, struct.error, zlib.error) as error:
        if isinstance(error, InputError):
            raise
        then = "get it anew, or save it as version 5 or 7"
        raise InputError(f"{file}: no .mat file of version 5 to 7 ({error})", expected, then) from error


def _byte_order(content: bytes) -> str:
    """The byte order that a file's header states; raises ValueError for another format."""
    if content.startswith((HDF5, HDF5_TEXT)):
        raise ValueError("it is of version 7.3, which is HDF5")
    order = {b"IM": "<", b"MI": ">"}.get(content[HEADER - 2 : HEADER])
    if order is None or struct.unpack(f"{order}H", content[HEADER - 4 : HEADER - 2]) != (0x0100,):
        raise ValueError("its header is another")
    return order


def _arrays(content: memoryview, order: str) -> Iterator[tuple[str, tuple[int, memoryview]]]:
    """The name of each array, with the type and the bytes of its element, of which only the start is unpacked."""
    for kind, data in _elements(content, order):
        start = zlib.decompressobj().decompress(data, START) if kind == COMPRESSED else data
        if kind == COMPRESSED:
            inner, start = struct.unpack_from(f"{order}I", start)[0], start[8:]
        else:
            inner = kind
        if inner != MATRIX:
            continue
        parts = _elements(start, order)
        name = [bytes(part) for _, part in zip(range(3), (data for _, data in parts), strict=False)]
        yield name[2].decode("latin-1") if len(name) == 3 else "", (kind, data)


def _unpacked(kind: int, data: memoryview, order: str, largest: int) -> memoryview:
    """The bytes of an array's element, which may be compressed; no more than it says itself are unpacked."""
    if kind != COMPRESSED:
        return data
    unpacker = zlib.decompressobj()
    _, size = struct.unpack_from(f"{order}II", start := unpacker.decompress(data, 8))
    if size > largest:
        raise ValueError(f"it unpacks to too much, {size} bytes")
    content = unpacker.decompress(unpacker.unconsumed_tail, size) if size else start[:0]
    unpacker.decompress(unpacker.unconsumed_tail, 8)  # the checksum
    if len(content) != size or not unpacker.eof:
        raise ValueError("it is cut short, or unpacks to too much")
    return memoryview(content)


def _elements(content: bytes | memoryview, order: str) -> Iterator[tuple[int, memoryview]]:
    """Type and bytes of each element, one after another."""
    content = memoryview(content)
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


def _table(matrix: memoryview, order: str) -> NDArray[np.generic] | None:
    """The numbers of an array (rows, columns), or None for an array of another kind."""
    parts = _elements(matrix, order)
    _, flags = next(parts, NOTHING)
    kind = struct.unpack_from(f"{order}I", flags)[0]
    if kind & 0xFF not in NUMERIC or kind & COMPLEX:
        return None
    _, sizes = next(parts, NOTHING)
    shape = np.frombuffer(sizes, f"{order}i4").tolist()
    next(parts, None)  # its name
    stored, data = next(parts, NOTHING)
    if len(shape) != 2 or min(shape) < 0:
        return None
    numbers = np.frombuffer(data, f"{order}{NUMBERS[stored]}")
    if len(numbers) != math.prod(shape):
        raise ValueError(f"a table of {shape[0]} rows and {shape[1]} columns holds {len(numbers)} numbers")
    return numbers.reshape(shape, order="F")
