"""The result of a finished run: result.json beside its weights."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sameperson.checks import atomic
from sameperson.config import Recipe
from sameperson.training.checkpoint import TrainingState
from sameperson.training.distributed import Processes
from sameperson.training.metrics import read_metrics
from sameperson.training.run_folder import RESULT, WEIGHTS
from sameperson.training.task import Split


@dataclass(frozen=True)
class TrainResult:
    """A finished run: its folder, and the content of `result.json` there (empty in all but the first process).

    calibrated: whether its weights turn distances into probabilities.
    """

    folder: Path
    report: Mapping[str, Any] = field(default_factory=dict)
    calibrated: bool = False

    @property
    def weights(self) -> Path:
        """The path of the weights that the run kept, for `methods.load.load_network`."""
        return self.folder / WEIGHTS


def write_result(folder: Path, recipe: Recipe, pictures: Split, at: TrainingState, crew: Processes) -> TrainResult:
    """Write result.json, the figures of a finished run with the counts behind them, and return it."""
    lines = read_metrics(folder)
    best = at.best or {"epoch": at.epoch}
    report = {
        "name": recipe.name,
        "method": recipe.method.name,
        "task": recipe.method.task,
        "weights": WEIGHTS,
        "best_epoch": best["epoch"],
        "validation": best.get("figures"),
        "epochs": at.epoch,
        "steps": at.steps,
        "seconds": round(sum(line.get("seconds", 0.0) for line in lines), 3),
        "train_identities": pictures.train.people,
        "train_images": len(pictures.train),
        **pictures.counts(),
        "skipped_broken": pictures.skipped,
        "device": str(crew.device),
        "processes": crew.world_size,
        "seed": recipe.seed,
        "recipe": recipe.model_dump(mode="json"),
    }
    with atomic(folder / RESULT) as temporary:
        temporary.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    return TrainResult(folder, report)
