"""`sameperson train` as it is typed."""

import json
import re
from pathlib import Path

import pytest

from sameperson.cli.main import main

RUN = {"data.size": "32,16", "sampler.people": 2, "sampler.pictures": 2, "backbone.name": "osnet_x0_25"}


@pytest.fixture
def typed(tmp_path, monkeypatch):
    """A recipe over a small crowd, and a place to run in."""
    import numpy as np
    from PIL import Image

    rng = np.random.default_rng(3)
    for folder, people in {"bounding_box_train": (1, 2, 3), "query": (4,), "bounding_box_test": (4,)}.items():
        (tmp_path / "crowd" / folder).mkdir(parents=True)
        for pid in people:
            for camera in (1, 2):
                picture = Image.fromarray(rng.integers(0, 255, (32, 16, 3), np.uint8))
                picture.save(tmp_path / "crowd" / folder / f"{pid:04}_c{camera}s1_000001_00.jpg")
    (tmp_path / "small.yaml").write_text("name: small\ndata: {root: crowd, val_fraction: 0}\ntrain: {device: cpu}\n")
    monkeypatch.chdir(tmp_path)
    return ["train", "small.yaml", *(f"{key}={value}" for key, value in RUN.items())]


def test_words_of_the_recipe_stand_anywhere_in_every_spelling(typed, tmp_path, capsys):
    figures = tmp_path / "figures.json"
    assert main([*typed, "--train.epochs", "1", "--json", str(figures), "train.accumulate", "1", "--seed", "4"]) == 0
    told = capsys.readouterr()
    assert told.out == "runs/small/best.safetensors\n" and "epoch 1/1  loss" in told.err
    report = json.loads(figures.read_text())
    assert (report["epochs"], report["seed"], report["recipe"]["train"]["accumulate"]) == (1, 4, 1)
    assert report == json.loads((tmp_path / "runs" / "small" / "result.json").read_text())


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["train.epohcs=3"], "did you mean train.epochs?"),
        (["--optim.lrr", "3"], "did you mean optim.lr?"),
        (["--resume", "--out", "nowhere"], "nowhere: no such run"),
        (["data.root=nowhere"], "nowhere: no such folder"),
        (["train.device=gpu9"], "this machine has"),
        (["--out", "small.yaml"], "small.yaml: a file"),
        (["--out", "small.yaml/run"], "cannot be written"),
    ],
)
def test_a_mistake_is_one_line(typed, words, says, capsys):
    assert main([*typed, *words]) == 2
    told = capsys.readouterr().err
    assert says in told and told.count("\n") == 1
    assert not Path("runs").exists()


def test_a_recipe_that_is_not_there_is_one_line(capsys):
    assert main(["train", "nothing.yaml"]) == 2
    assert "nothing.yaml: no such recipe" in capsys.readouterr().err


def test_a_refused_train_leaves_no_folder_and_its_advice_works(typed, tmp_path, capsys):
    words = [word for word in typed if not word.startswith("sampler.people")]
    assert main([*words, "sampler.people=99", "train.epochs=1", "--out", "mine"]) == 2
    said = capsys.readouterr().err
    (advice,) = re.findall(r"sampler\.people=\d+", said)
    assert not (tmp_path / "mine").exists()
    assert main([*words, advice, "train.epochs=1", "--out", "mine"]) == 0
