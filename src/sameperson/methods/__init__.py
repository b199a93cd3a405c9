"""One paper, one file. `METHODS` lists them; a recipe names one."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sameperson.checks import choose
from sameperson.config import Recipe
from sameperson.methods.baseline import BaselineMethod
from sameperson.methods.isp import ISPMethod
from sameperson.methods.method import Method

METHODS: Mapping[str, Callable[[Recipe, int], Method]] = {"baseline": BaselineMethod.of, "isp": ISPMethod.of}
"""Each builds a method from a recipe and the number of training identities."""


def build_method(recipe: Recipe, people: int) -> Method:
    """The method that a recipe names, for so many training identities."""
    return choose("method.name", recipe.method.name, METHODS)(recipe, people)
