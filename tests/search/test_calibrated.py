"""The calibration travels with the weights and changes nothing else about them."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from sameperson.checks import InputError
from sameperson.config import Backbone, Baseline, Data, Recipe
from sameperson.methods import build_method
from sameperson.methods.load import export_weights, load_network
from sameperson.search.calibrated import calibrate_weights
from sameperson.types import Samples


def tinted(folder: Path) -> Samples:
    """Six people of one tint each, under two cameras, twice."""
    rng = np.random.default_rng(0)
    paths, pids, camids = [], [], []
    for pid in range(1, 7):
        tint = rng.integers(40, 215, 3)
        for camid in (0, 1):
            for take in (0, 1):
                pixels = np.clip(tint + rng.normal(0, 25, (64, 32, 3)), 0, 255).astype(np.uint8)
                paths.append(f"{pid}_{camid}{take}.png")
                Image.fromarray(pixels).save(folder / paths[-1])
                pids.append(pid)
                camids.append(camid)
    return Samples.of(paths, pids, camids, root=folder)


def test_the_calibration_is_kept_in_the_card(tmp_path: Path) -> None:
    torch.manual_seed(0)
    recipe = Recipe(
        data=Data(size=(64, 32)), backbone=Backbone(name="osnet_x0_25"), method=Baseline(neck="none", center_weight=0)
    )
    path = tmp_path / "w.safetensors"
    export_weights(path, build_method(recipe, 3), recipe, people=3)
    before = load_network(path)
    calibration = calibrate_weights(path, tinted(tmp_path))
    after = load_network(path)
    assert after.card.calibration == asdict(calibration)
    assert (calibration.positives, calibration.negatives) == (6 * 4, 15 * 8)
    assert after.fingerprint == before.fingerprint
    assert after.card.model_copy(update={"calibration": None}) == before.card


def test_weights_without_a_card_cannot_keep_one(tmp_path: Path) -> None:
    torch.save({"conv.weight": torch.zeros(2, 2)}, tmp_path / "w.pth")
    with pytest.raises(InputError, match="without a card"):
        calibrate_weights(tmp_path / "w.pth", tinted(tmp_path))
