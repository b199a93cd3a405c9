"""Two processes over gloo against one, and the averaging of gradients against plain means."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from sameperson.checks import InputError
from sameperson.overrides import load_recipe
from sameperson.train.distributed import Processes, pick_device
from sameperson.train.loop import train
from sameperson.train.metrics import read_metrics

TOGETHER = Path(__file__).with_name("together.py")


def run_together(*words: str) -> str:
    """A job of together.py in two processes, and what it said."""
    done = subprocess.run([sys.executable, str(TOGETHER), "2", *words], capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    return done.stderr


def test_two_processes_lose_what_one_loses(tmp_path, small_words):
    """Eight people with all their pictures make one step an epoch, so that each step's losses are written down."""
    steps = 20
    over = {"sampler__people": 8, "sampler__pictures": 2, "data__val_fraction": 0, "train__epochs": steps}
    knobs = small_words(**over, train__freeze_bn=True, optim__warmup_epochs=10)
    recipe = tmp_path / "small.yaml"
    recipe.write_text("name: small\n")
    said = run_together("train", str(recipe), "--out", str(tmp_path / "two"), *knobs)
    train(load_recipe(recipe, knobs), tmp_path / "one")
    one, two = read_metrics(tmp_path / "one"), read_metrics(tmp_path / "two")
    assert len(one) == len(two) == steps
    for alone, shared in zip(one, two):
        assert {key: shared[key] for key in alone if key.startswith("loss")} == pytest.approx(
            {key: alone[key] for key in alone if key.startswith("loss")}, abs=1e-4
        )
    assert one[-1]["loss"] < one[0]["loss"] - 0.05
    assert said.count("epoch 1/20 ") == 1  # only the first process speaks


def test_gradients_are_averaged_and_none_stays_none(tmp_path):
    run_together("average", str(tmp_path))
    for rank in (0, 1):
        both, one, none, means, agreed, place = torch.load(tmp_path / f"{rank}.pt", weights_only=True)
        assert both.tolist() == [1.5, 3.0] and one.tolist() == [0.5, 0.5] and none is None
        assert means == {"a": 0.5, "b": 4.0} and agreed and place == [rank, 2, rank == 0]


def test_alone_nothing_is_exchanged():
    crew = Processes(torch.device("cpu"))
    parameter = nn.Parameter(torch.zeros(1))
    crew.average_gradients([parameter])
    assert parameter.grad is None and crew.first and crew.mean({"a": torch.tensor(2.0)}) == {"a": 2.0}


@pytest.mark.parametrize("name", ["gpu9", "meta"])
def test_a_device_that_is_not_here_is_one_line(name):
    with pytest.raises(InputError, match=f"train.device = '{name}'.* this machine has cpu"):
        pick_device(name)


def test_automatic_device_is_the_accelerator_or_the_cpu():
    wanted = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else torch.device("cpu")
    assert pick_device("auto").type == wanted.type and pick_device("cpu") == torch.device("cpu")
