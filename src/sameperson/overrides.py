"""Loading of recipes: from YAML files with `extends:`, by the names of packaged recipes, and with overrides.

Overrides are words of a command line; three spellings mean the same: `train.epochs=60`, `--train.epochs 60` and the
papers' `train.epochs 60`.
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

from sameperson.checks import A_FILE, NOTHING, InputError, existing_file, kind_of, nearest, read_text
from sameperson.config import NO_FILE, NUMBERS, Recipe, method_name, options_class

RECIPES = Path(__file__).parent / "recipes"
"""The folder of the recipes that come with sameperson, each named by its path there without `.yaml`."""
RECIPE = "a recipe (.yaml)"
LARGEST_YAML, MOST_VALUES, DEEPEST = 200_000, 10_000, 50
"""Bytes, values and levels above which a file is no recipe."""
NOT_YAML = (yaml.YAMLError, ValueError, LookupError, TypeError, AttributeError, RecursionError)
"""What PyYAML raises on damaged text, the last five where a tag such as !!timestamp does not fit its value."""
SPELLINGS = "write train.epochs=60, --train.epochs 60 or train.epochs 60"


def load_recipe(path: str | Path | None = None, overrides: Sequence[str] = ()) -> Recipe:
    """Load the recipe in `path` (the defaults without one), and apply overrides from command-line words.

    path: a YAML file, or the name of a recipe that comes with sameperson, such as `baseline/market1501`.

    Raises InputError for an unknown key (naming the nearest), a value of the wrong kind, or a broken file.
    """
    tree = {} if path is None else read_tree(recipe_file(path))
    words = list(pairs(overrides))
    named = [text for key, text in words if key == "method.name"]
    method = named[-1] if named else method_name(tree.get("method"))
    for key, text in words:
        place(tree, key, read_value(key, text, method))
    return validated(tree, str(path or "overrides"))


def dump_recipe(recipe: Recipe) -> str:
    """Write the whole recipe as YAML text, with every default."""
    return yaml.safe_dump(recipe.model_dump(mode="json"), sort_keys=False)


def recipe_of(tree: Mapping[str, Any], source: str) -> Recipe:
    """Make a recipe from plain data, such as one saved with a result. Raises InputError as `load_recipe`."""
    return validated(dict(tree), source)


def known_recipes() -> list[str]:
    """List the names of the recipes that come with sameperson."""
    return sorted(file.relative_to(RECIPES).with_suffix("").as_posix() for file in RECIPES.rglob("*.yaml"))


def recipe_file(name: str | Path, folder: Path = Path()) -> Path:
    """Find the file of a recipe: a path relative to `folder`, or the name of a recipe that comes with sameperson.

    Raises InputError where there is neither.
    """
    path, ours = folder / name, RECIPES / f"{name}.yaml"
    there = kind_of(path) != NOTHING
    if there or kind_of(ours) != A_FILE:
        if not there:
            bare = Path(name).with_suffix("").as_posix().removeprefix("recipes/")
            found, known = f"{path}: no such recipe", "a .yaml file, or a name that `sameperson recipes` lists"
            raise InputError(found, known, nearest(bare, known_recipes()))
        return path
    return ours


def read_tree(path: Path, below: tuple[Path, ...] = ()) -> dict[str, Any]:
    """Read a YAML file and merge it over the file that it extends.

    A path of weights in a file is relative to that file's folder. below: the files that extend this one.
    """
    path = existing_file(path, RECIPE).resolve()
    if path in below:
        raise InputError(f"{path}: extends itself", "a chain of recipes that ends", "remove one `extends:`")
    tree = read_yaml(path)
    if tree is None:
        tree = {}
    if not isinstance(tree, dict):
        raise InputError(f"{path}: a {type(tree).__name__}", "keys and values", "mend the file")
    backbone = tree.get("backbone")
    if isinstance(backbone, dict) and backbone.get("weights", "none") not in NO_FILE:
        backbone["weights"] = str(path.parent / str(backbone["weights"]))
    parent = tree.pop("extends", None)
    if parent is None:
        return tree
    base = read_tree(recipe_file(str(parent), path.parent), (*below, path))
    return merged(for_method(base, tree.get("method")), tree)


class BoundedLoader(yaml.SafeLoader):
    """PyYAML's safe loader, which also refuses what aliases unfold without end before it is unfolded."""

    def get_single_node(self) -> yaml.Node | None:
        """Compose the document, and count what it holds with every alias written out."""
        node = super().get_single_node()
        if node is not None:
            self._count(node, {}, 0)
        return node

    def _count(self, node: yaml.Node, known: dict[int, int], depth: int) -> int:
        """Count the values of a node, each shared one as often as it is used. Raises YAMLError for too many."""
        if depth > DEEPEST or known.get(id(node)) == 0:
            raise yaml.YAMLError(f"nested over {DEEPEST} deep")
        if id(node) not in known:
            known[id(node)] = 0  # for an alias within its own anchor
            children = node.value if isinstance(node, yaml.CollectionNode) else []
            flat = [child for pair in children for child in (pair if isinstance(pair, tuple) else (pair,))]
            known[id(node)] = 1 + sum(self._count(child, known, depth + 1) for child in flat)
        if known[id(node)] > MOST_VALUES:
            raise yaml.YAMLError(f"over {MOST_VALUES} values once its aliases are written out")
        return known[id(node)]


def read_yaml(path: Path) -> Any:
    """Read a recipe's YAML. Raises InputError for what is not YAML, is nested too deeply or far too large."""
    if (size := path.stat().st_size) > LARGEST_YAML:
        raise InputError(f"{path}: {size // 1000} kB", RECIPE, "check which file this is")
    text = read_text(path, RECIPE, "mend the file")
    try:
        return yaml.load(text, BoundedLoader)  # noqa: S506 - it is a SafeLoader
    except NOT_YAML as error:
        why = "nested too deeply" if isinstance(error, RecursionError) else error
        raise InputError(f"{path}: not YAML ({why})", "keys and values", "mend the file") from error


def for_method(base: Mapping[str, Any], method: Any) -> Mapping[str, Any]:
    """Remove from `base` the keys of its method that the method named by `method` does not have.

    >>> for_method({"method": {"name": "isp", "classes": 6, "id_weight": 0.5}}, {"name": "baseline"})
    {'method': {'name': 'isp', 'id_weight': 0.5}}
    """
    before = base.get("method")
    if not isinstance(before, Mapping) or not isinstance(method, Mapping) or "name" not in method:
        return base
    old, new = method_name(before), method_name(method)
    if old == new:
        return base
    surplus = options_class(old).model_fields.keys() - options_class(new).model_fields.keys()
    return {**base, "method": {key: value for key, value in before.items() if key not in surplus}}


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Merge `over` into `base`, section by section; values of `over` win.

    >>> merged({"a": {"x": 1, "y": 2}}, {"a": {"y": 3}})
    {'a': {'x': 1, 'y': 3}}
    """
    out = dict(base)
    for key, value in over.items():
        both = isinstance(value, Mapping) and isinstance(out.get(key), Mapping)
        out[key] = merged(out[key], value) if both else value
    return out


def pairs(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Split command-line words into pairs (key, text).

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
    """Set the key `a.b.c` in a tree of dicts."""
    *sections, leaf = key.split(".")
    for section in sections:
        tree = tree.setdefault(section, {})
        if not isinstance(tree, dict):
            raise InputError(f"{section} = {tree!r} in the recipe", "keys and values there", f"mend {section}")
    tree[leaf] = value


def field_types(method: str, model: type[BaseModel] = Recipe, prefix: str = "") -> dict[str, Any]:
    """The type of every field of a recipe for `method`: dotted name -> annotation."""
    out: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        kind = options_class(method) if model is Recipe and name == "method" else info.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            out.update(field_types(method, kind, f"{prefix}{name}."))
        else:
            out[prefix + name] = kind
    return out


def read_value(key: str, text: str, method: str) -> Any:
    """Convert `text` to the type of the field `key` in a recipe for `method`.

    Raises InputError for an unknown key and for a value of the wrong kind.
    """
    known = field_types(method)
    if key not in known:
        raise InputError(f"unknown recipe key {key}", *known_instead(key, method))
    kind = known[key]
    try:
        return TypeAdapter(kind, config=NUMBERS).validate_python(spelled(text, kind))
    except ValidationError as error:
        reason = error.errors()[0]["msg"]
        raise InputError(f"{key} = {text!r}", reason, f"give {key} another value") from error


def spelled(text: str, kind: Any) -> Any:
    """Prepare text for pydantic: split sequences, and turn `none` into None where the type allows it."""
    options = get_args(kind) if get_origin(kind) in (Union, types.UnionType) else (kind,)
    for allowed in (value for option in options if get_origin(option) is Literal for value in get_args(option)):
        if str(allowed) == text:  # pydantic does not convert text to a literal number
            return allowed
    if type(None) in options and text.lower() in ("none", "null", ""):
        return None
    if any(get_origin(option) is tuple for option in options):
        return [part.strip() for part in text.strip("[]() ").split(",") if part.strip()]
    return text.rstrip(".") if text.endswith(".") and text[:-1].isdigit() else text


def validated(tree: dict[str, Any], source: str) -> Recipe:
    """Validate a tree as a recipe. Raises InputError about its first fault."""
    method = method_name(tree.get("method"))
    options_class(method)  # raises first where there is no such method
    try:
        return Recipe.model_validate(tree)
    except ValidationError as error:
        first = error.errors()[0]
        key = key_of(first["loc"])
        if first["type"] == "extra_forbidden":
            raise InputError(f"{source}: unknown recipe key {key}", *known_instead(key, method)) from error
        raise InputError(f"{source}: {key} = {first['input']!r}", first["msg"], f"give {key} another value") from error


def key_of(place: Sequence[int | str]) -> str:
    """The dotted key of a location in which pydantic found a fault.

    >>> key_of(("data", "size", 0))
    'data.size.0'
    """
    return ".".join(str(part) for part in place)


def known_instead(key: str, method: str) -> tuple[str, str]:
    """What was expected instead of an unknown key, and the nearest known key or section."""
    known = field_types(method)
    if key.startswith("method."):
        return f"a key of the method {method}", nearest(key, [leaf for leaf in known if leaf.startswith("method.")])
    sections = {leaf[:at] for leaf in known for at, sign in enumerate(leaf) if sign == "."}
    return "a key of a recipe", nearest(key, [*known, *sections])
