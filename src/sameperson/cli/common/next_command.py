"""The options of the command that was typed, as the command that it proposes next must repeat them."""

from __future__ import annotations

import argparse
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from sameperson.cli.common.network_args import given_of
from sameperson.data.command_options import CommandOptions, option, unused

BATCH = 64
"""Pictures at once, unless the user says otherwise."""
EXAMINING = {"no_pictures": "--no-pictures", "no_priors": "--no-priors"}
"""What only the doctor has."""


def options_of(args: argparse.Namespace, data: Path | None = None) -> CommandOptions:
    """What was typed of a dataset, of the network that sees it, and of the protocol. data: its path, if not DATA."""
    weights = getattr(args, "weights", None)
    return CommandOptions(
        data=args.data if data is None else data,
        reader=getattr(args, "reader", None),
        pattern=getattr(args, "pattern", None),
        protocol=getattr(args, "protocol", None),
        weights=next(iter(weights), None) if isinstance(weights, list) else weights,
        network=network_words(args),
        embedding=embedding_words(args),
        skip_broken=getattr(args, "skip_broken", False),
        examining=tuple(option for name, option in EXAMINING.items() if getattr(args, name, False)),
    )


def network_words(args: argparse.Namespace) -> tuple[str, ...]:
    """The words of a network of the user's and of how pictures become its input, or of the features it has given."""
    features = getattr(args, "features", None)
    words = ("--features", *map(str, features)) if features else option("--network", getattr(args, "network", None))
    words += option("--parser", getattr(args, "parser", None))
    for name, value in given_of(args).items():
        words += option(f"--{name.replace('_', '-')}", spelled(name, value))
    return words


def embedding_words(args: argparse.Namespace) -> tuple[str, ...]:
    """The words of how pictures are embedded, where they are not the usual ones."""
    batch = getattr(args, "batch", BATCH)
    flip = ("--flip",) if getattr(args, "flip", False) else ()
    unit = option("--unit", getattr(args, "unit", None))
    return (*flip, *(() if batch == BATCH else ("--batch", str(batch))), *unit)


def calibrate_command(args: argparse.Namespace) -> str:
    """The command that fits a calibration to the network of these options.

    DATA stays open: it is a dataset with training people whom the network does not know.
    """
    options = replace(options_of(args, Path("DATA")), pattern=None)  # the pattern is of the pictures searched
    return options.evaluate("--calibrate", unused("calibration.json"))


def embed_command(args: argparse.Namespace, out: Path) -> str:
    """The command that embeds pictures by the network of these options.

    PICTURES stays open: a file that is damaged, or of another network, does not say what was embedded.
    """
    return options_of(args, Path("PICTURES")).embed(out)


def spelled(name: str, value: Any) -> str:
    """Spell a value as its option takes it.

    >>> spelled("input_size", (256, 128)), spelled("mean", (0.5, -1.0, 1 / 3)), spelled("channels", "BGR")
    ('256x128', '0.5,-1,1/3', 'BGR')
    """
    if isinstance(value, tuple):
        return ("x" if name == "input_size" else ",").join(map(written, value))
    return written(value) if isinstance(value, float) else str(value)


def written(number: float) -> str:
    """Write a number so that it is read again as exactly this one, as a fraction where that is shorter.

    >>> written(1 / 255), written(0.485), written(2.0), written(0.1234567891)
    ('1/255', '0.485', '2', '0.1234567891')
    """
    near = Fraction(number).limit_denominator(65_536)
    short = f"{number:g}"
    decimal, fraction = short if float(short) == number else repr(number), str(near)
    exact = near.numerator / near.denominator == number
    return fraction if exact and len(fraction) < len(decimal) else decimal
