"""One recipe on several data sets: a run for each, gone on with where it was stopped, kept where it is done."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sameperson.config import Recipe
from sameperson.evaluate.cross_dataset import Place
from sameperson.train.loop import train
from sameperson.train.progress import Progress
from sameperson.train.run_folder import RESULT, WEIGHTS, check_folder

FEWEST = 2
"""People that can be learned from."""


def learnable(place: Place) -> bool:
    """Whether a data set has people to learn from."""
    return place.dataset.train.people >= FEWEST


def recipe_at(recipe: Recipe, place: Place) -> Recipe:
    """The recipe on a data set."""
    where = {"root": place.data.root, "reader": place.data.reader, "pattern": place.data.pattern}
    return recipe.model_copy(update={"data": recipe.data.model_copy(update=where)})


def train_each(
    recipe: Recipe, places: Sequence[Place], folder: Path, progress: Progress | None = None
) -> dict[str, Path]:
    """The weights learned from each data set, by its name; `folder` holds a run for each.

    Raises InputError as `loop.train`, and before anything is trained where a run there has another recipe.
    """
    progress = progress or Progress()
    recipes = {place.name: recipe_at(recipe, place) for place in places}
    for name, own in recipes.items():
        check_folder(folder / name, own, resume=(folder / name).exists())
    for place in places:
        run = folder / place.name
        if (run / RESULT).exists():
            progress.say(f"{run}: kept from before")
            continue
        progress.say(f"{run}: learning from {place.dataset.train.people} people")
        train(recipes[place.name], run, dataset=place.dataset, resume=run.exists(), progress=progress)
    return {place.name: folder / place.name / WEIGHTS for place in places}
