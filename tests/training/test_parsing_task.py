"""A parser is trained without identities by the same loop: split, validation by mean IoU, resume, report."""

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image

from sameperson.api import load_network
from sameperson.api import train as train_by_recipe
from sameperson.checks import InputError
from sameperson.data.dataset import Dataset
from sameperson.data.readers import read_dataset
from sameperson.evaluation.predict_labels import predict_labels
from sameperson.models.weights import load_weights
from sameperson.overrides import load_recipe
from sameperson.report.html import write_report
from sameperson.training.checkpoint import Checkpoint
from sameperson.training.loop import train
from sameperson.training.metrics import read_metrics
from sameperson.training.parsing_split import split_parsing
from sameperson.training.progress import Progress
from sameperson.types import Samples

PARSER = {
    "method__name": "light_parser",
    "method__channels": 8,
    "data__parsing__merge": "study-7",
    "data__val_fraction": 0.25,
    "sampler__batch": 4,
    "train__epochs": 2,
    "train__validate_every": 1,
}


@pytest.fixture(scope="module")
def labelled(tmp_path_factory) -> Path:
    """A Market-1501 tree of 8 people with two pictures each, a coat, trousers and a right arm, and their maps."""
    root = tmp_path_factory.mktemp("labelled")
    rng = np.random.default_rng(3)
    for pid in range(1, 9):
        coat, trousers = rng.integers(60, 250, (2, 3))
        for camera in (1, 2):
            maps = np.zeros((32, 16), np.uint8)
            maps[4:16, 4:12], maps[16:30, 4:12], maps[6:16, 2:4] = 5, 9, 15
            pixels = rng.normal(30, 15, (32, 16, 3))
            pixels[maps == 5], pixels[maps == 9], pixels[maps == 15] = coat, trousers, (250, 200, 180)
            name = f"{pid:04}_c{camera}s1_{camera:06}_00.png"
            for folder, array in (("", pixels.clip(0, 255).astype(np.uint8)), ("parsing", maps)):
                file = root / folder / "bounding_box_train" / name
                file.parent.mkdir(parents=True, exist_ok=True)
                Image.fromarray(array).save(file)
    for folder in ("query", "bounding_box_test"):
        (root / folder).mkdir()
        Image.fromarray(np.zeros((32, 16, 3), np.uint8)).save(root / folder / "0009_c1s1_000001_00.png")
    return root


@pytest.fixture(scope="module")
def recipe_of(labelled, small_words):
    def make(**over):
        return load_recipe(None, small_words(data__root=labelled, **{**PARSER, **over}))

    return make


@pytest.fixture(scope="module")
def run(tmp_path_factory, recipe_of):
    folder = tmp_path_factory.mktemp("run") / "parser"
    recipe = recipe_of()
    return SimpleNamespace(recipe=recipe, folder=folder, result=train_by_recipe(recipe, folder))


def test_people_are_held_out_whole(recipe_of):
    split = split_parsing(recipe_of())
    assert (split.train.people, split.held_out.people) == (6, 2)
    assert not set(split.train.pid) & set(split.held_out.pid) and len(split.held_out) == 4
    assert split.truth is not None and split.truth.valid.all() and split.priors["parsing"].valid.all()


def test_pictures_of_nobody_known_are_held_out_one_by_one(recipe_of):
    recipe = recipe_of()
    known = read_dataset(recipe.data)
    nobody = replace(known.train, pid=np.full(16, -1))
    split = split_parsing(recipe, replace(known, train=nobody))
    assert (len(split.train), len(split.held_out)) == (12, 4)
    assert sorted([*split.train.path, *split.held_out.path]) == sorted(known.train.path)


def test_the_datasets_own_validation_pictures_are_taken(recipe_of):
    recipe = recipe_of()
    known = read_dataset(recipe.data)
    parts = known.train.take(known.train.pid < 8), known.train.take(known.train.pid == 8)
    split = split_parsing(recipe, replace(known, train=parts[0], val=parts[1]))
    assert (len(split.train), set(split.held_out.pid)) == (14, {8})
    with pytest.raises(InputError, match="8 people in train and val"):
        split_parsing(recipe, replace(known, val=known.train))


def test_pictures_without_a_map_are_left_out_and_counted(recipe_of, labelled, tmp_path):
    recipe = recipe_of()
    known = read_dataset(recipe.data).train
    part = tmp_path / "parsing"
    part.mkdir()
    for name in known.path[known.pid < 5]:
        file = Path(str(name)).name
        (part / file).write_bytes((labelled / "parsing" / "bounding_box_train" / file).read_bytes())
    nobody = known.take(slice(0))
    split = split_parsing(
        recipe_of(data__val_fraction=0), Dataset("some", replace(known, priors={"parsing": part}), nobody, nobody)
    )
    assert (len(split.train), split.unlabelled, split.validated) == (8, 8, False)
    with pytest.raises(InputError, match="no parsing; expected parsing beside the pictures"):
        split_parsing(recipe, Dataset("none", replace(known, priors={}), nobody, nobody))


def test_metrics_and_result_hold_what_was_measured(run):
    lines = read_metrics(run.folder)
    assert [(line["epoch"], "loss/pixel" in line, "val/mIoU" in line) for line in lines] == [
        (1, True, False), (1, False, True), (2, True, False), (2, False, True),
    ]  # fmt: skip
    report = json.loads((run.folder / "result.json").read_text())
    assert report == run.result.report and not run.result.calibrated
    counts = ("task", "train_identities", "train_images", "validation_identities", "validation_pictures", "labels")
    assert [report[key] for key in counts] == ["parsing", 6, 12, 2, 4, "study-7"]
    assert report["steps"] == 6 and set(report["validation"]["absent"]) <= {"head", "left-arm", "left-leg", "right-leg"}
    assert report["validation"]["iou"]["clothes"]["low"] <= report["validation"]["iou"]["clothes"]["value"]


def test_the_weights_with_the_best_mean_iou_are_kept_and_measure_the_same(run):
    """The kept weights' mean IoU, by a loop over the pixels of the maps they predict at the pictures' own size."""
    scores = {line["epoch"]: line["val/mIoU"] for line in read_metrics(run.folder) if "val/mIoU" in line}
    best = run.result.report["best_epoch"]
    assert scores[best] == max(scores.values()) == run.result.report["validation"]["mean_iou"]["value"]
    network = load_network(run.folder, device="cpu")
    split = split_parsing(run.recipe)
    both, either = np.zeros(7), np.zeros(7)
    for row, labels in predict_labels(network, split.held_out, workers=0):
        true = split.truth.read(row)
        assert labels.shape == true.shape == (32, 16)
        for said, meant in zip(labels.ravel().tolist(), true.ravel().tolist()):
            both[meant] += said == meant
            either[meant] += 1
            either[said] += said != meant
    assert scores[best] == pytest.approx(np.mean([both[k] / either[k] for k in range(7) if either[k]]))


def test_a_parser_tells_nobody_apart(run):
    network = load_network(run.folder, device="cpu")
    with pytest.raises(InputError, match="weights that parse people"):
        network.features(torch.zeros(1, 3, 32, 16, dtype=torch.uint8))


def test_nothing_held_out_keeps_the_last_weights(tmp_path, recipe_of):
    result = train(recipe_of(data__val_fraction=0, train__epochs=1), tmp_path / "run")
    last = Checkpoint.load(tmp_path / "run" / "checkpoint.pt").method
    kept, _ = load_weights(result.weights)
    assert kept and all(torch.equal(tensor, last[name]) for name, tensor in kept.items())
    assert result.report["validation"] is None and result.report["train_images"] == 16


class Stop(Progress):
    """Stops a run after so many steps, as a kill would."""

    def __init__(self, after: int) -> None:
        self.left = after

    def stepped(self) -> None:
        self.left -= 1
        if not self.left:
            raise KeyboardInterrupt


def test_stopped_and_resumed_ends_with_the_same_bits(tmp_path, recipe_of):
    recipe = recipe_of(train__epochs=3, train__checkpoint_steps=1, train__ema=0.9, data__augment__rotate=20)
    train(recipe, tmp_path / "straight")
    for after, resume in ((2, False), (3, True)):
        with pytest.raises(KeyboardInterrupt):
            train(recipe, tmp_path / "stopped", resume=resume, progress=Stop(after))
    train(recipe, tmp_path / "stopped", resume=True)
    one, other = (Checkpoint.load(tmp_path / name / "checkpoint.pt") for name in ("straight", "stopped"))
    for part in ("method", "average"):
        assert all(torch.equal(value, getattr(other, part)[name]) for name, value in getattr(one, part).items())
    assert one.standing.best == other.standing.best
    best = [(tmp_path / name / "best.safetensors").read_bytes() for name in ("straight", "stopped")]
    assert best[0] == best[1]


def test_a_picture_set_without_people_trains(tmp_path, recipe_of):
    recipe = recipe_of(train__epochs=1)
    known = read_dataset(recipe.data)
    nobody = replace(known, train=replace(known.train, pid=np.full(16, -1)))
    report = train(recipe, tmp_path / "run", dataset=nobody).report
    assert (report["train_identities"], report["train_images"], report["validation_pictures"]) == (0, 12, 4)
    assert report["validation"]["groups"] == 4


def test_too_few_pictures_for_a_batch_are_told_first(tmp_path, recipe_of):
    with pytest.raises(InputError, match=r"12 pictures to train on; expected at least 64.*sampler\.batch=12"):
        train(recipe_of(sampler__batch=64), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_one_person_cannot_be_held_out_of_one():
    from sameperson.data.split import pictures_held_out

    one = Samples.of(["a", "b"], [4, 4])
    with pytest.raises(InputError, match="1 people or pictures of nobody known"):
        pictures_held_out(Dataset("one", one, one.take(slice(0)), one.take(slice(0))), 0.5, 0)


def test_the_page_shows_the_parsing(run, tmp_path):
    page = write_report(run.folder, tmp_path / "page.html").read_text()
    figures = run.result.report["validation"]
    assert f"{100 * figures['mean_iou']['value']:.1f}" in page and "How well it parses people" in page
    assert "Parsing of pictures held out of training" in page and "clothes" in page
    assert all(name in page for name in figures["absent"]) and "Rank-1" not in page
    assert "4 pictures of 2 people, labels study-7" in page
