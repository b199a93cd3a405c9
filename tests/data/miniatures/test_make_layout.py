"""Miniatures as such: what every layout's tree has in common."""

import json

import pytest

from sameperson.checks import InputError
from sameperson.data.layout import counts_of, differences, expected_counts
from sameperson.data.miniatures.make import make_layout
from sameperson.data.readers import LAYOUTS
from sameperson.world.plan import WorldPlan

PLAN = WorldPlan(people=4, test_people=2, cameras=2, shots=2, size=(32, 16))


def test_a_market_tree_is_read_as_its_note_says(tmp_path):
    pictures = make_layout(tmp_path / "market", "Market1501", PLAN)
    dataset = LAYOUTS["market1501"].read(tmp_path / "market", None)
    who, expected = expected_counts(tmp_path / "market", LAYOUTS["market1501"])
    assert who == "miniature.json"
    assert differences(counts_of(dataset), expected) == []
    assert sum(len(samples) for samples in dataset.splits().values()) == pictures
    assert {-1, 0} < set(dataset.gallery.pid.tolist())
    assert json.loads((tmp_path / "market" / "miniature.json").read_text())["layout"] == "market1501"
    assert [path.name for path in tmp_path.iterdir()] == ["market"]


def test_an_unknown_layout_is_told_with_the_nearest(tmp_path):
    with pytest.raises(InputError, match="did you mean market1501"):
        make_layout(tmp_path / "out", "market-1502", PLAN)
    assert not list(tmp_path.iterdir())
