"""Input of a user's network file: its batch size, picture size, number type, and layout (NCHW or NHWC)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sameperson.checks import InputError
from sameperson.retrieval.network_metadata import Declared
from sameperson.retrieval.preprocessing import Array, Preprocessing, Values
from sameperson.retrieval.runtimes import Port

TYPES = {
    *(f"float{bits}" for bits in (16, 32, 64)),
    *(f"{kind}{bits}" for kind in ("int", "uint") for bits in (16, 32, 64)),
    "uint8",
}
"""In which pixels can be handed over; int8 does not hold them all, and numpy does not know bfloat16."""
LARGEST = 4096 * 4096
"""Pixels of a picture. A larger size is a slip of the pen, and costs gigabytes before a runtime says so."""


@dataclass(frozen=True)
class Input:
    """How a file takes pictures. size: (height, width). batch: how many it insists on at once; None is any number."""

    size: tuple[int, int]
    batch: int | None
    type: str
    channels_last: bool

    @property
    def whole(self) -> bool:
        """Whether it takes whole numbers, which are the pixels as they are."""
        return np.dtype(self.type).kind in "iu"

    def laid_out(self, pixels: Array) -> Array:
        """Order the axes of pixels (B, 3, H, W) as the network wants them: the same, or (B, H, W, 3)."""
        return np.ascontiguousarray(pixels.transpose(0, 2, 3, 1)) if self.channels_last else pixels


def input_of(path: Path, inputs: Sequence[Port], asked: Preprocessing) -> Input:
    """The input of a file, with the size from the file or from the user.

    Raises InputError for inputs that do not take pictures, and for a size, or values, that the file contradicts.
    """
    listed = ", ".join(map(str, inputs))
    channels_last = is_channels_last(inputs[0]) if inputs else False
    match [port.shape for port in inputs]:
        case [(batch, height, width, 3 | None)] if channels_last:
            pass
        case [(batch, 3 | None, height, width)] if not channels_last:
            pass
        case _:
            raise InputError(
                f"{path}: inputs {listed}",
                "one input of shape (pictures, 3, height, width) or (pictures, height, width, 3)",
                "export it so",
            )
    wanted = asked.size
    if wanted is None:
        if height is None or width is None:
            raise InputError(f"{path}: input {listed} leaves the size open", "a size", "add --input-size 256x128")
        wanted = height, width
    if any(fixed not in (None, size) for fixed, size in zip((height, width), wanted)):
        raise InputError(
            f"{path}: made for {height}x{width}, not {wanted[0]}x{wanted[1]}",
            "the size the file was exported with",
            "leave --input-size out",
        )
    if wanted[0] * wanted[1] > LARGEST:
        found = f"{path}: pictures of {wanted[0]}x{wanted[1]}"
        raise InputError(found, f"at most {LARGEST} pixels", "give the size it was trained for with --input-size")
    return Input(wanted, batch, require_type(path, inputs[0].type, asked), channels_last)


def is_channels_last(port: Port) -> bool:
    """Whether an input is (B, H, W, 3): the file says so, or its sizes leave nothing else."""
    if port.layout in ("NHWC", "NCHW"):
        return port.layout == "NHWC"
    return len(port.shape) == 4 and port.shape[3] == 3 and port.shape[1] != 3


def require_type(path: Path, kind: str, asked: Preprocessing) -> str:
    """The type, if it takes pixels and what the options make of them; else raises InputError."""
    if kind not in TYPES:
        found = f"{path}: takes its pictures as {kind}"
        raise InputError(found, "float32, float16, float64 or uint8", "export it with an input of float32")
    if asked.values is not None and np.dtype(kind).kind in "iu":
        raise InputError(
            f"{path}: takes whole numbers ({kind}), which --scale, --mean and --std would break",
            "pixels of 0 to 255 as they are",
            "leave --scale, --mean and --std out",
        )
    return kind


def notes_of(path: Path, put: Input, asked: Preprocessing, says: Declared) -> list[str]:
    """What the file said and was taken, and what neither the file nor the user says."""
    values, given = (Values(), True) if put.whole else (asked.values, asked.values is not None)
    taken = [says.channels] if says.channels and asked.channels is None else []
    if says.values is not None and not given:
        taken.append(f"{says.values}{' (its mean and scale are built in)' if says.inside else ''}")
    notes = [f"{path}: takes {', '.join(taken)}, as the file says"] if taken else []
    if says.inside and asked.values is not None:
        notes.append(f"{path}: has its own mean and scale built in, and gets {asked.values} before them, as you say")
    if values is not None and values.scale == 1 and any(values.mean) and max(map(abs, values.mean)) <= 1:
        notes.append(
            f"{path}: gets pixels of 0 to 255 less a mean of pixels of 0 to 1; did you mean --scale 1/255 too?"
        )
    # Who gives one of them knows the network, and is not told of the others.
    silent = asked.channels is None and asked.values is None
    open_order, open_values = silent and not says.channels, silent and says.values is None and not put.whole
    if open_order or open_values:
        unsaid = " and its ".join(["channel order"] * open_order + ["scale"] * open_values)
        usual = " ".join(["RGB"] * open_order + ["pixels of 0 to 255"] * open_values)
        options = ", ".join(["--channels"] * open_order + ["--scale, --mean and --std"] * open_values)
        notes.append(f"{path}: nothing says its {unsaid}, so it gets {usual}; if that is wrong, give {options}")
    return notes
