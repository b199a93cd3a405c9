"""A restricted unpickler: reads the dict that `np.save` pickled into a .npy file, and makes nothing but plain data.

Numbers, strings, lists, tuples, dicts and numpy's arrays and scalars of numbers are all that it knows. A name in the
pickle is looked up in a short table and stands for a function of this file that checks its arguments; nothing is
imported, and every other name or instruction is refused.

The base is the standard library's unpickler in Python. The one in C reserves as much memory as a single number in the
file asks for (CPython issue 115952), and it hashes any key of a dict, which for tuples of tuples may never end.
"""

from __future__ import annotations

import pickle
import re
import struct
from collections.abc import Callable
from io import BytesIO
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

LEAST, MORE, MOST = 1 << 26, 32, 1 << 29
"""Reading a file may take LEAST bytes of memory and MORE for each of its own, up to MOST, by the estimates below."""
COSTS = {
    128: "MARK EMPTY_LIST EMPTY_DICT LIST SETITEM GLOBAL STACK_GLOBAL REDUCE PUT BINPUT LONG_BINPUT MEMOIZE",
    72: "LONG LONG1 LONG4 STRING BINSTRING SHORT_BINSTRING UNICODE SHORT_BINUNICODE BINUNICODE BINUNICODE8 "
    "SHORT_BINBYTES BINBYTES BINBYTES8 TUPLE TUPLE1 TUPLE2 TUPLE3",
    40: "PROTO FRAME STOP POP POP_MARK GET BINGET LONG_BINGET NONE NEWTRUE NEWFALSE INT BININT BININT1 BININT2 FLOAT "
    "BINFLOAT EMPTY_TUPLE APPEND APPENDS DICT SETITEMS BUILD",
}
"""About how many bytes an instruction takes -> the instructions that are followed."""
ENTRY = 64
"""About what an entry of a dict takes."""
DTYPE = re.compile(r"[biuf][1248]|O[48]?")
LONGEST_SIDE, LONGEST_KEY = 1 << 20, 64
DAMAGED = (pickle.UnpicklingError, EOFError, ValueError, TypeError, LookupError, AttributeError, struct.error)
"""What the unpickler and numpy raise for bytes that are no whole pickle, or one of something else."""


class Refused(ValueError):
    """What a pickle holds that is no plain data."""


def read_plain(data: bytes) -> Any:
    """The value that a pickle stands for; raises Refused for anything but plain data, and for what is no pickle."""
    try:
        return PlainUnpickler(data).load()
    except Refused:
        raise
    except DAMAGED as error:
        raise Refused(f"no whole pickle of plain data ({type(error).__name__})") from error


class Dtype:
    """A dtype while it is read: numpy's own are shared by the whole process, and a pickle would change them."""

    def __init__(self, code: str, _align: object, _copy: object) -> None:
        if not DTYPE.fullmatch(code):
            raise Refused(f"the dtype {code[:20]!a}")
        self.code, self.order = code, "="

    def numpy(self) -> np.dtype[Any]:
        """As numpy has it."""
        return np.dtype("O" if self.code[0] == "O" else self.order + self.code)


def make_array(_kind: object, _shape: object, _code: object) -> NDArray[Any]:
    """An array that BUILD fills."""
    return np.empty(0)


def make_scalar(dtype: Dtype, raw: bytes) -> int | float:
    """A number from its bytes."""
    return np.frombuffer(raw, dtype.numpy()).item()


def make_dict(factory: str = "") -> dict[Any, Any]:
    """An OrderedDict or a defaultdict, as a dict."""
    if not isinstance(factory, str):
        raise Refused("a dict made of a list")
    return {}


CORES = ("core", "_core")  # before and since numpy 2
KNOWN: dict[str, Callable[..., Any] | None] = {
    **{f"numpy.{core}.multiarray._reconstruct": make_array for core in CORES},
    **{f"numpy.{core}.multiarray.scalar": make_scalar for core in CORES},
    "numpy.dtype": Dtype,
    "numpy.ndarray": None,
    **{f"collections.{name}": make_dict for name in ("OrderedDict", "defaultdict")},
    **{f"{module}.{name}": None for module in ("builtins", "__builtin__") for name in ("dict", "list", "int")},
}
"""A name in a pickle -> what is called instead; None for a class that is only an argument."""


def charged(cost: int, act: Callable[[Any], None]) -> Callable[[Any], None]:
    """An instruction that first takes its cost from the budget."""

    def run(unpickler: PlainUnpickler) -> None:
        unpickler.spend(cost)
        act(unpickler)

    return run


class PlainUnpickler(pickle._Unpickler):
    """Follows one pickle, as long as the budget lasts."""

    stack: list[Any]
    pop_mark: Callable[[], list[Any]]

    def __init__(self, data: bytes) -> None:
        super().__init__(BytesIO(data))
        self.left, self.object_arrays = min(LEAST + MORE * len(data), MOST), 0

    def spend(self, cost: int) -> None:
        """Note that about so many bytes are made."""
        self.left -= cost
        if self.left < 0:
            raise Refused("more values than the tracks of a film")

    def find_class(self, module: str, name: str) -> Any:
        """What stands for a name: a function of this file, or a word that nothing can call."""
        if (word := f"{module}.{name}") == "_codecs.encode":
            return self.make_bytes
        if word not in KNOWN:
            raise Refused(ascii(f"{module[:40]}.{name[:40]}"))
        return KNOWN[word] or word

    def make_bytes(self, text: str, _latin1: object) -> bytes:
        """Bytes, which protocols 0 to 2 write as a string."""
        self.spend(len(text))
        return text.encode("latin-1")

    def fill_dict(self, items: list[Any]) -> None:
        """Put keys and values in turn into the dict on top. The keys are short, so that their hash costs nothing."""
        target = self.stack[-1]
        if not isinstance(target, dict):
            raise Refused(f"a key in what is {type(target).__name__}")
        self.spend(ENTRY * len(items))
        for key, value in zip(items[::2], items[1::2], strict=True):
            short = len(key) <= LONGEST_KEY if isinstance(key, str) else isinstance(key, int) and key.bit_length() < 64
            if not short:
                raise Refused(f"a key that is {type(key).__name__}, or too long")
            target[key] = value

    def load_dict(self) -> None:
        """An empty dict, as protocol 0 writes it."""
        if self.pop_mark():
            raise Refused("a dict in one piece")
        self.stack.append({})

    def load_build(self) -> None:
        """Give the dtype on top its order of bytes, or the array its shape and contents."""
        state, target = self.stack.pop(), self.stack[-1]
        if isinstance(target, Dtype) and state[1] in ("<", ">", "=", "|"):
            target.order = state[1]
        elif isinstance(target, np.ndarray):
            self.fill_array(target, *state)
        else:
            raise Refused("a state of what is not known")

    def fill_array(self, target: NDArray[Any], *state: Any) -> None:
        """Tell numpy the state of an array. One array of objects may come, which is the one that wraps the dict."""
        _version, shape, dtype, fortran, contents = state
        if len(shape) > 3 or not all(type(side) is int and 0 <= side < LONGEST_SIDE for side in shape):
            raise Refused("an array of no shape")
        kind, size = dtype.numpy(), prod(shape)
        self.object_arrays += kind.hasobject
        if kind.hasobject:
            right = type(contents) is list and len(contents) == size == self.object_arrays == 1
        else:
            right = type(contents) is bytes and len(contents) == size * kind.itemsize
        if not right:
            raise Refused("an array of other contents than it says, or of objects within another")
        self.spend(len(contents))
        state = 1, shape, kind, bool(fortran), contents
        target.__setstate__(state)


OWN: dict[str, Callable[[Any], None]] = {
    "SETITEM": lambda self: self.fill_dict([self.stack.pop(-2), self.stack.pop()]),
    "SETITEMS": lambda self: self.fill_dict(self.pop_mark()),
    "DICT": PlainUnpickler.load_dict,
    "BUILD": PlainUnpickler.load_build,
}
PlainUnpickler.dispatch = {
    code: charged(cost, OWN.get(name, pickle._Unpickler.dispatch[code]))
    for cost, names in COSTS.items()
    for name in names.split()
    for code in getattr(pickle, name)
}
"""What is done for the code of an instruction; one that is not here raises KeyError."""
