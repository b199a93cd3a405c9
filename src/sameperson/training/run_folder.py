"""The run folder: checks before a run writes into it, and the checkpoint that a stopped run left there.

It holds recipe.yaml, metrics.jsonl, checkpoint.pt, best.safetensors and result.json.
"""

from __future__ import annotations

from pathlib import Path

from sameperson.checks import InputError, atomic, existing_folder, writing
from sameperson.config import Recipe
from sameperson.leftovers import sweep_tree
from sameperson.overrides import dump_recipe, load_recipe
from sameperson.training.checkpoint import Checkpoint, require_same_recipe

RECIPE, CHECKPOINT, WEIGHTS, RESULT = "recipe.yaml", "checkpoint.pt", "best.safetensors", "result.json"


def check_folder(folder: Path, recipe: Recipe, *, resume: bool) -> None:
    """Check whether this run may use `folder`, before anything costly; nothing is written.

    Raises InputError where a new run would overwrite another one, where there is no run to resume, and where the run to
    resume has another recipe.
    """
    if not resume and folder.exists() and any(existing_folder(folder).iterdir()):
        then = "add --resume to go on with it, or choose another --out"
        raise InputError(f"{folder}: a run is there already", "an empty or new folder", then)
    if resume and not folder.exists():
        raise InputError(f"{folder}: no such run", "a run that was stopped", "check --out, or leave out --resume")
    if resume and (folder / RECIPE).exists():
        require_same_recipe(load_recipe(folder / RECIPE).model_dump(mode="json"), recipe, folder)


def open_folder(folder: Path, recipe: Recipe) -> None:
    """Make `folder`, remove what a killed run left half-written, and write the recipe there.

    Whoever calls this holds the folder's lock. Raises InputError where nothing can be written.
    """
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        sweep_tree(folder)
    with atomic(folder / RECIPE) as temporary:
        temporary.write_text(dump_recipe(recipe), encoding="utf-8")


def last_checkpoint(folder: Path, recipe: Recipe) -> Checkpoint | None:
    """Load the checkpoint to resume from; None where the run was stopped before its first checkpoint.

    Raises InputError for a checkpoint that is damaged or belongs to another recipe or method.
    """
    path = folder / CHECKPOINT
    if not path.exists():
        return None
    checkpoint = Checkpoint.load(path)
    require_same_recipe(checkpoint.recipe, recipe, path)
    return checkpoint
