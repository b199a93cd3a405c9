"""Two processes over gloo against one, and the averaging of gradients against plain means."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from torch import nn

from sameperson.checks import InputError
from sameperson.overrides import load_recipe
from sameperson.training.distributed import Processes, pick_device
from sameperson.training.loop import train
from sameperson.training.metrics import read_metrics

TOGETHER = Path(__file__).with_name("together.py")


def run_together(folder: Path, *words: str) -> str:
    """Both jobs of together.py in two processes, and what they said."""
    command = [sys.executable, str(TOGETHER), "2", str(folder), *words]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stderr


@pytest.fixture(scope="module")
def pair(tmp_path_factory, small_words):
    """Twenty steps in two processes. Eight people with all their pictures make one step an epoch."""
    folder = tmp_path_factory.mktemp("pair")
    over = {"sampler__people": 8, "sampler__pictures": 2, "data__val_fraction": 0, "train__epochs": 20}
    knobs = small_words(**over, train__freeze_bn=True, optim__warmup_epochs=10)
    recipe = folder / "small.yaml"
    recipe.write_text("name: small\n")
    said = run_together(folder, "train", str(recipe), "--out", str(folder / "two"), *knobs)
    return SimpleNamespace(folder=folder, recipe=load_recipe(recipe, knobs), said=said)


def test_two_processes_lose_what_one_loses(pair):
    train(pair.recipe, pair.folder / "one")
    one, two = (
        [
            {key: value for key, value in line.items() if key.startswith("loss")}
            for line in read_metrics(pair.folder / run)
        ]
        for run in ("one", "two")
    )
    assert len(one) == len(two) == 20
    for alone, shared in zip(one, two):
        assert shared == pytest.approx(alone, abs=1e-4)
    assert one[-1]["loss"] < one[0]["loss"] - 0.05


def test_only_the_first_process_speaks(pair):
    assert pair.said.count("epoch 1/20 ") == 1


def test_processes_of_one_run_do_not_lock_each_other_out(pair):
    """Only the first one locks the folder; the lock is gone with the run."""
    assert (pair.folder / "two" / "result.json").exists() and not list(pair.folder.glob(".*"))


def test_gradients_are_averaged_and_none_stays_none(pair):
    for rank in (0, 1):
        both, one, none, means, agreed, place, statistics = torch.load(pair.folder / f"{rank}.pt", weights_only=True)
        assert both.tolist() == [1.5, 3.0] and one.tolist() == [0.5, 0.5] and none is None
        assert statistics == [[3.0], [1.0], 0]  # the first one's
        assert means == {"a": 0.5, "b": 4.0} and agreed and place == [rank, 2, rank == 0]


@pytest.mark.slow
def test_torchrun_starts_the_same_run(tmp_path, small_words):
    """What together.py imitates; two runs of two processes end with the same weights."""
    recipe = tmp_path / "small.yaml"
    recipe.write_text("name: small\n")
    words = ["train", str(recipe), *small_words(data__val_fraction=0.25, train__epochs=2), "--out"]
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]
    command = [*torchrun, "-m", "sameperson", *words, str(tmp_path / "a")]
    done = subprocess.run(command, env=os.environ | {"OMP_NUM_THREADS": "1"}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("best.safetensors") == 1
    run_together(tmp_path, *words, str(tmp_path / "b"))
    weights = [(tmp_path / run / "best.safetensors").read_bytes() for run in "ab"]
    assert weights[0] == weights[1]


def test_alone_nothing_is_exchanged():
    crew = Processes(torch.device("cpu"))
    parameter = nn.Parameter(torch.zeros(1))
    crew.average_gradients([parameter])
    assert parameter.grad is None and crew.first and crew.mean({"a": torch.tensor(2.0)}) == {"a": 2.0}


def test_batch_statistics_are_shared_where_the_device_can():
    for device, kind in (("cpu", nn.BatchNorm2d), ("meta", nn.SyncBatchNorm)):
        network = nn.Sequential(nn.BatchNorm2d(3))
        Processes(torch.device(device), 0, 2).synchronize(network)
        assert type(network[0]) is kind


@pytest.mark.parametrize("name", ["gpu9", "meta"])
def test_a_device_that_is_not_here_is_one_line(name):
    with pytest.raises(InputError, match=f"train.device = '{name}'.* this machine has cpu"):
        pick_device(name)


def test_automatic_device_is_the_accelerator_or_the_cpu():
    wanted = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else torch.device("cpu")
    assert pick_device("auto").type == wanted.type and pick_device("cpu") == torch.device("cpu")
