"""Numbers of the command line with their ranges, so that every command says the same of a number out of range."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable

from sameperson.checks import MOST


def whole(least: int, most: int = MOST) -> Callable[[str], int]:
    """Make the type of an option that is a whole number from `least` to `most`.

    >>> whole(0)("12")
    12
    """
    span = f"from {least}" if most == MOST else f"from {least} to {most}"

    def number(text: str) -> int:
        digits = text.strip().removeprefix("-")
        good = digits.isascii() and digits.isdigit() and len(digits) < 20
        if not (good and least <= int(text) <= most):
            raise argparse.ArgumentTypeError(f"{text!r} is no whole number {span}")
        return int(text)

    return number


def real(least: float, most: float) -> Callable[[str], float]:
    """Make the type of an option that is a finite number from `least` to `most`."""

    def number(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not (math.isfinite(value) and least <= value <= most):
            raise argparse.ArgumentTypeError(f"{text!r} is no number from {least:g} to {most:g}")
        return value

    return number


positive = whole(1)
from_zero = whole(0)
seed = whole(0, 2**63 - 1)
workers = whole(0, 1024)
resamples = whole(1, 1_000_000)
