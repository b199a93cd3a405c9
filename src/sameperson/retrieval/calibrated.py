"""Calibration of trained weights: fitted on the people held out of training, and written into the weights' card."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from sameperson.checks import InputError
from sameperson.config import Recipe
from sameperson.data.broken_pictures import readable
from sameperson.data.dataset import Dataset
from sameperson.data.readers import read_dataset
from sameperson.data.split import learned_and_held_out
from sameperson.evaluation.embed import embed
from sameperson.methods.load import load_network
from sameperson.models.weights import load_weights, save_weights
from sameperson.retrieval.calibrate import Calibration, calibrate


def calibrate_weights(
    path: str | Path, recipe: Recipe, dataset: Dataset | None = None, **about: Any
) -> Calibration | None:
    """Calibrate the weights that `recipe` made on the people it held out of `dataset` (by default the recipe's own).

    about: more of the card's fields to fill in. The weights, their checksum and their fingerprint stay as they are.
    Returns None, and leaves the card's calibration empty, where the recipe held no one out: a calibration on people
    that the network was trained on would be overconfident.
    """
    state, card = load_weights(path)
    if card is None:
        raise InputError(f"{path}: weights without a card", "weights that sameperson wrote", "export them first")
    dataset, _ = readable(dataset or read_dataset(recipe.data), recipe.data.skip_broken)
    _, held_out = learned_and_held_out(dataset, recipe.data.val_fraction, recipe.seed)
    calibration = None
    if len(held_out):
        how = recipe.evaluate
        embeddings, kept, _ = embed(
            load_network(path), held_out, batch=how.batch, workers=recipe.data.workers, flip=how.flip
        )
        calibration = calibrate(embeddings, kept, seed=recipe.seed)
        about["calibration"] = asdict(calibration)
    save_weights(path, state, card.model_copy(update=about))
    return calibration
