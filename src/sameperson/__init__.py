"""Find a person again: across cameras, days, poses, occlusions and changes of clothes.

`import sameperson as sp` gives the names below. Each is loaded when it is first used, so that importing the package
costs nothing: neither torch nor numpy.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

PUBLIC = {
    "types": ("Samples", "Embeddings", "Ranking"),
    "checks": ("InputError",),
    "api": (
        "read_dataset", "read_pictures", "load_network", "embed", "search", "draw_ranking", "compare", "Comparison",
        "train",
    ),
    "data.dataset": ("Dataset",),
    "data.split": ("query_and_gallery",),
    "data.batch": ("Batch", "Priors"),
    "evaluation.result": ("evaluate", "Evaluation"),
    "evaluation.similarity": ("Similarity", "Rerank"),
    "evaluation.protocols.definition": ("Protocol",),
    "evaluation.protocols.catalogue": ("PROTOCOLS",),
    "config": ("Recipe", "MethodOptions", "ReidLosses", "ParserOptions"),
    "overrides": ("load_recipe",),
    "methods.method": ("Method", "Phase", "Group", "Run", "Embedded"),
    "methods.parser": ("Parser",),
    "methods.load": ("export_weights", "shipped_weights"),
    "retrieval.preprocessing": ("Preprocessing",),
    "report.html": ("write_report",),
    "world.dataset": ("make_world",),
    "world.plan": ("WorldPlan",),
}  # fmt: skip
"""Module -> the names that it gives to the public face; `__init__.pyi` says the same to type checkers."""
_HOME = {name: module for module, names in PUBLIC.items() for name in names}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    """Load a public name from its module at its first use (PEP 562)."""
    if name not in _HOME:
        raise AttributeError(f"module 'sameperson' has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"sameperson.{_HOME[name]}"), name)
    return value


def __dir__() -> list[str]:
    """List the public names with those of the module."""
    return sorted({*globals(), *_HOME})
