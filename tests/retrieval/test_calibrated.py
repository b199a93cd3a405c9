"""The calibration travels with the weights and changes nothing else about them."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from sameperson.checks import InputError
from sameperson.config import Backbone, Data, Recipe
from sameperson.data.dataset import Dataset
from sameperson.methods.baseline.options import Options as Baseline
from sameperson.methods.build import build_method
from sameperson.methods.load import export_weights, load_network
from sameperson.retrieval.calibrated import calibrate_weights
from sameperson.types import Samples


@pytest.fixture
def tinted(tmp_path: Path) -> Dataset:
    """Eight people of one tint each, under two cameras, twice."""
    rng = np.random.default_rng(0)
    paths, pids, camids = [], [], []
    for pid in range(1, 9):
        tint = rng.integers(40, 215, 3)
        for camid in (0, 1):
            for take in (0, 1):
                pixels = np.clip(tint + rng.normal(0, 25, (64, 32, 3)), 0, 255).astype(np.uint8)
                paths.append(f"{pid}_{camid}{take}.png")
                Image.fromarray(pixels).save(tmp_path / paths[-1])
                pids.append(pid)
                camids.append(camid)
    samples = Samples.of(paths, pids, camids, root=tmp_path)
    return Dataset("tinted", samples, samples, samples)


def recipe(val_fraction: float) -> Recipe:
    return Recipe(
        data=Data(size=(64, 32), val_fraction=val_fraction, workers=0),
        backbone=Backbone(name="osnet_x0_25"),
        method=Baseline(neck="none", center_weight=0),
    )


def weights(folder: Path) -> Path:
    torch.manual_seed(0)
    made = recipe(0.5)
    export_weights(folder / "w.safetensors", build_method(made, 4), made, people=4)
    return folder / "w.safetensors"


def test_the_calibration_of_held_out_people_is_kept_in_the_card(tmp_path: Path, tinted: Dataset) -> None:
    path = weights(tmp_path)
    before = load_network(path)
    calibration = calibrate_weights(path, recipe(0.5), tinted, licence="Apache-2.0")
    assert calibration is not None
    after = load_network(path)
    kept = json.loads(json.dumps(asdict(calibration)))
    assert after.card == before.card.model_copy(update={"calibration": kept, "licence": "Apache-2.0"})
    assert after.fingerprint == before.fingerprint
    # Four of eight people, two pictures under each of two cameras: 4 pairs of each, 8 of each two.
    assert (calibration.positives, calibration.negatives) == (4 * 4, 6 * 8)


def test_no_one_held_out_no_calibration(tmp_path: Path, tinted: Dataset) -> None:
    path = weights(tmp_path)
    assert calibrate_weights(path, recipe(0), tinted) is None
    assert load_network(path).card.calibration is None


def test_weights_without_a_card_cannot_keep_one(tmp_path: Path, tinted: Dataset) -> None:
    torch.save({"conv.weight": torch.zeros(2, 2)}, tmp_path / "w.pth")
    with pytest.raises(InputError, match="without a card"):
        calibrate_weights(tmp_path / "w.pth", recipe(0.5), tinted)
