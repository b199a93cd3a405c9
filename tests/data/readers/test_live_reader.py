"""A plan in a file is read as a dataset, or refused in one line."""

import json

import pytest

from sameperson.checks import InputError
from sameperson.data.broken_pictures import require_readable
from sameperson.data.readers.live import read_live, read_plan
from sameperson.priors.load import open_priors
from sameperson.world.plan import WORLD_VERSION, WorldPlan

PLAN = {"people": 4, "test_people": 2, "cameras": 2, "size": [64, 32]}


def test_a_plan_by_hand_and_one_that_was_made_are_one(tmp_path):
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(PLAN))
    plan = read_plan(file)
    assert plan == WorldPlan(4, 2, 2, size=(64, 32))
    assert hash(plan) == hash(WorldPlan(4, 2, 2, size=(64, 32)))
    file.write_text(json.dumps({**plan.as_json(), "pictures": {"query": 4}}))
    assert read_plan(file) == plan


def test_a_dataset_that_lies_nowhere(tmp_path):
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(PLAN))
    dataset = read_live(file)
    assert (len(dataset.train), len(dataset.query), len(dataset.gallery)) == (16, 4, 12)
    readable, broken = require_readable(dataset.train, skip=False)
    assert (len(readable), broken) == (16, [])
    with pytest.raises(InputError, match=r"this dataset has none: set data\.priors"):
        open_priors(dataset.train, ["parsing"])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("people: 4", "not JSON"),
        ("[1]", "list; expected a plan"),
        (json.dumps({"people": 4, "cameras": 2}), "test_people: Field required"),
        (json.dumps({**PLAN, "people": "many"}), "people: Input should be a valid integer"),
        (json.dumps({**PLAN, "sise": [64, 32]}), "did you mean size"),
        (json.dumps({**PLAN, "cameras": 0}), ": cameras 0; expected at least 1; raise cameras"),
        (json.dumps({**PLAN, "version": "0"}), f"expected version {WORLD_VERSION}"),
    ],
)
def test_what_is_no_plan_is_one_line(tmp_path, text, says):
    file = tmp_path / "plan.json"
    file.write_text(text)
    with pytest.raises(InputError) as error:
        read_live(file)
    assert says in str(error.value)
    assert "\n" not in str(error.value)


def test_a_plan_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_live(tmp_path / "plan.json")
