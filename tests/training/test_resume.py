"""A run killed with SIGKILL at a random step and resumed ends with the weights of the run left alone, bit for bit."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from sameperson.cli.main import main
from sameperson.training.checkpoint import Checkpoint
from sameperson.training.metrics import read_metrics

CLOCKS = ("seconds", "images_per_second")


def start(words: list[str]) -> subprocess.Popen:
    """`sameperson train ...` with as many threads as this process: their number shapes the last bit."""
    command = [sys.executable, "-m", "sameperson", "train", *words]
    threads = {"OMP_NUM_THREADS": str(torch.get_num_threads())}
    return subprocess.Popen(command, env=os.environ | threads, stderr=subprocess.PIPE, text=True)


def finish(process: subprocess.Popen) -> None:
    _, said = process.communicate()
    assert process.returncode == 0, said


def kill_at(process: subprocess.Popen, checkpoint: Path, step: int) -> None:
    """SIGKILL once the checkpoint has reached `step`, a moment later than it was written."""
    seen = reached = 0
    while reached < step and process.poll() is None:
        time.sleep(0.01)
        if checkpoint.exists() and checkpoint.stat().st_mtime_ns != seen:
            seen, reached = checkpoint.stat().st_mtime_ns, Checkpoint.load(checkpoint).standing.steps
    time.sleep(random.uniform(0, 0.1))
    process.send_signal(signal.SIGKILL)
    _, said = process.communicate()
    assert process.returncode == -signal.SIGKILL, f"it ended before it could be killed at step {step}: {said}"


def same(one, other) -> bool:
    """Whether two trees of tensors and plain values are equal to the last bit."""
    if isinstance(one, torch.Tensor):
        return one.dtype == other.dtype and torch.equal(one, other)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other


def without_clocks(lines: list[dict]) -> list[dict]:
    return [{key: value for key, value in line.items() if key not in CLOCKS} for line in lines]


def check_same_end(alone: Path, resumed: Path) -> None:
    ends = [Checkpoint.load(folder / "checkpoint.pt") for folder in (alone, resumed)]
    for part in ("method", "average", "optimizers"):
        assert same(getattr(ends[0], part), getattr(ends[1], part)), part
    assert same(ends[0].standing.best, ends[1].standing.best)
    assert (alone / "best.safetensors").read_bytes() == (resumed / "best.safetensors").read_bytes()
    lines = [without_clocks(read_metrics(folder)) for folder in (alone, resumed)]
    assert lines[0] == lines[1]
    assert not list(resumed.glob(".*"))


def killed_and_left_alone(folder: Path, knobs: list[str], steps: list[int]) -> None:
    """Kill a run when it reaches each of `steps`, resume it, and compare its end with that of a run left alone."""
    recipe = folder / "small.yaml"
    recipe.write_text("name: small\n")
    alone, killed = folder / "alone", folder / "killed"
    words = [str(recipe), *knobs, "--out"]
    resume: list[str] = []
    for step in steps:
        kill_at(start([*words, str(killed), *resume]), killed / "checkpoint.pt", step)
        resume = ["--resume"]
    resumed = start([*words, str(killed), *resume])
    assert main(["train", *words, str(alone)]) == 0
    finish(resumed)
    check_same_end(alone, killed)


def test_killed_and_resumed_is_the_run_left_alone(tmp_path, small_words):
    knobs = small_words(train__epochs=8, train__validate_every=3, train__checkpoint_steps=2, train__ema=0.9)
    killed_and_left_alone(tmp_path, [*knobs, "data.val_fraction=0.25"], [random.randint(1, 12)])  # of 24


@pytest.mark.slow
def test_killed_again_and_again(tmp_path, small_words):
    knobs = small_words(train__epochs=20, train__accumulate=2, train__checkpoint_steps=1, data__workers=2)
    killed_and_left_alone(tmp_path, [*knobs, "data.val_fraction=0.25"], sorted(random.sample(range(1, 25), 4)))  # of 40
