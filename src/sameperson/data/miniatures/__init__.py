"""Miniatures: small trees of known dataset layouts, drawn from the synthetic world; one file per layout."""

from __future__ import annotations

from sameperson.data.miniatures import (
    celeb_reid,
    cuhk03,
    dancereid_videos,
    deskpro,
    dukemtmc,
    isp,
    lip,
    lists,
    ltcc,
    market1501,
    msmt17,
    occluded_duke,
    occluded_reid,
    open_reid,
    ours,
    partial_reid,
    prcc,
    regdb,
    sysu_mm01,
    tracklets,
    vc_clothes,
    viper,
)
from sameperson.data.miniatures.miniature import Miniature

MINIATURES: dict[str, Miniature] = {
    miniature.name: miniature
    for miniature in (
        market1501.MINIATURE,
        dukemtmc.MINIATURE,
        occluded_duke.MINIATURE,
        occluded_reid.MINIATURE,
        partial_reid.MINIATURE,
        partial_reid.OCCLUDED_MINIATURE,
        cuhk03.MINIATURE,
        cuhk03.DETECTED_MINIATURE,
        msmt17.MINIATURE,
        isp.MINIATURE,
        prcc.MINIATURE,
        ltcc.MINIATURE,
        celeb_reid.MINIATURE,
        celeb_reid.LIGHT_MINIATURE,
        vc_clothes.MINIATURE,
        open_reid.DANCEREID,
        dancereid_videos.MINIATURE,
        open_reid.OPEN_REID,
        deskpro.MINIATURE,
        lip.MINIATURE,
        viper.MINIATURE,
        sysu_mm01.MINIATURE,
        regdb.MINIATURE,
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
"""Name of the reader -> miniature; `dancereid-videos` is the input of `prepare dancereid`."""
