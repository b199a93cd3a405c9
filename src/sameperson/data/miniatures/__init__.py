"""Miniatures: small, faithful trees of the layouts people use, drawn from the world, one file a layout."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from sameperson.data.miniatures.miniature import Miniature

MINIATURES: dict[str, Miniature] = {
    value.name: value
    for module in iter_modules(__path__)
    if module.name != "make"  # it imports this
    for value in vars(import_module(f"{__name__}.{module.name}")).values()
    if isinstance(value, Miniature)
}
"""By the name of the reader that reads them; `dancereid-videos` is what `prepare dancereid` makes a tree from."""
