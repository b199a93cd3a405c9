"""A validation in which no query has a match says so, is null in the metrics, and leaves the last weights as best."""

import io
import json
from dataclasses import replace

import pytest
import torch

from sameperson.data.readers import read_dataset
from sameperson.models.weights import load_weights
from sameperson.overrides import load_recipe
from sameperson.report.run_charts import learning
from sameperson.training.checkpoint import Checkpoint
from sameperson.training.loop import train
from sameperson.training.metrics import Metrics, is_line, read_metrics
from sameperson.training.progress import Lines

WHY = "by protocol cross_clothes, none of 2 queries of the 2 people held out has a match"


@pytest.fixture(scope="module")
def run(tmp_path_factory, small_words):
    """Everyone wears one outfit, and the protocol counts pictures in other clothes only."""
    folder = tmp_path_factory.mktemp("run") / "run"
    over = {"train__epochs": 3, "train__validate_every": 1, "train__patience": 1, "data__val_fraction": 0.25}
    recipe = load_recipe(None, [*small_words(**over), "evaluate.protocol=cross_clothes"])
    dataset = read_dataset(recipe.data)
    dressed = replace(dataset.train, clothes_id=dataset.train.pid.astype("int32"))
    said = io.StringIO()
    result = train(recipe, folder, dataset=replace(dataset, train=dressed), progress=Lines(said))
    return folder, result, said.getvalue()


def test_it_is_said_before_the_training_and_at_each_validation(run):
    _, _, said = run
    lines = said.splitlines()
    assert lines[0] == f"note: {WHY}, so nothing is validated, and the last weights are kept"
    assert [line for line in lines if "nothing to validate on" in line] == [
        f"epoch {epoch}/3  nothing to validate on: {WHY}" for epoch in (1, 2, 3)
    ]
    assert "nan" not in said


def test_the_metrics_hold_null_and_the_reason(run):
    folder, _, _ = run

    def no_constant(word: str) -> None:
        pytest.fail(f"{word} is no JSON")

    text = (folder / "metrics.jsonl").read_text()
    lines = [json.loads(line, parse_constant=no_constant) for line in text.splitlines()]
    assert lines == read_metrics(folder)
    validations = [line for line in lines if "val/mAP" in line]
    assert [line["epoch"] for line in validations] == [1, 2, 3]
    for line in validations:
        assert (line["val/mAP"], line["val/rank1"], line["val/nothing"]) == (None, None, WHY)
    assert [chart.caption for chart in learning(lines)] == ["Losses"]


def test_the_last_weights_are_kept_and_nothing_stops_early(run):
    folder, result, _ = run
    last = Checkpoint.load(folder / "checkpoint.pt")
    assert (last.standing.epoch, last.standing.best) == (3, {})
    kept, _ = load_weights(result.weights)
    assert kept and all(torch.equal(tensor, last.method[name]) for name, tensor in kept.items())
    report = json.loads((folder / "result.json").read_text())
    assert (report["best_epoch"], report["validation"]) == (3, None)


@pytest.mark.parametrize(
    ("line", "fits"),
    [
        ({"epoch": 1, "val/mAP": None, "val/nothing": "why"}, True),
        ({"epoch": 1, "val/mAP": None}, False),
        ({"epoch": 1, "val/mAP": None, "val/nothing": 3}, False),
        ({"epoch": 1, "val/mAP": "x", "val/nothing": "why"}, False),
        ({"epoch": 1, "val/nothing": ["why"]}, False),
    ],
)
def test_null_needs_a_reason(line, fits):
    assert is_line(line) == fits


def test_tensorboard_passes_over_what_was_not_measured(tmp_path):
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    with Metrics(tmp_path, tensorboard=True) as metrics:
        metrics.write({"epoch": 1, "val/mAP": None, "val/nothing": "why", "seconds": 2.0})
    events = accumulator.EventAccumulator(str(tmp_path / "tensorboard")).Reload()
    assert events.Tags()["scalars"] == ["seconds"]
