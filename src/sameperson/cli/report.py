"""`sameperson report`: a run as one HTML page."""

from __future__ import annotations

import argparse

NAME = "report"
HELP = "one HTML page from the folder of a demo or a training run"
EXAMPLE = "sameperson report runs/small"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to draw and where to."""
    parser.add_argument("folder", metavar="RUN", help="the run's folder: of `sameperson demo` or `sameperson train`")
    parser.add_argument("--out", metavar="FILE", help="the page (default: report.html in the run's folder)")


def run(args: argparse.Namespace) -> int:
    """Write the page and say where it lies."""
    from sameperson.report.html import write_report

    print(write_report(args.folder, args.out))
    return 0
