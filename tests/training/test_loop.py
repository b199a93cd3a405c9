"""Whole small runs of the baseline, and what the user hears when one cannot begin, go on or end well."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from sameperson.checks import InputError
from sameperson.methods.load import load_network
from sameperson.models.weights import load_weights
from sameperson.overrides import load_recipe
from sameperson.training.checkpoint import Checkpoint
from sameperson.training.loop import train
from sameperson.training.metrics import read_metrics


@pytest.fixture(scope="module")
def run(tmp_path_factory, crowd, small_words):
    """A finished run of two epochs, validated after each."""
    folder = tmp_path_factory.mktemp("run") / "small"
    recipe = load_recipe(None, small_words(train__epochs=2, train__validate_every=1, data__val_fraction=0.25))
    heard = []
    return SimpleNamespace(
        recipe=recipe, heard=heard, result=train(recipe, folder, on_epoch=heard.append), folder=folder
    )


def copied(run, folder: Path, *names: str) -> Path:
    folder.mkdir()
    for name in names or ("recipe.yaml", "metrics.jsonl", "checkpoint.pt"):
        (folder / name).write_bytes((run.folder / name).read_bytes())
    return folder


def test_a_run_leaves_its_files(run):
    names = {"recipe.yaml", "metrics.jsonl", "checkpoint.pt", "best.safetensors", "result.json"}
    assert {path.name for path in run.folder.iterdir()} == names
    assert load_recipe(run.folder / "recipe.yaml") == run.recipe


def test_metrics_have_a_line_for_each_epoch_and_validation(run):
    lines = read_metrics(run.folder)
    assert [(line["epoch"], "loss" in line, "val/mAP" in line) for line in lines] == [
        (1, True, False),
        (1, False, True),
        (2, True, False),
        (2, False, True),
    ]
    first = lines[0]
    parts = [first[key] for key in ("loss/identity", "loss/triplet", "loss/center")]
    assert first["loss"] == pytest.approx(sum(parts)) and first["images_per_second"] > 0
    assert lines == run.heard


def test_the_result_holds_figures_and_the_counts_behind_them(run):
    report = json.loads((run.folder / "result.json").read_text())
    assert report == run.result.report
    assert (report["train_identities"], report["train_images"], report["validation_identities"]) == (6, 12, 2)
    assert (report["validation_queries"], report["validation_gallery"]) == (2, 2)
    assert (report["epochs"], report["steps"]) == (2, 6)
    assert {"value", "low", "high"} <= report["validation"]["mAP"].keys()


def test_the_weights_kept_are_the_best_validated(run):
    scores = {line["epoch"]: line["val/mAP"] for line in read_metrics(run.folder) if "val/mAP" in line}
    best = run.result.report["best_epoch"]
    assert scores[best] == max(scores.values()) == run.result.report["validation"]["mAP"]["value"]
    network = load_network(run.result.weights, device="cpu")
    assert network.card.people == 6 and network.card.results["validation"]["mAP"]["value"] == scores[best]
    features = network.features(torch.zeros(2, 3, 32, 16, dtype=torch.uint8)).features
    assert features.shape[0] == 2 and torch.isfinite(features).all()


def test_without_people_held_out_the_last_weights_are_kept(tmp_path, small_words):
    result = train(load_recipe(None, small_words(train__epochs=1, data__val_fraction=0)), tmp_path / "run")
    last = Checkpoint.load(tmp_path / "run" / "checkpoint.pt").method
    kept, _ = load_weights(result.weights)
    assert kept and all(torch.equal(tensor, last[name]) for name, tensor in kept.items())
    assert result.report["validation"] is None and result.report["train_identities"] == 8


def test_a_run_that_gets_no_better_stops_early(tmp_path, small_words):
    still = {"optim__lr": 1e-12, "train__freeze_bn": True, "train__epochs": 9, "train__validate_every": 1}
    recipe = load_recipe(None, small_words(train__patience=2, data__val_fraction=0.25, **still))
    assert train(recipe, tmp_path / "run").report["epochs"] == 3
    assert train(recipe, tmp_path / "run", resume=True).report["epochs"] == 3


@pytest.mark.parametrize("precision", ["bf16", "fp16"])
def test_half_precision_learns_about_the_same(run, tmp_path, small_words, precision):
    recipe = load_recipe(None, small_words(train__amp=precision, train__epochs=1, data__val_fraction=0.25))
    loss = train(recipe, tmp_path / "run").folder / "metrics.jsonl"
    assert json.loads(loss.read_text().splitlines()[0])["loss"] == pytest.approx(run.heard[0]["loss"], rel=0.05)


def test_a_finished_run_resumed_is_left_as_it_is(run):
    before = (run.folder / "best.safetensors").read_bytes(), (run.folder / "metrics.jsonl").read_bytes()
    assert train(run.recipe, run.folder, resume=True).report == run.result.report
    assert ((run.folder / "best.safetensors").read_bytes(), (run.folder / "metrics.jsonl").read_bytes()) == before


def test_a_run_stopped_before_its_first_checkpoint_begins_again(run, tmp_path):
    folder = copied(run, tmp_path / "run", "recipe.yaml", "metrics.jsonl")
    (folder / ".checkpoint.pt.123.part").write_bytes(b"half")
    train(run.recipe, folder, resume=True)
    assert (folder / "best.safetensors").read_bytes() == (run.folder / "best.safetensors").read_bytes()
    assert len(read_metrics(folder)) == 4 and not list(folder.glob(".*"))


def test_a_run_is_not_written_over(run):
    with pytest.raises(InputError, match=r"a run is there already.*--resume"):
        train(run.recipe, run.folder)


def test_a_run_that_is_not_there_cannot_be_resumed(run, tmp_path):
    with pytest.raises(InputError, match="typo: no such run"):
        train(run.recipe, tmp_path / "typo", resume=True)


@pytest.mark.parametrize("names", [("recipe.yaml",), ("checkpoint.pt",)])
def test_another_recipe_cannot_go_on(run, tmp_path, names):
    folder = copied(run, tmp_path / "run", *names)
    other = run.recipe.model_copy(update={"seed": 5})
    with pytest.raises(InputError, match=r"made with seed = 0.* seed = 5 now"):
        train(other, folder, resume=True)


def test_other_pictures_cannot_go_on(run, tmp_path, crowd):
    from dataclasses import replace

    from sameperson.data.readers import read_dataset

    whole = read_dataset(run.recipe.data)
    fewer = replace(whole, train=whole.train.take(slice(1, None)))
    with pytest.raises(InputError, match=r"made from 12 pictures of 6 people.* 11 of 6"):
        train(run.recipe, copied(run, tmp_path / "run"), dataset=fewer, resume=True)


def test_a_cut_checkpoint_is_one_line(run, tmp_path):
    folder = copied(run, tmp_path / "run")
    whole = (folder / "checkpoint.pt").read_bytes()
    (folder / "checkpoint.pt").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match=r"checkpoint\.pt: cut short or damaged"):
        train(run.recipe, folder, resume=True)


def test_a_folder_that_cannot_be_written_is_one_line(run, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        train(run.recipe, tmp_path / "file" / "run")
    with pytest.raises(InputError, match="a file; expected"):
        train(run.recipe, tmp_path / "file")


def test_a_loss_that_explodes_is_one_line_and_no_checkpoint(tmp_path, small_words):
    wild = {"optim__name": "sgd", "optim__lr": 1e30, "optim__warmup_epochs": 0, "train__epochs": 1}
    with pytest.raises(InputError, match=r"loss/\w+ became (nan|inf) in epoch 1; expected a finite loss"):
        train(load_recipe(None, small_words(**wild)), tmp_path / "run")
    assert not (tmp_path / "run" / "checkpoint.pt").exists()


def test_people_nothing_can_be_asked_of_cannot_be_held_out(tmp_path, small_words, run):
    import numpy as np

    from sameperson.data.dataset import Dataset
    from sameperson.types import Samples

    root = run.recipe.data.root
    files = sorted(str(path.relative_to(root)) for path in (root / "bounding_box_train").iterdir())
    once = Samples.of(files[:16], np.arange(1, 17), np.zeros(16), root=root)
    dataset = Dataset("once", once, once.take(slice(0)), once.take(slice(0)))
    recipe = load_recipe(None, small_words(data__val_fraction=0.25))
    with pytest.raises(InputError, match=r"4 people held out.*data\.val_fraction=0"):
        train(recipe, tmp_path / "run", dataset=dataset)


def test_a_recipe_without_any_loss_is_one_line(tmp_path, small_words):
    weights = {f"method__{name}_weight": 0 for name in ("id", "triplet", "center")}
    with pytest.raises(InputError, match="every loss the weight 0"):
        train(load_recipe(None, small_words(**weights)), tmp_path / "idle")
