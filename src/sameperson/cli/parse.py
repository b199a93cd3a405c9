"""`sameperson parse`: train a parser, predict label maps, look at them, and measure them against true ones."""

from __future__ import annotations

import argparse

from sameperson.cli import parse_evaluate, parse_export, parse_overlay, parse_predict, parse_train
from sameperson.cli.common.subcommand import add_subcommand

NAME = "parse"
HELP = "train parsers, label the pixels of pictures, look at label maps and measure them"
EXAMPLE = parse_overlay.EXAMPLE
JOBS = {
    "train": parse_train,
    "predict": parse_predict,
    "overlay": parse_overlay,
    "evaluate": parse_evaluate,
    "export": parse_export,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Its jobs."""
    jobs = parser.add_subparsers(dest="job", metavar="JOB", required=True)
    for name, job in JOBS.items():
        job.add_arguments(add_subcommand(jobs, name, job.HELP, job.DESCRIPTION, job.EXAMPLE))


def run(options: argparse.Namespace) -> int:
    """Do one of them."""
    return JOBS[options.job].run(options)
