"""What a run learns, as a value: how its pictures are split, its weights validated, and by which figure chosen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from sameperson.checks import InputError
from sameperson.config import Recipe
from sameperson.data.dataset import Dataset
from sameperson.methods.method import Method
from sameperson.priors.prior import Prior
from sameperson.training.checkpoint import Checkpoint
from sameperson.types import Samples


class Split(Protocol):
    """The pictures of a run: those to learn from, and those held out."""

    @property
    def train(self) -> Samples:
        """The pictures to learn from."""
        ...

    @property
    def priors(self) -> Mapping[str, Prior]:
        """The priors of `train` that the recipe asks for."""
        ...

    @property
    def skipped(self) -> int:
        """How many broken pictures were left out."""
        ...

    @property
    def nothing(self) -> str:
        """Why there is nothing to validate on though pictures are held out; "" where there is something."""
        ...

    @property
    def validated(self) -> bool:
        """Whether any pictures are held out."""
        ...

    def with_needs(self, names: Sequence[str], recipe: Recipe) -> Split:
        """The same with the priors that the method needs at test time."""
        ...

    def counts(self) -> Mapping[str, Any]:
        """What stands behind the figures of the validation, for result.json."""
        ...


@dataclass(frozen=True)
class Validation:
    """A validation: its figures in full, and those of a line of metrics by their names there."""

    figures: Mapping[str, Any]
    shares: Mapping[str, float]


@dataclass(frozen=True)
class Task:
    """What a run learns.

    split: divides the pictures of a dataset, or of the one that the recipe names. validate: validates a method on what
    was held out; None where nothing can be measured, with the reason `nothing`. shown: the names in a line of metrics.
    chosen_by: the figure of the best weights.
    """

    split: Callable[[Recipe, Dataset | None], Any]
    validate: Callable[[Method, Recipe, Any], Validation | None]
    shown: tuple[str, ...]
    chosen_by: str
    nothing: str


def require_same(train: Samples, checkpoint: Checkpoint, source: Path) -> None:
    """Raise InputError where a checkpoint was made from other training pictures."""
    there, here = (checkpoint.people, checkpoint.pictures), (train.people, len(train))
    if there != here:
        raise InputError(
            f"{source}: made from {there[1]} pictures of {there[0]} people",
            f"the same training pictures, yet data.root now has {here[1]} of {here[0]}",
            "bring the old ones back, or choose another --out",
        )
