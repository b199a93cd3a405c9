"""One dataset layout, one file: a folder, list or table on disk becomes a `Dataset`."""

from __future__ import annotations

from pathlib import Path

from sameperson.checks import choose
from sameperson.config import Data
from sameperson.data.dataset import Dataset
from sameperson.data.layout import Layout, noted_layout
from sameperson.data.readers import (
    ccvid,
    celeb_reid,
    csv_table,
    cuhk03,
    deskpro,
    dukemtmc,
    fgpr,
    folder,
    isp,
    lip,
    list_file,
    lists_3dsl,
    live,
    ltcc,
    market1501,
    mars,
    msmt17,
    occluded_duke,
    occluded_reid,
    open_reid,
    partial_reid,
    prcc,
    vc_clothes,
    world,
)

LAYOUTS: dict[str, Layout] = {
    layout.name: layout
    for layout in (
        world.LAYOUT,
        isp.LAYOUT,
        occluded_duke.LAYOUT,
        occluded_reid.LAYOUT,
        partial_reid.LAYOUT,
        partial_reid.OCCLUDED_LAYOUT,
        dukemtmc.LAYOUT,
        cuhk03.LAYOUT,
        cuhk03.DETECTED_LAYOUT,
        market1501.LAYOUT,
        msmt17.LAYOUT,
        open_reid.DANCEREID,
        open_reid.LAYOUT,
        deskpro.LAYOUT,
        prcc.LAYOUT,
        ltcc.LAYOUT,
        vc_clothes.LAYOUT,
        celeb_reid.LAYOUT,
        celeb_reid.LIGHT_LAYOUT,
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
    """The layouts that a path looks like: the one that its note names, then the most particular."""
    named = noted_layout(path)
    found = [layout for layout in LAYOUTS.values() if layout.recognise(path)]
    return sorted(found, key=lambda layout: layout.name != named)
