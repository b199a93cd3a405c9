"""Sewn details of each kind of garment: collar, pockets, cuffs, and how readily the cloth creases."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Collar(IntEnum):
    """The collar at a neckline."""

    RIBBED = 0
    TURNED_DOWN = 1
    LAPELS = 2


class Pocket(IntEnum):
    """The pockets that show from outside."""

    NONE = 0
    BREAST = 1
    WELTS = 2
    POUCH = 3
    PATCHES = 4
    SLANTED = 5


@dataclass(frozen=True)
class SewnDetails:
    """The sewn details of a garment.

    ribbed: elastic at hem and cuffs; creased: with a pressed crease down the front of the leg; folds: how much the
    cloth creases.
    """

    collar: Collar = Collar.RIBBED
    pocket: Pocket = Pocket.NONE
    ribbed: bool = False
    creased: bool = False
    folds: float = 1.0


SEWN_DETAILS: dict[str, SewnDetails] = {
    "tee": SewnDetails(folds=0.95),
    "long sleeve": SewnDetails(ribbed=True, folds=0.9),
    "hoodie": SewnDetails(pocket=Pocket.POUCH, ribbed=True, folds=1.0),
    "shirt": SewnDetails(Collar.TURNED_DOWN, Pocket.BREAST, folds=1.15),
    "polo": SewnDetails(Collar.TURNED_DOWN, folds=0.8),
    "tank": SewnDetails(folds=0.7),
    "dress": SewnDetails(folds=0.8),
    "jacket": SewnDetails(pocket=Pocket.WELTS, ribbed=True, folds=1.1),
    "blazer": SewnDetails(Collar.LAPELS, Pocket.WELTS, folds=0.6),
    "cardigan": SewnDetails(ribbed=True, folds=0.9),
    "puffer": SewnDetails(pocket=Pocket.WELTS, folds=0.35),
    "gilet": SewnDetails(pocket=Pocket.WELTS, folds=0.3),
    "coat": SewnDetails(Collar.LAPELS, Pocket.WELTS, folds=0.65),
    "jeans": SewnDetails(pocket=Pocket.PATCHES, folds=1.1),
    "chinos": SewnDetails(pocket=Pocket.SLANTED, folds=0.95),
    "suit trousers": SewnDetails(pocket=Pocket.SLANTED, creased=True, folds=0.7),
    "joggers": SewnDetails(ribbed=True, folds=1.1),
    "shorts": SewnDetails(pocket=Pocket.SLANTED, folds=0.8),
    "leggings": SewnDetails(folds=0.3),
}
"""Kind of `Top` or `Bottom` -> its sewn details; a kind that is not listed has the defaults."""
