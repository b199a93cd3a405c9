"""How a command line names a calibration, which turns distances to probabilities.

Shared by `compare` and `search`; nothing heavy is imported until one is wanted.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from sameperson.checks import InputError
from sameperson.cli.common.network_args import network_name
from sameperson.cli.common.next_command import calibrate_command

if TYPE_CHECKING:
    from sameperson.evaluation.network import Network
    from sameperson.retrieval.calibrate import Calibration


def add_calibration(parser: argparse.ArgumentParser) -> None:
    """`--calibration`, for a network whose weights bring none."""
    parser.add_argument(
        "--calibration", metavar="FILE", type=Path, help="distances to probabilities, made by `evaluate --calibrate`"
    )


def without_calibration(options: argparse.Namespace) -> str:
    """What is said where probabilities are missing, with the command that makes them."""
    return f"this network has no calibration; give one with --calibration, made by: {calibrate_command(options)}"


def calibration_of(options: argparse.Namespace, network: Network, fingerprint: str) -> Calibration | None:
    """The calibration the user gives, else the one the weights bring, else None; fingerprint: of the embeddings.

    Raises InputError for one that was fitted to other embeddings.
    """
    from sameperson.retrieval.calibrate import calibration_of as shaped
    from sameperson.retrieval.calibrate import read_calibration

    if options.calibration is not None:
        given = read_calibration(options.calibration, f"write one: {calibrate_command(options)}")
        if given.fingerprint not in ("", fingerprint):
            found = f"{options.calibration}: of embeddings {given.fingerprint}"
            then = f"fit one to this network: {calibrate_command(options)}"
            if given.fingerprint == f"{fingerprint}-flip":
                then = "add --flip, as they were embedded"
            raise InputError(found, f"of these, {fingerprint}", then)
        return given
    card = getattr(network, "card", None)
    brought = None if card is None else card.calibration
    return None if brought is None else shaped(brought, network_name(options))
