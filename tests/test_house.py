"""The house stands as CONTRIBUTING.md draws it: no import runs up a floor, no files import each other."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src"
FLOORS = {
    "types": 0, "checks": 0, "config": 0, "overrides": 0,
    "data": 1, "priors": 1, "world": 1, "models": 1, "losses": 1,
    "methods": 2, "train": 3, "evaluate": 3, "search": 4, "report": 4,
    "demo": 5, "demo_folder": 5, "cli": 6, "__main__": 7,
}  # fmt: skip
LONGEST = 400


def imports() -> dict[str, set[str]]:
    """Each module of the package -> the modules of the package that it imports, wherever in the file."""
    modules = {}
    for path in SOURCE.rglob("*.py"):
        parts = path.relative_to(SOURCE).with_suffix("").parts
        modules[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    found = {}
    for name, path in modules.items():
        found[name] = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sameperson"):
                inner = {f"{node.module}.{alias.name}" for alias in node.names} & modules.keys()
                found[name] |= inner or {node.module}
            elif isinstance(node, ast.Import):
                found[name] |= {alias.name for alias in node.names if alias.name.startswith("sameperson.")}
    return found


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


def test_models_and_losses_know_tensors_only():
    allowed = {"sameperson.checks", "sameperson.config", "sameperson"}
    for module, uses in imports().items():
        room = module.split(".")[1] if "." in module else ""
        if room in ("models", "losses"):
            above = {used for used in uses if used not in allowed and used.split(".")[1] != room}
            assert not above, module


def test_no_file_is_longer_than_it_should_be():
    long = {str(path): n for path in SOURCE.rglob("*.py") if (n := len(path.read_text().splitlines())) > LONGEST}
    assert not long
