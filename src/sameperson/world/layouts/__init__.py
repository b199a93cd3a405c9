"""Small, faithful trees of the layouts people use, drawn from the world: one file per layout, a writer each."""

from __future__ import annotations

from sameperson.world.layouts import market1501
from sameperson.world.layouts.miniature import Miniature

MINIATURES: dict[str, Miniature] = {miniature.name: miniature for miniature in (market1501.MINIATURE,)}
"""By the name of the reader that reads them."""
