"""The house stands as CONTRIBUTING.md draws it: floors, rooms that need each other one way only, short files."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src"
FLOORS = {
    "types": 0, "leftovers": 0, "checks": 0, "locks": 0, "config": 0, "overrides": 0,
    "images": 1, "data": 1, "priors": 1, "world": 1, "models": 1, "losses": 1,
    "methods": 2, "training": 3, "evaluation": 3, "retrieval": 4, "report": 4,
    "api": 5, "demo": 5, "demo_folder": 5, "cli": 6, "__main__": 7,
}  # fmt: skip
LONGEST_FILE = 400
LONGEST_SIGNATURE = 8
Function = (ast.FunctionDef, ast.AsyncFunctionDef)
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(SOURCE.rglob("*.py"))}


def module_name(path: Path) -> str:
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports() -> dict[str, set[str]]:
    """Each module of the package -> the modules of the package that it imports, wherever in the file."""
    names = {module_name(path) for path in TREES}
    used: dict[str, set[str]] = {}
    for path, tree in TREES.items():
        uses = used[module_name(path)] = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sameperson"):
                inner = {f"{node.module}.{alias.name}" for alias in node.names} & names
                uses |= inner or {node.module}
            elif isinstance(node, ast.Import):
                uses |= {alias.name for alias in node.names if alias.name.startswith("sameperson.")}
    return used


def rooms(used: dict[str, set[str]]) -> dict[str, dict[str, set[str]]]:
    """Each package -> its files and packages -> those beside them that they import from, at any depth.

    >>> rooms({"a.b.c": {"a.d.e"}, "a.d.e": set()})["a"]
    {'b': {'d'}}
    """
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for module, uses in used.items():
        for other in uses:
            one, two = module.split("."), other.split(".")
            depth = next((at for at, (x, y) in enumerate(zip(one, two, strict=False)) if x != y), None)
            if depth:
                found[".".join(one[:depth])][one[depth]].add(two[depth])
    return {room: dict(needs) for room, needs in found.items()}


def documented() -> Iterator[tuple[str, str]]:
    """Where everything is that has a docstring, and the docstring."""
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, (ast.Module, ast.ClassDef, *Function)) and (text := ast.get_docstring(node)):
                yield f"{module_name(path)}:{getattr(node, 'name', '')}", text


def floor(module: str) -> int:
    return FLOORS[module.split(".")[1]] if "." in module else -1


def test_no_import_runs_up_a_floor():
    wrong = [
        f"{module} -> {used}" for module, uses in imports().items() for used in uses
        if module != "sameperson" and floor(used) > floor(module)
    ]  # fmt: skip
    assert not wrong


def test_no_files_import_each_other():
    TopologicalSorter(imports()).prepare()  # raises CycleError naming the circle


@pytest.mark.parametrize("room", sorted(rooms(imports())))
def test_the_rooms_within_a_room_need_each_other_one_way_only(room):
    TopologicalSorter(rooms(imports())[room]).prepare()


def test_two_packages_that_import_each_other_are_seen():
    assert rooms({"a.b.c": {"a.d.e"}, "a.d.f": {"a.b.g"}})["a"] == {"b": {"d"}, "d": {"b"}}


def test_models_and_losses_know_tensors_only():
    allowed = {"sameperson.types", "sameperson.checks", "sameperson.config", "sameperson"}
    for module, uses in imports().items():
        room = module.split(".")[1] if "." in module else ""
        if room in ("models", "losses"):
            above = {used for used in uses if used not in allowed and used.split(".")[1] != room}
            assert not above, module


def test_no_file_is_longer_than_it_should_be():
    long = {str(path): n for path in TREES if (n := len(path.read_text().splitlines())) > LONGEST_FILE}
    assert not long


def test_no_signature_is_longer_than_it_should_be():
    long = []
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, Function):
                names = [a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
                if len(names) - (names[:1] in (["self"], ["cls"])) > LONGEST_SIGNATURE:
                    long.append(f"{module_name(path)}:{node.name}")
    assert not long


def test_the_first_line_of_each_docstring_is_a_sentence():
    """It begins as sentences do, and ends in a full stop before the second line."""
    wrong = []
    for where, text in documented():
        line = text.splitlines()[0]
        starts = line[0].isupper() or line[0].isdigit() or line[0] in "`("
        if not (starts and line.endswith(".") and len(line.split()) > 1):
            wrong.append(f"{where}: {line}")
    assert not wrong


def test_the_world_is_the_synthetic_people_and_no_number_of_processes():
    """torch calls that number `world_size`."""
    counted = []
    for path, tree in TREES.items():
        if module_name(path).split(".")[1:2] in (["training"], ["losses"], ["methods"]):
            names = {getattr(node, kind, None) for node in ast.walk(tree) for kind in ("id", "arg", "attr")}
            counted += [module_name(path)] * ("world" in names)
    assert not counted


SAME_NAME = {
    "the parts that every method has": {"method", "options"},
    "a command and the room that it opens": {"demo", "doctor", "embed", "priors", "scene", "world"},
    "two floors of one idea": {
        "cross_dataset", "dataset", "faces", "frames", "crops", "identity", "load", "make", "parsing", "plan", "pose",
        "progress", "result", "tracklets",
    },
}  # fmt: skip


def test_no_two_files_of_one_name_mean_different_things():
    """A reader and the miniature that it reads share the dataset's name; all others are listed above."""
    places: dict[str, list[str]] = defaultdict(list)
    for path in TREES:
        if path.stem != "__init__":
            places[path.stem].append(module_name(path).rpartition(".")[0].removeprefix("sameperson."))
    datasets = {"data.readers", "data.miniatures"}
    twice = {name for name, rooms in places.items() if len(rooms) > 1 and set(rooms) != datasets}
    assert twice == set().union(*SAME_NAME.values())


def test_every_module_says_what_it_holds():
    assert not [str(path) for path, tree in TREES.items() if not ast.get_docstring(tree)]
