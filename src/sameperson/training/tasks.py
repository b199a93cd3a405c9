"""The tasks that a run may learn: to tell people apart, or to parse them. A method's options name its task."""

from __future__ import annotations

from collections.abc import Mapping

from sameperson.config import Recipe
from sameperson.training.parsing_split import split_parsing
from sameperson.training.parsing_validation import PARSING_FIGURES, validate_parsing
from sameperson.training.task import Task
from sameperson.training.train_split import split_training
from sameperson.training.validate import IDENTITY_FIGURES, validate_identities

TASKS: Mapping[str, Task] = {
    "identity": Task(
        split_training,
        validate_identities,
        tuple(IDENTITY_FIGURES),
        "mAP",
        "no query has a match in the galleries that the protocol draws",
    ),
    "parsing": Task(
        split_parsing,
        validate_parsing,
        tuple(PARSING_FIGURES),
        "mean_iou",
        "no labelled pixel in the maps of the pictures held out",
    ),
}


def task_of(recipe: Recipe) -> Task:
    """The task of a recipe's method."""
    return TASKS[recipe.method.task]
