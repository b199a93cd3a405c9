"""Weights that know how sure they are: a calibration fitted on validation people, kept in the weights' card."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from sameperson.checks import InputError
from sameperson.evaluate.embed import embed
from sameperson.methods.load import load_network
from sameperson.models.weights import load_weights, save_weights
from sameperson.search.calibrate import Calibration, calibrate
from sameperson.types import Samples


def calibrate_weights(path: str | Path, validation: Samples, *, seed: int = 0, workers: int = 0) -> Calibration:
    """Fit a calibration on people that the weights have not learnt from, and write it into the card beside them.

    The weights, and so their checksum and fingerprint, stay as they are.
    Raises InputError for weights without a card, or pictures without a pair of each kind.
    """
    state, card = load_weights(path)
    if card is None:
        raise InputError(f"{path}: weights without a card", "weights that sameperson wrote", "export them first")
    embeddings, kept, _ = embed(load_network(path), validation, workers=workers)
    calibration = calibrate(embeddings, kept, seed=seed)
    save_weights(path, state, card.model_copy(update={"calibration": asdict(calibration)}))
    return calibration
