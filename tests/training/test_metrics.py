"""metrics.jsonl: appended line by line, cut back to the epoch a run goes on from."""

import json
import sys

import pytest

from sameperson.checks import InputError
from sameperson.training.metrics import Metrics, read_metrics


def written(folder, *epochs):
    with Metrics(folder) as metrics:
        for epoch in epochs:
            metrics.write({"epoch": epoch, "loss": 1.0 / epoch})


def test_lines_are_json_and_read_back(tmp_path):
    written(tmp_path, 1, 2)
    assert [json.loads(line)["epoch"] for line in (tmp_path / "metrics.jsonl").read_text().splitlines()] == [1, 2]
    assert read_metrics(tmp_path)[1] == {"epoch": 2, "loss": 0.5}


def test_going_on_forgets_later_epochs_and_a_line_cut_off(tmp_path):
    written(tmp_path, 1, 2, 3)
    with (tmp_path / "metrics.jsonl").open("a") as file:
        file.write('{"epoch": 4, "lo')
    with Metrics(tmp_path, epoch=2) as metrics:
        metrics.write({"epoch": 3, "loss": 9.0})
    assert [(line["epoch"], line["loss"]) for line in read_metrics(tmp_path)] == [(1, 1.0), (2, 0.5), (3, 9.0)]


def test_no_file_has_no_lines(tmp_path):
    assert read_metrics(tmp_path) == []


def test_a_folder_that_is_a_file_is_one_line(tmp_path):
    (tmp_path / "run").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        Metrics(tmp_path / "run")


def test_tensorboard_events_hold_the_numbers(tmp_path):
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    with Metrics(tmp_path, tensorboard=True) as metrics:
        metrics.write({"epoch": 1, "loss": 2.5, "loss/id": 2.0})
    events = accumulator.EventAccumulator(str(tmp_path / "tensorboard")).Reload()
    assert [(event.step, event.value) for event in events.Scalars("loss/id")] == [(1, 2.0)]


def test_tensorboard_that_is_not_installed_is_one_line(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    monkeypatch.delitem(sys.modules, "torch.utils.tensorboard", raising=False)
    with pytest.raises(InputError, match=r"sameperson\[tensorboard\]"):
        Metrics(tmp_path, tensorboard=True)
