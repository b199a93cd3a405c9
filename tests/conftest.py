"""What every folder of tests may use."""

import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from PIL import Image

settings.register_profile("house", deadline=None, derandomize=True, database=None)
settings.load_profile("house")  # the same examples each time, however busy the machine is

SMALL = {
    "data.size": "32,16",
    "data.workers": "0",
    "sampler.people": "2",
    "sampler.pictures": "2",
    "backbone.name": "osnet_x0_25",
    "optim.warmup_epochs": "1",
    "optim.schedule": "cosine",
    "evaluate.resamples": "50",
    "train.device": "cpu",
}
"""The words of a recipe that trains in seconds."""


@pytest.fixture(autouse=True)
def seeded() -> None:
    """Every test draws the same numbers each time."""
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002 - for what a test calls, which may still draw from it
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(0)


@pytest.fixture
def typed(tmp_path: Path) -> Callable[[str], str]:
    """Types a page's commands into a shell in the test's folder, as a reader would: their output, if all succeed."""

    def run(commands: str) -> str:
        scripts = str(Path(sys.executable).parent)
        surroundings = {**os.environ, "PATH": f"{scripts}:/usr/bin:/bin", "OMP_NUM_THREADS": "1"}
        shell = ["bash", "-euc", commands]
        done = subprocess.run(shell, cwd=tmp_path, env=surroundings, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.fixture(scope="session")
def crowd(tmp_path_factory) -> Path:
    """A Market-1501 tree of 8 people for training, one picture by each camera, and one more to be asked for."""
    root = tmp_path_factory.mktemp("crowd")
    rng = np.random.default_rng(7)
    for pid in range(1, 10):
        coat, trousers = rng.integers(30, 220, (2, 3))
        for number in range(2):
            camera = 1 + number
            pixels = np.empty((32, 16, 3))
            pixels[:16], pixels[16:] = coat, trousers
            pixels += rng.normal(0, 25, pixels.shape) + 15 * camera
            folder = "bounding_box_train" if pid < 9 else ("query" if number == 0 else "bounding_box_test")
            file = root / folder / f"{pid:04}_c{camera}s1_{number:06}_00.png"
            file.parent.mkdir(exist_ok=True)
            Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(file)
    return root


@pytest.fixture(scope="session")
def small_words(crowd):
    """A small recipe over the crowd as words of the command line; keys given here come on top."""

    def words(**over: object) -> list[str]:
        keys = SMALL | {"data.root": str(crowd)} | {key.replace("__", "."): str(value) for key, value in over.items()}
        return [f"{key}={value}" for key, value in keys.items()]

    return words
