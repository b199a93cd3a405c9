"""`sameperson cross`: learn from each of several data sets, test on every one of them."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sameperson.checks import InputError
from sameperson.cli.common.dataset_args import chosen, open_dataset
from sameperson.cli.common.json_output import add_json, write_json
from sameperson.cli.common.network_args import parsed, weights_file
from sameperson.cli.common.number_args import resamples, seed
from sameperson.cli.common.picture_args import add_pattern, add_pictures
from sameperson.data.command_options import CommandOptions

if TYPE_CHECKING:
    from sameperson.config import Recipe
    from sameperson.evaluation.cross_dataset import Matrix, NamedDataset, NamedNetwork

NAME = "cross"
HELP = "learn from each of several datasets and test on every one: a matrix, stopped and resumed at will"
EXAMPLE = "sameperson cross mine=people other=people --network small=runs/small --out runs/cross"
WORD = re.compile(r"\w[\w-]*")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's words."""
    parser.add_argument(
        "overrides",
        nargs="+",
        metavar="NAME=PATH[:READER]",
        help="datasets, each with a name of your choice; and words that change the recipe, as optim.lr=1e-4",
    )
    parser.add_argument("--recipe", metavar="FILE|NAME", help="learn by this from each dataset's training people")
    parser.add_argument(
        "--network",
        action="append",
        default=[],
        metavar="NAME=FILE|RUN",
        help="also test these weights, or this run's; may be repeated",
    )
    parser.add_argument("--parser", type=Path, metavar="FILE|RUN", help="weights that make the maps which others need")
    parser.add_argument("--out", type=Path, default=Path("runs/cross"), metavar="FOLDER", help="(runs/cross)")
    parser.add_argument("--protocol", help="for all datasets (else what suits each)")
    parser.add_argument("--resamples", type=resamples, default=2000, metavar="N", help="for the intervals (2000)")
    parser.add_argument("--judge-seed", type=seed, default=0, metavar="N", help="of resampling and drawn galleries (0)")
    add_pattern(parser)
    add_pictures(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Train, test, and print the matrix."""
    named, words = sorted_out(args.overrides)
    recipe = recipe_of(args, words)
    places = [place(name, path, args) for name, path in named.items()]
    given = dict(pair(word, "--network", "NAME=FILE") for word in args.network)
    if recipe is None and not given:
        raise InputError("nothing to test", "--recipe to learn by, or --network", "add one of them")
    matrix = fill(args, places, given, recipe)
    print(matrix.table())
    figures = {"matrix": matrix.to_json(), "recipe": None if recipe is None else recipe.model_dump(mode="json")}
    write_json(args.out / "matrix.json", figures)
    write_json(args.json, figures)
    return 0


def fill(
    args: argparse.Namespace, places: Sequence[NamedDataset], given: dict[str, str], recipe: Recipe | None
) -> Matrix:
    """Train what is to be trained, and measure every cell that is not known yet."""
    from sameperson.evaluation.cross_dataset import EvaluationSettings, Matrix, percent
    from sameperson.training.cross_dataset import learnable, train_each
    from sameperson.training.progress import progress_on

    progress = progress_on(sys.stderr)
    tested = [one for one in places if len(one.dataset.query) and len(one.dataset.gallery)]
    if not tested:
        raise InputError("no dataset with queries and a gallery", "people to test on", "name one that has")
    learned = [one for one in places if recipe is not None and learnable(one)]
    both = {one.name for one in learned} & given.keys()
    if both:
        raise InputError(f"{min(both)}: a dataset to learn from and a --network", "two names", "rename one of them")
    for one in places:
        if one not in tested:
            progress.say(f"note: {one.name} has nobody to test on")
        if recipe is not None and one not in learned:
            progress.say(f"note: {one.name} has nobody to learn from")
    entrants = [entrant(name, weights_file(Path(path), alone(path, tested[0])), args) for name, path in given.items()]
    if recipe is not None:
        weights = train_each(recipe, learned, args.out / "train", progress)
        entrants = [*(entrant(name, path, args) for name, path in weights.items()), *entrants]
    judging = EvaluationSettings(args.resamples, args.judge_seed, args.batch, args.workers, args.skip_broken)
    matrix = Matrix(args.out / "cells", judging)
    for row in entrants:
        for column in tested:
            figures = matrix.cell(row, column)
            progress.say(f"{row.name} on {column.name}: mAP {percent(figures['mAP'])} %")
    return matrix


def alone(network: str, dataset: NamedDataset) -> str:
    """What to do with a network of the user's, which a matrix does not take: the command that evaluates it."""
    data = dataset.data
    options = CommandOptions(data.root, data.reader, data.pattern, network=("--network", network))
    return f"use it alone: {options.evaluate(protocol=dataset.protocol.name)}"


def sorted_out(words: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """Datasets by name, and the recipe's words in their order.

    >>> sorted_out(["a=data/a", "optim.lr=1e-4", "train.epochs", "60", "seed=3", "b=data/b:prcc"])
    ({'a': 'data/a', 'b': 'data/b:prcc'}, ['optim.lr=1e-4', 'train.epochs', '60', 'seed=3'])
    """
    named: dict[str, str] = {}
    rest = []
    for word in words:
        name, equals, path = word.partition("=")
        if equals and WORD.fullmatch(name) and name not in ("name", "seed"):
            if name in named:
                raise InputError(f"{name}: two datasets of that name", "a name for each", "rename one of them")
            named[name] = path
        else:
            rest.append(word)
    if not named:
        raise InputError("no dataset", "NAME=PATH for each", "see sameperson cross --help")
    return named, rest


def recipe_of(args: argparse.Namespace, words: Sequence[str]) -> Recipe | None:
    """The recipe to learn by, if there is one."""
    if args.recipe is None:
        if words:
            raise InputError(f"{words[0]}: for a recipe, and there is none", "--recipe FILE", "add it, or leave it out")
        return None
    from sameperson.overrides import load_recipe

    return load_recipe(args.recipe, words)


def place(name: str, where: str, args: argparse.Namespace) -> NamedDataset:
    """A dataset, from its name and PATH[:READER]."""
    from sameperson.config import Data
    from sameperson.evaluation.cross_dataset import NamedDataset
    from sameperson.evaluation.protocols.catalogue import protocols_named

    path, colon, reader = where.rpartition(":")
    if not colon or Path(where).exists():
        path, reader = where, ""
    layout, dataset = open_dataset(Path(path), reader or None, args.pattern)
    if len(dataset.query) and len(dataset.gallery):
        protocols = chosen(args.protocol, dataset)
    else:
        protocols = protocols_named(args.protocol or dataset.protocol)
    if len(protocols) > 1:
        raise InputError(f"--protocol {args.protocol}", "one for a matrix", "call it once for each")
    data = Data(reader=layout.name, root=Path(path), pattern=args.pattern)
    return NamedDataset(name, data, dataset, protocols[0])


def entrant(name: str, weights: Path | None, args: argparse.Namespace) -> NamedNetwork:
    """A network of ours, compared as it was trained."""
    from sameperson.evaluation.cross_dataset import NamedNetwork
    from sameperson.methods.load import load_network

    network = parsed(load_network(weights), args, among=True)
    how = network.card.recipe.get("evaluate", {})
    return NamedNetwork(name, network, how.get("metric", "cosine"), args.flip or how.get("flip", False))


def pair(word: str, option: str, form: str) -> tuple[str, str]:
    """NAME=VALUE in two."""
    name, equals, value = word.partition("=")
    if not (equals and value and WORD.fullmatch(name)):
        raise InputError(f"{option} {word}", form, "name it, as mine=runs/small")
    return name, value
