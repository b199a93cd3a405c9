"""Needs: the priors that a network needs at test time, and the form in which it reads each; a card lists them.

A need is `{"keypoints": {"skeleton": "coco"}}`: the prior's name, and the keys of a
recipe's `data` that say how it is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from sameperson.checks import InputError, choose
from sameperson.config import Data
from sameperson.priors.load import PRIORS

Needs = Mapping[str, Mapping[str, Any]]
"""Prior -> key of a recipe's `data` -> its value, as JSON has it."""


def needs_in(names: Iterable[str], data: Data) -> dict[str, dict[str, Any]]:
    """Write down in which form a recipe's `data` has the named priors read.

    >>> needs_in(["keypoints", "irrelevant"], Data(skeleton="openpose"))
    {'keypoints': {'skeleton': 'openpose'}, 'irrelevant': {}}

    Raises InputError for an unknown prior.
    """
    tree = data.model_dump(mode="json")
    return {name: {key: _value(tree, key) for key in choose("prior", name, PRIORS).keys} for name in names}


def data_of(needs: Needs) -> Data:
    """Return a recipe's `data` by which the priors are read in their form.

    Raises InputError for a prior or a form that this version does not know.
    """
    tree: dict[str, Any] = {}
    for name, form in needs.items():
        choose("prior", name, PRIORS)
        for key, value in form.items():
            *sections, last = key.split(".")
            place = tree
            for section in sections:
                place = place.setdefault(section, {})
            place[last] = value
    try:
        return Data.model_validate(tree)
    except ValidationError as error:
        first = error.errors()[0]
        found = f"weights that need {', '.join(needs)} in a form that is not known ({first['loc'][-1]}: {first['msg']})"
        raise InputError(found, "a form that this version reads", "install the version that wrote them") from error


def _value(tree: Mapping[str, Any], key: str) -> Any:
    value: Any = tree
    for part in key.split("."):
        value = value[part]
    return value
