"""A share of something as an argument: a number from 0 to 1."""

from __future__ import annotations

import argparse


def share(text: str) -> float:
    """A number from 0 to 1."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 0 to 1")
    return value


def fraction(text: str) -> float:
    """A number from 0 to less than 1."""
    value = share(text)
    if value == 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not less than 1")
    return value
