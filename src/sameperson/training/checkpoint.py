"""Checkpoints: everything that a stopped run needs to resume exactly, written atomically to one file.

Generators are re-seeded at every step (see determinism.py), so there is no generator's state to save.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from sameperson.checks import InputError, atomic, existing_file
from sameperson.config import Recipe
from sameperson.models.weights import DAMAGED, load_tensors

FORMAT = 1
MAY_CHANGE = frozenset({"data.root", "data.workers", "train.device", "train.checkpoint_steps", "train.tensorboard"})
"""Recipe keys that say where and how to compute, not what; a run may be resumed with other values of these."""


@dataclass
class TrainingState:
    """The progress of a run: `step` steps into epoch `epoch`, both counted from 0.

    steps: since the start of the run. losses: name -> sum over the `batches` batches of this epoch so far; seconds: the
    time they took. best: the validation that chose the weights kept so far, empty before the first; worse: validations
    since then.
    """

    epoch: int = 0
    step: int = 0
    steps: int = 0
    losses: dict[str, Tensor] = field(default_factory=dict)
    batches: int = 0
    seconds: float = 0.0
    best: dict[str, Any] = field(default_factory=dict)
    worse: int = 0

    def add(self, losses: Mapping[str, Tensor]) -> None:
        """Add the losses of one batch to the epoch's sums, on their device, so that nothing waits for it."""
        for name, loss in losses.items():
            self.losses[name] = self.losses.get(name, 0) + loss.detach()

    def next_epoch(self) -> None:
        """Move on to the start of the next epoch."""
        self.epoch, self.step, self.losses, self.batches, self.seconds = self.epoch + 1, 0, {}, 0, 0.0


@dataclass(frozen=True)
class Checkpoint:
    """The content of a checkpoint file.

    recipe: as plain data. people, pictures: how many the run trains on. method, average: state dicts, the average's
    empty without EMA. optimizers: the states of each phase. scaler: the state of fp16's loss scaling. standing: the
    progress of the run.
    """

    recipe: dict[str, Any]
    people: int
    pictures: int
    method: dict[str, Any]
    average: dict[str, Any]
    optimizers: list[Any]
    scaler: dict[str, Any]
    standing: TrainingState

    def save(self, path: Path) -> None:
        """Write the checkpoint atomically. Raises InputError where there is no room or no permission."""
        content = {item.name: getattr(self, item.name) for item in fields(self)}
        content |= {"format": FORMAT, "standing": vars(self.standing)}
        with atomic(path) as temporary, temporary.open("wb") as file:
            torch.save(content, file)

    @classmethod
    def load(cls, path: Path) -> Checkpoint:
        """Read a checkpoint, tensors on the CPU. Raises InputError for a file that is cut or none of ours."""
        existing_file(path, WHOLE[0])
        try:
            content = load_tensors(path)
        except DAMAGED as error:
            raise InputError(f"{path}: cut short or damaged", *WHOLE) from error
        if not isinstance(content, dict) or content.pop("format", None) != FORMAT:
            raise InputError(f"{path}: not a checkpoint of this version", *WHOLE)
        if set(content) != {item.name for item in fields(cls)}:
            raise InputError(f"{path}: not a whole checkpoint", *WHOLE)
        standing = content.pop("standing")
        if not _is_whole(content, standing):
            raise InputError(f"{path}: not a whole checkpoint", *WHOLE)
        return cls(**content, standing=TrainingState(**standing))


def _is_whole(content: Mapping[str, Any], standing: Any) -> bool:
    """Tell whether the parts of a checkpoint are of the types that `save` wrote."""
    kinds = {"people": int, "pictures": int, "optimizers": list}
    if not all(isinstance(value, kinds.get(name, dict)) for name, value in content.items()):
        return False
    fresh = vars(TrainingState())
    if not isinstance(standing, dict) or standing.keys() != fresh.keys():
        return False
    alike = all(
        isinstance(standing[name], (int, float) if type(old) is float else type(old)) for name, old in fresh.items()
    )
    return alike and all(isinstance(loss, Tensor) for loss in standing["losses"].values())


WHOLE = ("a checkpoint that train wrote", "remove the run's folder and train again, or choose another --out")


def require_same_recipe(saved: Mapping[str, Any], recipe: Recipe, source: Path) -> None:
    """Raise InputError where a run is resumed with another recipe; it names the first key that differs."""
    there, here = dict(_leaves(saved)), dict(_leaves(recipe.model_dump(mode="json")))
    for leaves in (there, here):  # a resumed run does not read the starting weights again, so their folder may differ
        leaves["backbone.weights"] = Path(str(leaves.get("backbone.weights"))).name
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
