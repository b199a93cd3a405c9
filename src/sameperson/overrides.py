"""Recipes from YAML files (`extends:`) and from the words of a command line.

Three spellings mean the same: `train.epochs=60`, `--train.epochs 60` and the papers' `train.epochs 60`.
A value is read by the type of its field: `5.` and `1e-4` are numbers where a number is wanted, `no` is False for a
switch and a word for a name.
"""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, TypeAdapter, ValidationError

from sameperson.checks import InputError, existing_file, nearest
from sameperson.config import Recipe, method_name

SPELLINGS = "write train.epochs=60, --train.epochs 60 or train.epochs 60"


def load_recipe(path: str | Path | None = None, overrides: Sequence[str] = ()) -> Recipe:
    """The recipe in `path` (the defaults without one) with command-line words applied.

    Raises InputError for an unknown key (naming the nearest), a value of the wrong kind, or a broken file.
    """
    tree = {} if path is None else read_tree(Path(path))
    for key, text in pairs(overrides):
        place(tree, key, read_value(key, text))
    return validated(tree, str(path or "overrides"))


def dump_recipe(recipe: Recipe) -> str:
    """The whole recipe as YAML, every default written out."""
    return yaml.safe_dump(recipe.model_dump(mode="json"), sort_keys=False)


def recipe_of(tree: Mapping[str, Any], source: str) -> Recipe:
    """A recipe from a plain tree, such as one saved with a result."""
    return validated(dict(tree), source)


def read_tree(path: Path, below: tuple[Path, ...] = ()) -> dict[str, Any]:
    """A YAML file merged over the file it extends."""
    path = existing_file(path, "a recipe (.yaml)").resolve()
    if path in below:
        raise InputError(f"{path}: extends itself", "a chain of recipes that ends", "remove one `extends:`")
    try:
        tree = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not YAML ({error})", "keys and values", "mend the file") from error
    if tree is None:
        tree = {}
    if not isinstance(tree, dict):
        raise InputError(f"{path}: a {type(tree).__name__}", "keys and values", "mend the file")
    parent = tree.pop("extends", None)
    if parent is None:
        return tree
    return merged(for_method(read_tree(path.parent / str(parent), (*below, path)), tree.get("method")), tree)


def for_method(base: Mapping[str, Any], method: Any) -> Mapping[str, Any]:
    """`base` without those keys of its method that the one which `method` names does not have.

    >>> for_method({"method": {"name": "isp", "classes": 6, "id_weight": 0.5}}, {"name": "baseline"})
    {'method': {'name': 'isp', 'id_weight': 0.5}}
    """
    before, methods = base.get("method"), sections_of(Recipe.model_fields["method"].annotation)
    old, new = method_name(before), method.get("name") if isinstance(method, Mapping) else None
    if not isinstance(before, Mapping) or old == new or old not in methods or new not in methods:
        return base
    surplus = methods[old].model_fields.keys() - methods[new].model_fields.keys()
    return {**base, "method": {key: value for key, value in before.items() if key not in surplus}}


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """`over` laid upon `base`, section by section.

    >>> merged({"a": {"x": 1, "y": 2}}, {"a": {"y": 3}})
    {'a': {'x': 1, 'y': 3}}
    """
    out = dict(base)
    for key, value in over.items():
        both = isinstance(value, Mapping) and isinstance(out.get(key), Mapping)
        out[key] = merged(out[key], value) if both else value
    return out


def pairs(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Command-line words as (key, text).

    >>> list(pairs(["a.b=1", "--a.c", "2", "--d=x", "e", "-3"]))
    [('a.b', '1'), ('a.c', '2'), ('d', 'x'), ('e', '-3')]
    """
    rest = iter(words)
    for word in rest:
        key, equals, text = word.removeprefix("--").partition("=")
        if not equals:
            value = next(rest, None)
            if value is None:
                raise InputError(f"{word}: a key without a value", "key and value", SPELLINGS)
            text = value
        yield key, text


def place(tree: dict[str, Any], key: str, value: Any) -> None:
    """Set `a.b.c` in a tree of dicts."""
    *sections, leaf = key.split(".")
    for section in sections:
        tree = tree.setdefault(section, {})
    tree[leaf] = value


def field_types(model: type[BaseModel] = Recipe, prefix: str = "") -> dict[str, Any]:
    """Every leaf of a recipe as dotted name -> annotation; what several methods have takes what any of them takes."""
    out: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        sections = sections_of(info.annotation)
        for section in sections.values():
            for key, kind in field_types(section, f"{prefix}{name}.").items():
                out[key] = either(out[key], kind) if key in out else kind
        if not sections:
            out[prefix + name] = info.annotation
    return out


def sections_of(kind: Any) -> dict[str, type[BaseModel]]:
    """The sections that an annotation allows, by their `name` where there are several; empty for a plain value."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return {"": kind}
    found = [section for option in get_args(kind) for section in sections_of(option).values()]
    return {section.model_fields["name"].default: section for section in found}


def either(one: Any, other: Any) -> Any:
    """What allows the values of both annotations."""
    if one == other:
        return one
    if get_origin(one) is get_origin(other) is Literal:
        return Literal[(*get_args(one), *get_args(other))]
    return Union[one, other]  # noqa: UP007 - of values, not of names


def read_value(key: str, text: str) -> Any:
    """`text` as the field `key` wants it."""
    known = field_types()
    if key not in known:
        raise InputError(f"unknown recipe key {key}", "a key of a recipe", nearest(key, known))
    kind = known[key]
    try:
        return TypeAdapter(kind).validate_python(spelled(text, kind))
    except ValidationError as error:
        reason = error.errors()[0]["msg"]
        raise InputError(f"{key} = {text!r}", reason, f"give {key} another value") from error


def spelled(text: str, kind: Any) -> Any:
    """Text prepared for pydantic: sequences split, `none` where nothing is allowed; all else is left to the type."""
    options = get_args(kind) if get_origin(kind) in (Union, types.UnionType) else (kind,)
    for allowed in (value for option in options if get_origin(option) is Literal for value in get_args(option)):
        if str(allowed) == text:  # pydantic takes a literal number for no word
            return allowed
    if type(None) in options and text.lower() in ("none", "null", ""):
        return None
    if any(get_origin(option) is tuple for option in options):
        return [part.strip() for part in text.strip("[]() ").split(",") if part.strip()]
    return text.rstrip(".") if text.endswith(".") and text[:-1].isdigit() else text


def validated(tree: dict[str, Any], source: str) -> Recipe:
    """The tree as a recipe, or one line about its first fault."""
    try:
        return Recipe.model_validate(tree)
    except ValidationError as error:
        first = error.errors()[0]
        key = key_of(first["loc"])
        if first["type"] == "extra_forbidden":
            raise InputError(
                f"{source}: unknown recipe key {key}", *_known_instead(key, method_name(tree.get("method", {})) or "")
            ) from error
        if first["type"] == "union_tag_invalid":
            known = sections_of(Recipe.model_fields[key].annotation)
            found = first["input"]["name"]
            raise InputError(f"{source}: {key}.name = {found!r}", "a known one", nearest(str(found), known)) from error
        raise InputError(f"{source}: {key} = {first['input']!r}", first["msg"], f"give {key} another value") from error


def key_of(place: Sequence[int | str]) -> str:
    """The dotted name of where pydantic found a fault: without the method's own name, which it puts in between.

    >>> key_of(("method", "isp", "classes")), key_of(("data", "size", 0))
    ('method.classes', 'data.size.0')
    """
    section, *rest = place
    if section in Recipe.model_fields and rest and rest[0] in sections_of(Recipe.model_fields[str(section)].annotation):
        rest = rest[1:]
    return ".".join(str(part) for part in (section, *rest))


def _known_instead(key: str, method: str) -> tuple[str, str]:
    """What was expected instead of an unknown key, and the nearest to it."""
    methods = sections_of(Recipe.model_fields["method"].annotation)
    if key in _every_key():  # another method's
        return f"a key of the method {method}", nearest(
            key, [f"method.{name}" for name in methods[method].model_fields]
        )
    return "a key of a recipe", nearest(key, _every_key())


def _every_key() -> list[str]:
    """Leaves and sections, because either can be misspelt."""
    leaves = list(field_types())
    return leaves + sorted({leaf[:at] for leaf in leaves for at, sign in enumerate(leaf) if sign == "."})
