"""`sameperson recipes`: the recipes that come with sameperson."""

from __future__ import annotations

import argparse

NAME = "recipes"
HELP = "list the recipes that `train` takes by name, or show one of them whole"
EXAMPLE = "sameperson recipes baseline/market1501"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's words."""
    parser.add_argument("name", nargs="?", metavar="NAME", help="show this one, with all that it inherits, as YAML")


def run(args: argparse.Namespace) -> int:
    """Print the names with their first lines, or one recipe."""
    from sameperson.overrides import RECIPES, dump_recipe, known_recipes, load_recipe

    if args.name is not None:
        print(dump_recipe(load_recipe(args.name)), end="")
        return 0
    names = known_recipes()
    width = max(map(len, names))
    for name in names:
        with (RECIPES / f"{name}.yaml").open(encoding="utf-8") as file:
            print(f"{name:{width}}  {file.readline().removeprefix('#').strip()}")
    return 0
