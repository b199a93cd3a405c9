"""One dataset layout, one file: a folder, list or table on disk becomes a `Dataset`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
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
    regdb,
    sysu_mm01,
    vc_clothes,
    viper,
    world,
)
from sameperson.data.readers.numbered_splits import layout_of_split

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
        viper.LAYOUT,
        sysu_mm01.LAYOUT,
        regdb.LAYOUT,
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
SPLIT_BY_NUMBER: dict[str, Callable[[int], Layout]] = {
    layout.name: partial(layout_of_split, layout, read)
    for layout, read in ((viper.LAYOUT, viper.read_viper), (regdb.LAYOUT, regdb.read_regdb))
}
"""Those that come split several times: the layout of a split, by its number."""


def read_dataset(data: Data) -> Dataset:
    """The dataset that a recipe names."""
    return layout_named(data.reader).read(data.root, data.pattern)


def layout_named(name: str) -> Layout:
    """A layout by its name in any case, or one split of it (`regdb-3`); InputError names the nearest."""
    known = name if name in LAYOUTS else name.lower()
    family, _, number = known.rpartition("-")
    if known not in LAYOUTS and family in SPLIT_BY_NUMBER and number.isascii() and number.isdigit() and len(number) < 9:
        return SPLIT_BY_NUMBER[family](int(number))
    return choose("reader", known, LAYOUTS)


def recognised(path: Path) -> list[Layout]:
    """The layouts that a path looks like: the one that its note names, then the most particular."""
    named = noted_layout(path)
    found = [layout for layout in LAYOUTS.values() if layout.recognise(path)]
    return sorted(found, key=lambda layout: layout.name != named)
