"""One dataset layout, one file: a folder, list or table on disk becomes a `Dataset`."""

from __future__ import annotations

from pathlib import Path

from sameperson.checks import choose
from sameperson.config import Data
from sameperson.data.dataset import Dataset
from sameperson.data.layout import Layout
from sameperson.data.readers import (
    ccvid,
    csv_table,
    deskpro,
    fgpr,
    folder,
    lip,
    list_file,
    lists_3dsl,
    live,
    market1501,
    mars,
    open_reid,
    world,
)

LAYOUTS: dict[str, Layout] = {
    layout.name: layout
    for layout in (
        world.LAYOUT,
        market1501.LAYOUT,
        open_reid.DANCEREID,
        open_reid.LAYOUT,
        deskpro.LAYOUT,
        mars.LAYOUT,
        ccvid.LAYOUT,
        lip.LAYOUT,
        lists_3dsl.LAYOUT,
        fgpr.LAYOUT,
        list_file.LAYOUT,
        csv_table.LAYOUT,
        live.LAYOUT,
        folder.LAYOUT,
    )
}
"""By name, in the order in which a path is tried: the most particular first, a plain folder last."""


def read_dataset(data: Data) -> Dataset:
    """The dataset that a recipe names."""
    return layout_named(data.reader).read(data.root, data.pattern)


def layout_named(name: str) -> Layout:
    """A layout by its name, whose case does not matter; InputError names the nearest."""
    return choose("reader", name if name in LAYOUTS else name.lower(), LAYOUTS)


def recognised(path: Path) -> list[Layout]:
    """The layouts that a path looks like, the most particular first."""
    return [layout for layout in LAYOUTS.values() if layout.recognise(path)]
