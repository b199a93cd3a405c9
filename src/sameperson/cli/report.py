"""`sameperson report`: results as one HTML page."""

from __future__ import annotations

import argparse

NAME = "report"
HELP = "write one HTML page from a demo, a training run, or the JSON of an evaluation"
EXAMPLE = "sameperson report runs/small"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to draw and where to."""
    parser.add_argument(
        "results", metavar="RUN|JSON", help="a folder of `demo` or `train`, or the file of `evaluate --json`"
    )
    parser.add_argument("--out", metavar="FILE", help="the page (report.html in the folder, or beside the JSON)")


def run(args: argparse.Namespace) -> int:
    """Write the page and say where it lies."""
    from sameperson.report.html import write_report

    print(write_report(args.results, args.out))
    return 0
