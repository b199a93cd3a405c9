"""`sameperson parse`: look at label maps, and measure them against true ones."""

from __future__ import annotations

import argparse

from sameperson.cli import parse_evaluate, parse_export, parse_overlay, parse_predict

NAME = "parse"
HELP = "look at parts of people as a network or a parser sees them, and measure them"
EXAMPLE = parse_overlay.EXAMPLE
JOBS = {"overlay": parse_overlay, "evaluate": parse_evaluate, "predict": parse_predict, "export": parse_export}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Its jobs."""
    jobs = parser.add_subparsers(dest="job", metavar="JOB", required=True)
    for name, job in JOBS.items():
        sub = jobs.add_parser(
            name,
            help=job.HELP,
            description=job.DESCRIPTION,
            epilog=f"example:\n  {job.EXAMPLE}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        job.add_arguments(sub)


def run(options: argparse.Namespace) -> int:
    """Do one of them."""
    return JOBS[options.job].run(options)
