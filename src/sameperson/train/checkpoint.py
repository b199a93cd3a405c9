"""All that a run must remember to go on as if it had never stopped, in one file that is whole or not there.

Randomness has no memory here (see reproduce.py), so there is no generator's state to keep.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from sameperson.checks import InputError, atomic
from sameperson.config import Recipe

FORMAT = 1
MAY_CHANGE = frozenset({"data.root", "data.workers", "train.device", "train.checkpoint_steps", "train.tensorboard"})
"""Recipe keys that say where and how to compute, not what: a run may be resumed with others."""


@dataclass(frozen=True)
class Checkpoint:
    """Where a run stands after `step` steps of epoch `epoch` (counted from 0), and everything it needs to go on.

    recipe: as plain data. people: identities in the classifier. method, average: state dicts, average empty without
    EMA. optimizers: one list of states for each phase. scaler: of fp16's loss scale. losses: name -> sum over the
    epoch's batches so far; batches: how many. seconds: spent on the epoch so far. steps: since the start of the run.
    best: the best validation so far (empty before the first), worse: validations since.
    """

    recipe: dict[str, Any]
    people: int
    method: dict[str, Any]
    average: dict[str, Any]
    optimizers: list[Any]
    scaler: dict[str, Any]
    epoch: int = 0
    step: int = 0
    steps: int = 0
    losses: dict[str, Tensor] | None = None
    batches: int = 0
    seconds: float = 0.0
    best: dict[str, Any] | None = None
    worse: int = 0

    def save(self, path: Path) -> None:
        """Write all of it or nothing. Raises InputError where there is no room or no permission."""
        content = {item.name: getattr(self, item.name) for item in fields(self)} | {"format": FORMAT}
        with atomic(path) as temporary, temporary.open("wb") as file:
            torch.save(content, file)

    @classmethod
    def load(cls, path: Path) -> Checkpoint:
        """Read a checkpoint, tensors on the CPU. Raises InputError for a file that is cut or none of ours."""
        try:
            content = torch.load(path, map_location="cpu", weights_only=True)
        except (RuntimeError, EOFError, ValueError, KeyError, pickle.UnpicklingError) as error:
            raise InputError(f"{path}: cut short or damaged", *_WHOLE) from error
        if not isinstance(content, dict) or content.pop("format", None) != FORMAT:
            raise InputError(f"{path}: not a checkpoint of this version", *_WHOLE)
        if set(content) != {item.name for item in fields(cls)}:
            raise InputError(f"{path}: not a whole checkpoint", *_WHOLE)
        return cls(**content)


_WHOLE = ("a checkpoint that train wrote", "remove the run's folder and train again, or choose another --out")


def require_same_recipe(saved: Mapping[str, Any], recipe: Recipe, source: Path) -> None:
    """Refuse to go on with another recipe, naming the first key that differs."""
    there, here = dict(_leaves(saved)), dict(_leaves(recipe.model_dump(mode="json")))
    differing = [key for key in here | there if there.get(key) != here.get(key) and key not in MAY_CHANGE]
    if "method.name" in differing:
        differing = ["method.name"]
    if differing:
        key, more = differing[0], len(differing) - 1
        raise InputError(
            f"{source}: made with {key} = {there.get(key)}" + (f" (and {more} more keys differ)" if more else ""),
            f"the same recipe to resume, yet {key} = {here.get(key)} now",
            "resume with the old value, or choose another --out",
        )


def _leaves(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value
