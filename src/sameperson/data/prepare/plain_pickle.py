"""Reads what `np.save` writes of a dict, which is a pickle, without unpickling: a small machine that knows plain data.

Numbers, strings, lists, tuples, dicts and numpy arrays and scalars of numbers are all it can make. Whatever else a
pickle asks for, such as a function to call, is refused by name; nothing is imported and nothing is called. Every value
is made from bytes that are there, so nothing is large that does not come from a large file.
"""

from __future__ import annotations

import pickletools
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from sameperson.data.prepare.plain_values import (
    KNOWN,
    MAKERS,
    Array,
    Copies,
    Kind,
    Named,
    Refused,
    fill_array,
    plain_key,
    settled,
)

MOST = 20_000_000
"""Instructions of a pickle that are followed, each of which makes some dozens of bytes at most, or copies its own."""
MARK = object()


@dataclass
class Machine:
    """Where a pickle builds its value."""

    stack: list[Any] = field(default_factory=list)
    memo: dict[int, Any] = field(default_factory=dict)
    copies: Copies = field(default_factory=Copies)

    def pop(self) -> Any:
        """The top of the stack."""
        if not self.stack or self.stack[-1] is MARK:
            raise Refused("a pickle that takes what is not there")
        return self.stack.pop()

    def pop_to_mark(self) -> list[Any]:
        """All that was put on the stack since the last mark."""
        for place in range(len(self.stack) - 1, -1, -1):
            if self.stack[place] is MARK:
                taken = self.stack[place + 1 :]
                del self.stack[place:]
                return taken
        raise Refused("a pickle without its mark")

    def top(self, kind: type) -> Any:
        """The top of the stack, which must be of a kind, left there."""
        if not self.stack or not isinstance(self.stack[-1], kind):
            raise Refused(f"a pickle that fills no {kind.__name__}")
        return self.stack[-1]

    def fill(self, pairs: list[Any]) -> None:
        """Put keys and values into the dict on top."""
        target = self.top(dict)
        if len(pairs) % 2:
            raise Refused("a key without a value")
        for key, value in zip(pairs[::2], pairs[1::2], strict=True):
            target[plain_key(key)] = value


def read_plain(data: bytes) -> Any:
    """The value that a pickle stands for.

    Arrays are left as `Array` where they lie in containers: `settled` gives what is in them.
    Raises Refused for whatever is not plain data, and for bytes that are no pickle.
    """
    machine = Machine()
    try:
        for count, (opcode, argument, _) in enumerate(pickletools.genops(BytesIO(data))):
            if opcode.name == "STOP":
                return settled(machine.pop())
            act = ACTIONS.get(opcode.name)
            if act is None or count > MOST:
                raise Refused(f"the pickle instruction {opcode.name}")
            act(machine, argument)
    except Refused:
        raise
    except (ValueError, TypeError, LookupError, OverflowError) as error:
        raise Refused(f"no whole pickle ({error})") from error
    raise Refused("no whole pickle")


def find(machine: Machine, module: Any, name: Any) -> None:
    """Put what a pickle names on the stack, if it is known."""
    if not isinstance(module, str) or not isinstance(name, str):
        raise Refused("a name that is no word")
    if (module, name) not in KNOWN:
        raise Refused(ascii(f"{module[:40]}.{name[:40]}"))
    machine.stack.append(Named(KNOWN[module, name]))


def call(machine: Machine) -> None:
    """What the few known names make of their arguments."""
    arguments, named = machine.pop(), machine.pop()
    if not isinstance(named, Named) or not isinstance(arguments, tuple) or named.what not in MAKERS:
        raise Refused("a call of what is not known")
    machine.stack.append(MAKERS[named.what](machine.copies, *arguments))


def build(machine: Machine) -> None:
    """Give a dtype its byte order, or an array its contents."""
    state = machine.pop()
    target = machine.stack[-1] if machine.stack else None
    if not isinstance(state, tuple):
        raise Refused("a state of what is not known")
    if isinstance(target, Kind):
        if len(state) < 8 or state[2:5] != (None, None, None) or not isinstance(state[1], str):
            raise Refused("a dtype of several parts")
        target.order = state[1]
    elif isinstance(target, Array) and target.values is None and target.items is None:
        fill_array(machine.copies, target, *state)
    else:
        raise Refused("a state of what is not known")


def _push(machine: Machine, argument: Any) -> None:
    machine.stack.append(argument)


def _put(machine: Machine, argument: Any) -> None:
    machine.memo[argument] = machine.pop()
    machine.stack.append(machine.memo[argument])


def _get(machine: Machine, argument: Any) -> None:
    machine.stack.append(machine.memo[argument])


def _drop(machine: Machine, _: Any) -> None:
    machine.stack.pop()


def _drop_to_mark(machine: Machine, _: Any) -> None:
    machine.pop_to_mark()


def _tuple(count: int) -> Callable[[Machine, Any], None]:
    def make(machine: Machine, _: Any) -> None:
        machine.stack.append(tuple([machine.pop() for _ in range(count)][::-1]))

    return make


def _append(machine: Machine, values: list[Any]) -> None:
    machine.top(list).extend(values)


def _set_item(machine: Machine, _: Any) -> None:
    value, key = machine.pop(), machine.pop()
    machine.fill([key, value])


def _dict_of(machine: Machine, _: Any) -> None:
    pairs = machine.pop_to_mark()
    machine.stack.append({})
    machine.fill(pairs)


def _stack_global(machine: Machine, _: Any) -> None:
    name, module = machine.pop(), machine.pop()
    find(machine, module, name)


_NUMBERS = "INT BININT BININT1 BININT2 LONG LONG1 LONG4 FLOAT BINFLOAT"
_WORDS = "STRING BINSTRING SHORT_BINSTRING UNICODE SHORT_BINUNICODE BINUNICODE BINUNICODE8"
_BYTES = "SHORT_BINBYTES BINBYTES BINBYTES8"
ACTIONS: dict[str, Callable[[Machine, Any], None]] = {
    **dict.fromkeys(f"{_NUMBERS} {_WORDS} {_BYTES}".split(), _push),
    **dict.fromkeys(("PROTO", "FRAME"), lambda _machine, _: None),
    **dict.fromkeys(("PUT", "BINPUT", "LONG_BINPUT"), _put),
    **dict.fromkeys(("GET", "BINGET", "LONG_BINGET"), _get),
    "MEMOIZE": lambda machine, _: _put(machine, len(machine.memo)),
    "MARK": lambda machine, _: machine.stack.append(MARK),
    "POP": _drop,
    "POP_MARK": _drop_to_mark,
    "NONE": lambda machine, _: machine.stack.append(None),
    "NEWTRUE": lambda machine, _: machine.stack.append(True),
    "NEWFALSE": lambda machine, _: machine.stack.append(False),
    "EMPTY_DICT": lambda machine, _: machine.stack.append({}),
    "EMPTY_LIST": lambda machine, _: machine.stack.append([]),
    "EMPTY_TUPLE": lambda machine, _: machine.stack.append(()),
    "DICT": _dict_of,
    "LIST": lambda machine, _: machine.stack.append(machine.pop_to_mark()),
    "TUPLE": lambda machine, _: machine.stack.append(tuple(machine.pop_to_mark())),
    "TUPLE1": _tuple(1),
    "TUPLE2": _tuple(2),
    "TUPLE3": _tuple(3),
    "APPEND": lambda machine, _: _append(machine, [machine.pop()]),
    "APPENDS": lambda machine, _: _append(machine, machine.pop_to_mark()),
    "SETITEM": _set_item,
    "SETITEMS": lambda machine, _: machine.fill(machine.pop_to_mark()),
    "GLOBAL": lambda machine, argument: find(machine, *str(argument).split(" ", 1)),
    "STACK_GLOBAL": _stack_global,
    "REDUCE": lambda machine, _: call(machine),
    "BUILD": lambda machine, _: build(machine),
}
"""Instructions of a pickle -> what the machine does; any other is refused."""
