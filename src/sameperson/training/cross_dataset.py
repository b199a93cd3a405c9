"""Cross-dataset training: one recipe trained on each of several data sets, one run for each.

A stopped run is resumed, and a finished run is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sameperson.config import Recipe
from sameperson.evaluation.cross_dataset import NamedDataset
from sameperson.locks import locked
from sameperson.training.loop import train
from sameperson.training.progress import Progress
from sameperson.training.run_folder import RESULT, WEIGHTS, check_folder

FEWEST = 2
"""The fewest training identities that a network can be trained on."""


def learnable(source: NamedDataset) -> bool:
    """Whether a data set has enough training identities."""
    return source.dataset.train.people >= FEWEST


def recipe_at(recipe: Recipe, source: NamedDataset) -> Recipe:
    """The recipe with its data replaced by a data set."""
    where = {"root": source.data.root, "reader": source.data.reader, "pattern": source.data.pattern}
    return recipe.model_copy(update={"data": recipe.data.model_copy(update=where)})


def train_each(
    recipe: Recipe, sources: Sequence[NamedDataset], folder: Path, progress: Progress | None = None
) -> dict[str, Path]:
    """Train the recipe on each data set, and return the weights files by the data sets' names.

    folder: holds one run for each. progress: hears of each run. Raises InputError as `loop.train`; where a run in
    `folder` has another recipe, before any training.
    """
    progress = progress or Progress()
    recipes = {source.name: recipe_at(recipe, source) for source in sources}
    for name, own in recipes.items():
        check_folder(folder / name, own, resume=(folder / name).exists())
    for source in sources:
        run = folder / source.name
        with locked(run):
            if (run / RESULT).exists():
                progress.say(f"{run}: kept from before")
                continue
            progress.say(f"{run}: learning from {source.dataset.train.people} people")
            train(recipes[source.name], run, dataset=source.dataset, resume=run.exists(), progress=progress)
    return {source.name: folder / source.name / WEIGHTS for source in sources}
