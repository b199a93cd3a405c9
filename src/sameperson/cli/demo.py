"""`sameperson demo`: the whole story on the built-in world."""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path

from sameperson.cli.common.json_output import add_json, write_json
from sameperson.cli.common.number_args import seed

NAME = "demo"
HELP = "make people, train on some, find the others again, write a report: all in a few minutes"
EXAMPLE = "sameperson demo --quick --out runs/quick"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where to, which people, how many."""
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("runs/demo"),
        metavar="FOLDER",
        help="a new folder, or one of a demo: it goes on if the arguments are the same, else starts anew (runs/demo)",
    )
    parser.add_argument("--seed", type=seed, default=0, metavar="N", help="other people, another training (0)")
    parser.add_argument("--quick", action="store_true", help="a handful of people and epochs, to see that it works")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Tell the story, and say where the report lies."""
    from sameperson.cli.world import require_renderer

    require_renderer()

    from sameperson.demo import Plan, run_demo
    from sameperson.report.formatting import between, duration, percent
    from sameperson.training.progress import progress_on

    result = run_demo(args.out, Plan(args.seed, args.quick), partial(print, flush=True), progress_on(sys.stderr))
    write_json(args.json, result.model_dump(mode="json"))
    for name, share in (("rank-1", result.trained.rank1), ("mAP", result.trained.mAP)):
        print(f"{name:>10}  {percent(share.value)} (95 %: {between(share)}) on {result.test_identities} strangers")
    print(f"{duration(result.seconds['total'])} in all; open {args.out / 'report.html'}")
    return 0
