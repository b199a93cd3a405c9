"""Small, faithful trees of the layouts people use, drawn from the world: one file per layout, a writer each."""

from __future__ import annotations

from sameperson.world.layouts import deskpro, lip, lists, market1501, open_reid, ours, tracklets
from sameperson.world.layouts.miniature import Miniature

MINIATURES: dict[str, Miniature] = {
    miniature.name: miniature
    for miniature in (
        market1501.MINIATURE,
        open_reid.DANCEREID,
        open_reid.OPEN_REID,
        deskpro.MINIATURE,
        lip.MINIATURE,
        tracklets.MARS,
        tracklets.CCVID,
        lists.LISTS_3DSL,
        lists.FGPR,
        lists.LIST,
        ours.CSV,
        ours.FOLDER,
        ours.WORLD,
    )
}
"""By the name of the reader that reads them."""
