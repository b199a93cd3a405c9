"""`sameperson train`: a recipe becomes weights."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from sameperson.cli.common.json_output import add_json, write_json

NAME = "train"
HELP = "train a network by a recipe; stopped at any moment, --resume goes on to the same result"
EXAMPLE = "sameperson train baseline/world_small data.root=people train.epochs=2 --out runs/small"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's words."""
    parser.add_argument("recipe", help="a .yaml file, or the name of a recipe that `sameperson recipes` lists")
    parser.add_argument("overrides", nargs="*", metavar="key=value", help="change the recipe: optim.lr=1e-4 and so on")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="where the run goes (runs/ and the recipe's name)")
    parser.add_argument("--resume", action="store_true", help="go on from the folder's last checkpoint")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Train, and say where the weights lie."""
    from sameperson.overrides import load_recipe

    recipe = load_recipe(args.recipe, args.overrides)  # a misspelt key is told before torch is there
    from sameperson.api import train
    from sameperson.training.progress import progress_on

    result = train(recipe, args.out, resume=args.resume, progress=progress_on(sys.stderr))
    if result.report:  # under torchrun only the first process speaks
        write_json(args.json, result.report)
        if not result.calibrated and recipe.method.task == "identity":
            print("no one was held out, so these weights give no probabilities", file=sys.stderr)
        print(result.weights)
    return 0
