"""`sameperson parse`: look at label maps, and measure them against true ones."""

from __future__ import annotations

import argparse

from sameperson.cli import parse_evaluate, parse_export, parse_overlay, parse_predict
from sameperson.cli.common.subcommand import add_subcommand

NAME = "parse"
HELP = "look at parts of people as a network or a parser sees them, and measure them"
EXAMPLE = parse_overlay.EXAMPLE
JOBS = {"overlay": parse_overlay, "evaluate": parse_evaluate, "predict": parse_predict, "export": parse_export}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Its jobs."""
    jobs = parser.add_subparsers(dest="job", metavar="JOB", required=True)
    for name, job in JOBS.items():
        job.add_arguments(add_subcommand(jobs, name, job.HELP, job.DESCRIPTION, job.EXAMPLE))


def run(options: argparse.Namespace) -> int:
    """Do one of them."""
    return JOBS[options.job].run(options)
