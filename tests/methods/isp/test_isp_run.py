"""ISP through the whole loop: labels reach the batches, a stop changes nothing, two processes label as one."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from sameperson.cli.main import main
from sameperson.data.readers import read_dataset
from sameperson.evaluation.embed import embed
from sameperson.evaluation.result import evaluate
from sameperson.evaluation.similarity import Similarity
from sameperson.methods.isp.method import ISPMethod
from sameperson.methods.isp.relabel import FILE
from sameperson.methods.load import load_network
from sameperson.overrides import dump_recipe, load_recipe
from sameperson.training.checkpoint import Checkpoint
from sameperson.training.loop import train
from sameperson.training.metrics import read_metrics

TOGETHER = Path(__file__).parents[2] / "training" / "together.py"
ISP = {"method__name": "isp", "method__channels": 8, "method__classes": 4, "method__match": "parts"}
CLOCKS = ("seconds", "images_per_second")


@pytest.fixture
def isp_words(small_words):
    def words(**over):
        return small_words(**(ISP | {"data__val_fraction": "0.25"} | over))

    return words


def labels_of(folder: Path) -> np.ndarray:
    return np.load(folder / FILE, allow_pickle=False)


def lines_of(folder: Path) -> list[dict]:
    return [{key: value for key, value in line.items() if key not in CLOCKS} for line in read_metrics(folder)]


def check_same_end(one: Path, other: Path) -> None:
    assert (one / "best.safetensors").read_bytes() == (other / "best.safetensors").read_bytes()
    assert (one / FILE).read_bytes() == (other / FILE).read_bytes()
    assert lines_of(one) == lines_of(other)
    ends = [Checkpoint.load(folder / "checkpoint.pt").method for folder in (one, other)]
    assert all(torch.equal(ends[0][name], ends[1][name]) for name in ends[0])


def test_from_training_to_a_match_of_parts(tmp_path, isp_words, crowd):
    recipe = load_recipe(None, isp_words(train__epochs=3, method__holistic="separate"))
    result = train(recipe, tmp_path / "run")
    labels = labels_of(tmp_path / "run")
    assert labels.shape == (12, 8, 4) and labels.max() == 3  # six people, a quarter of 32 x 16
    assert any(name.startswith("loss/pixel") for name in read_metrics(tmp_path / "run")[0])
    network = load_network(result.weights, device="cpu")
    method = network.method
    assert isinstance(method, ISPMethod) and (method.match, method.wholes) == ("parts", 2)
    data = read_dataset(recipe.data)
    figures = {}
    for match, wholes in (("features", 1), ("parts", method.wholes)):
        sides = [embed(network, side, give=match)[0] for side in (data.query, data.gallery)]
        assert (sides[0].parts is None) == (match == "features")
        how = Similarity(match=match, wholes=wholes)
        found = evaluate(sides[0], data.query, sides[1], data.gallery, metric=how, resamples=10)
        figures[match] = found.mAP.value
    assert set(figures.values()) == {1.0}  # one person among one


@pytest.mark.parametrize("at_step", [5, 6])  # in an epoch without clustering, and in one with it
def test_stopped_and_resumed_is_the_run_left_alone(tmp_path, isp_words, at_step):
    """The run is stopped by an error while it tells of a step, as a full disk would stop it."""
    knobs = isp_words(train__epochs=4, train__checkpoint_steps=1, train__validate_every=2, method__period=2)
    recipe = load_recipe(None, knobs)
    train(recipe, tmp_path / "alone")

    class Stop(Exception):
        pass

    from sameperson.training.progress import Progress

    class Stops(Progress):
        done = 0

        def stepped(self) -> None:
            self.done += 1
            if self.done == at_step:
                raise Stop

    with pytest.raises(Stop):
        train(recipe, tmp_path / "stopped", progress=Stops())
    assert 0 < Checkpoint.load(tmp_path / "stopped" / "checkpoint.pt").standing.steps < 12
    train(recipe, tmp_path / "stopped", resume=True)
    check_same_end(tmp_path / "alone", tmp_path / "stopped")


def test_killed_while_clustering(tmp_path, isp_words):
    """SIGKILL once the second clustering has begun its file: the first labels are whole, and resuming ends alike."""
    knobs = isp_words(train__epochs=3, method__period=1)
    recipe = tmp_path / "small.yaml"
    recipe.write_text("name: small\n")
    folder = tmp_path / "killed"
    slow = (
        "import sys, time, sameperson.methods.isp.relabel as r; from sameperson.cli.main import main\n"
        "once = r.cluster_identity\n"
        "r.cluster_identity = lambda *a: (time.sleep(0.15), once(*a))[1]\n"
        "sys.exit(main(sys.argv[1:]))"
    )
    command = [sys.executable, "-c", slow, "train", str(recipe), *knobs, "--out", str(folder)]
    threads = {"OMP_NUM_THREADS": str(torch.get_num_threads())}
    process = subprocess.Popen(command, env=os.environ | threads, stderr=subprocess.PIPE, text=True)
    unfinished = folder / f".{FILE}.part"
    while process.poll() is None and not ((folder / FILE).exists() and unfinished.exists()):
        time.sleep(0.005)
    before = (folder / FILE).read_bytes()
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL and unfinished.exists()
    assert (folder / FILE).read_bytes() == before
    assert main(["train", str(recipe), *knobs, "--out", str(folder), "--resume"]) == 0
    assert main(["train", str(recipe), *knobs, "--out", str(tmp_path / "alone")]) == 0
    check_same_end(tmp_path / "alone", folder)
    assert not unfinished.exists()


def test_two_processes_label_as_one(tmp_path, isp_words):
    """Two epochs, each with a clustering; batch statistics held still, which the CPU cannot share."""
    over = {"sampler__people": 4, "data__val_fraction": 0, "train__epochs": 2, "method__period": 1}
    knobs = isp_words(**over, train__freeze_bn=True)
    recipe = tmp_path / "small.yaml"
    recipe.write_text("name: small\n")
    train(load_recipe(recipe, knobs), tmp_path / "one")
    words = ["train", str(recipe), *knobs, "--out", str(tmp_path / "two")]
    command = [sys.executable, str(TOGETHER), "2", str(tmp_path), *words]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "one" / FILE).read_bytes() == (tmp_path / "two" / FILE).read_bytes()
    for alone, shared in zip(lines_of(tmp_path / "one"), lines_of(tmp_path / "two"), strict=True):
        assert shared == pytest.approx(alone, abs=1e-4)


@pytest.mark.slow
def test_two_processes_label_by_one_network(tmp_path, isp_words):
    """Their batch statistics drift apart on a CPU; still the labels are those that the kept network gives alone."""
    over = {"sampler__people": 4, "data__val_fraction": 0, "method__period": 1, "method__pixel_weight": 0}
    steady = {"optim__schedule": "constant", "optim__warmup_epochs": 0}
    recipe = tmp_path / "small.yaml"
    recipe.write_text("name: small\n")
    for epochs in (1, 2):
        words = ["train", str(recipe), *isp_words(**over, **steady, train__epochs=epochs)]
        command = [sys.executable, str(TOGETHER), "2", str(tmp_path), *words, "--out", str(tmp_path / str(epochs))]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    longer = load_recipe(recipe, isp_words(**over, **steady, train__epochs=2))
    first = tmp_path / "1"  # where the second stood after its first epoch
    replace(Checkpoint.load(first / "checkpoint.pt"), recipe=longer.model_dump(mode="json")).save(
        first / "checkpoint.pt"
    )
    (first / "recipe.yaml").write_text(dump_recipe(longer))
    train(longer, first, resume=True)
    assert (first / FILE).read_bytes() == (tmp_path / "2" / FILE).read_bytes()
