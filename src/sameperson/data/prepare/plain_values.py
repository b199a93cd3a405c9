"""The values that tracks are made of, and how numpy's part of a pickle describes them: plain data and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

COPIED = 1 << 27
"""Bytes that are copied in all, an entry of a dict counting for 64."""
LARGEST = 1 << 30
"""The longest side of an array."""
DIMENSIONS = 8
LONGEST_KEY = 64
KINDS = re.compile(r"[biuf](1|2|4|8)")
MODULES = ("numpy.core.multiarray", "numpy._core.multiarray")
KNOWN = {
    **{(module, "_reconstruct"): "array" for module in MODULES},
    **{(module, "scalar"): "scalar" for module in MODULES},
    ("numpy", "ndarray"): "ndarray",
    ("numpy", "dtype"): "dtype",
    ("_codecs", "encode"): "encode",
    ("collections", "OrderedDict"): "dict",
    ("collections", "defaultdict"): "dict",
    **{(module, name): "factory" for module in ("builtins", "__builtin__") for name in ("dict", "list", "int")},
}
"""What a pickle may name, and what it stands for here."""


class Refused(ValueError):
    """What is in a pickle that is no plain data."""


@dataclass(frozen=True)
class Named:
    """Something of KNOWN."""

    what: str


@dataclass
class Kind:
    """A dtype while it is put together: `O` or a letter and bytes of an element, and the order of its bytes."""

    code: str
    order: str = "="

    def numpy(self) -> np.dtype[Any]:
        """As numpy has it; raises Refused for objects."""
        if self.code.startswith("O"):
            raise Refused("an array of objects within another")
        order = self.order if self.order in ("<", ">") else "="
        return np.dtype(order + self.code)


@dataclass
class Array:
    """An array while it is put together; items: of an array of objects, values: of one of numbers."""

    values: NDArray[Any] | None = None
    items: list[Any] | None = None

    def settled(self) -> Any:
        """What is in it; the only object of an array that wraps a dict."""
        if self.items is not None:
            return self.items[0] if len(self.items) == 1 else self.items
        if self.values is None:
            raise Refused("an array without contents")
        return self.values


@dataclass
class Copies:
    """How many bytes were copied so far, which a small file may ask for again and again."""

    made: int = 0

    def add(self, count: int) -> None:
        """Note a copy; raises Refused where they are too many."""
        self.made += count
        if self.made > COPIED:
            raise Refused("the same again and again")


def plain_key(key: Any) -> int | str:
    """A key of a dict: a number or a word, whose hash costs nothing."""
    key = settled(key)
    if isinstance(key, int) and abs(key) < 1 << 63:
        return int(key)
    if isinstance(key, (str, bytes)) and len(key) <= LONGEST_KEY:
        return key if isinstance(key, str) else key.decode("latin-1")
    raise Refused(f"a key that is {type(key).__name__}, or too long")


def settled(value: Any) -> Any:
    """A value as it is handed out."""
    return value.settled() if isinstance(value, Array) else value


def make_array(_copies: Copies, kind: Any, *_: Any) -> Array:
    """An empty array, filled later."""
    if kind != Named("ndarray"):
        raise Refused("an array of another class")
    return Array()


def make_kind(_copies: Copies, code: Any, *_: Any) -> Kind:
    """A dtype by its code."""
    if not isinstance(code, str) or not (KINDS.fullmatch(code) or code in ("O", "O4", "O8")):
        raise Refused(f"the dtype {code:.20}" if isinstance(code, str) else "a dtype without a code")
    return Kind(code)


def make_scalar(copies: Copies, kind: Any, raw: Any) -> int | float:
    """A number from its bytes."""
    if not isinstance(kind, Kind):
        raise Refused("a number without its kind")
    dtype, data = kind.numpy(), as_bytes(copies, raw)
    if len(data) != dtype.itemsize:
        raise Refused("a number of the wrong length")
    return np.frombuffer(data, dtype)[0].item()


def make_bytes(copies: Copies, text: Any, encoding: Any) -> bytes:
    """How protocol 2 writes bytes."""
    if not isinstance(text, str) or encoding not in ("latin1", "latin-1"):
        raise Refused("an encoding")
    return as_bytes(copies, text)


def make_dict(copies: Copies, *arguments: Any) -> dict[Any, Any]:
    """An OrderedDict or a defaultdict, as a dict; Python 2 gives the former its pairs as a list."""
    made: dict[Any, Any] = {}
    pairs = arguments[0] if arguments and isinstance(arguments[0], list) else []
    copies.add(64 * len(pairs))
    for pair in pairs:
        if not isinstance(pair, (list, tuple)) or len(pair) != 2:
            raise Refused("an OrderedDict of no pairs")
        made[plain_key(pair[0])] = pair[1]
    return made


MAKERS: dict[str, Callable[..., Any]] = {
    "array": make_array,
    "dtype": make_kind,
    "scalar": make_scalar,
    "encode": make_bytes,
    "dict": make_dict,
}


def fill_array(
    copies: Copies, target: Array, _version: Any, shape: Any, kind: Any, fortran: Any, contents: Any
) -> None:
    """An array's shape and numbers, or its objects."""
    whole = isinstance(shape, tuple) and len(shape) <= DIMENSIONS and all(type(n) is int and n >= 0 for n in shape)
    if not whole or not isinstance(kind, Kind):
        raise Refused("an array of no shape")
    if isinstance(contents, list):
        if not kind.code.startswith("O") or prod(shape) != len(contents):
            raise Refused("an array of the wrong length")
        target.items = contents
        return
    data, dtype = as_bytes(copies, contents), kind.numpy()
    if prod(shape) * dtype.itemsize != len(data) or max(shape, default=0) > LARGEST:
        raise Refused("an array of the wrong length")
    target.values = np.frombuffer(data, dtype).reshape(shape, order="F" if fortran else "C")


def as_bytes(copies: Copies, raw: Any) -> bytes:
    """Bytes, which Python 2 wrote as a string."""
    if isinstance(raw, str):
        copies.add(len(raw))
        return raw.encode("latin-1")
    if not isinstance(raw, (bytes, bytearray)):
        raise Refused("an array without its bytes")
    return bytes(raw)
