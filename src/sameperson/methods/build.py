"""Build a method by the name that its recipe gives: one of ours, or a package of the user's own."""

from __future__ import annotations

from sameperson.checks import InputError
from sameperson.config import Recipe, method_package, method_part
from sameperson.methods.method import Method


def build_method(recipe: Recipe, people: int) -> Method:
    """Build the method that a recipe names by calling `build(recipe, people)` of its `method.py`.

    people: the number of training identities. Raises InputError for a method that cannot be found, and for options that
    contradict each other.
    """
    name = recipe.method.name
    build = getattr(method_part(name, "method"), "build", None)
    if build is None:
        expected = "a function build(recipe, people) -> Method there"
        raise InputError(f"{method_package(name)}.method without build", expected, "add it")
    return build(recipe, people)
