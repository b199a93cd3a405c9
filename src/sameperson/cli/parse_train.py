"""`sameperson parse train`: a parser learns from pictures and their label maps."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sameperson.cli.common.json_output import add_json, write_json

if TYPE_CHECKING:
    from sameperson.data.dataset import Dataset

HELP = "train a parser on pictures and their label maps"
DESCRIPTION = (
    "Train a parser by a recipe, on the dataset that the recipe names or on a folder of pictures with a folder of PNG "
    "label maps. No identities are needed; where names tell people apart, those who are held out are held out whole. "
    "The weights with the best mean IoU on what is held out are kept. A killed run goes on with --resume."
)
EXAMPLE = "sameperson parse train light_parser/world_small --pictures crops --labels crops/parsing --out runs/parser"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The job's words."""
    parser.add_argument("recipe", help="a .yaml file, or the name of a recipe of a parser")
    parser.add_argument("overrides", nargs="*", metavar="key=value", help="change the recipe: optim.lr=1e-4 and so on")
    parser.add_argument("--pictures", type=Path, metavar="PICTURES", help="a folder, a CSV or a list (the recipe says)")
    parser.add_argument("--labels", type=Path, metavar="FOLDER", help="their PNGs (parsing/ beside the pictures)")
    parser.add_argument("--pattern", metavar="PATTERN", help="how a path says who is on it: {pid}_c{camid}*")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="where the run goes (runs/ and the recipe's name)")
    parser.add_argument("--resume", action="store_true", help="go on from the folder's last checkpoint")
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Train, and say where the weights lie."""
    from sameperson.checks import InputError
    from sameperson.overrides import load_recipe

    where = [] if options.pictures is None else [f"data.root={options.pictures}"]
    recipe = load_recipe(options.recipe, [*options.overrides, *where])
    if recipe.method.task != "parsing":
        found = f"{options.recipe}: a recipe of {recipe.method.name}, which learns identities"
        raise InputError(found, "one of a parser, such as light_parser or ce2p", "use `sameperson train`")
    if options.pictures is None and (options.labels is not None or options.pattern is not None):
        raise InputError("--labels or --pattern without --pictures", "the pictures they are of", "give --pictures")
    from sameperson.api import train
    from sameperson.training.progress import progress_on

    dataset = None if options.pictures is None else labelled_pictures(options.pictures, options.labels, options.pattern)
    result = train(recipe, options.out, dataset=dataset, resume=options.resume, progress=progress_on(sys.stderr))
    if result.report:  # under torchrun only the first process speaks
        write_json(options.json, result.report)
        print(result.weights)
    return 0


def labelled_pictures(place: Path, labels: Path | None, pattern: str | None) -> Dataset:
    """Make a dataset of pictures and their label maps. Raises InputError where the maps are not there."""
    import numpy as np

    from sameperson.checks import InputError, existing_folder
    from sameperson.data.dataset import Dataset
    from sameperson.data.readers.pictures import read_pictures
    from sameperson.priors.locations import find_priors

    samples = read_pictures(place, pattern)
    root = samples.root
    if labels is not None and (labels / root.name).is_dir():  # a folder for each folder of the tree, as priors have
        labels = labels / root.name
    maps = labels or (find_priors(root) or find_priors(root.parent, root.name)).get("parsing")
    if maps is None:
        raise InputError(f"{root}: no parsing beside the pictures", "label maps", "give --labels FOLDER")
    below = existing_folder(maps, "a folder of PNG label maps").resolve()
    if below.is_relative_to(root.resolve()):  # PNGs of labels are no pictures to learn from
        inside = np.array([(root / str(path)).resolve().is_relative_to(below) for path in samples.path], bool)
        samples = samples.take(~inside)
    if not len(samples):
        raise InputError(f"{place}: no pictures beside the label maps", "pictures of people", "check --pictures")
    samples = replace(samples, priors={**samples.priors, "parsing": maps})
    nobody = samples.take(slice(0))
    return Dataset(place.name, samples, nobody, nobody, protocol="camera_blind")
