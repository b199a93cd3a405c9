"""How clothes of each kind are sewn: collar, pockets, cuffs, and how readily their cloth creases."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Collar(IntEnum):
    """What sits at the neckline."""

    RIBBED = 0
    TURNED_DOWN = 1
    LAPELS = 2


class Pocket(IntEnum):
    """Pockets that show from outside."""

    NONE = 0
    BREAST = 1
    WELTS = 2
    POUCH = 3
    PATCHES = 4
    SLANTED = 5


@dataclass(frozen=True)
class Make:
    """ribbed: elastic at hem and cuffs; creased: pressed down the front of the leg; folds: how much it creases."""

    collar: Collar = Collar.RIBBED
    pocket: Pocket = Pocket.NONE
    ribbed: bool = False
    creased: bool = False
    folds: float = 1.0


MAKES: dict[str, Make] = {
    "tee": Make(folds=0.95),
    "long sleeve": Make(ribbed=True, folds=0.9),
    "hoodie": Make(pocket=Pocket.POUCH, ribbed=True, folds=1.0),
    "shirt": Make(Collar.TURNED_DOWN, Pocket.BREAST, folds=1.15),
    "polo": Make(Collar.TURNED_DOWN, folds=0.8),
    "tank": Make(folds=0.7),
    "dress": Make(folds=0.8),
    "jacket": Make(pocket=Pocket.WELTS, ribbed=True, folds=1.1),
    "blazer": Make(Collar.LAPELS, Pocket.WELTS, folds=0.6),
    "cardigan": Make(ribbed=True, folds=0.9),
    "puffer": Make(pocket=Pocket.WELTS, folds=0.35),
    "gilet": Make(pocket=Pocket.WELTS, folds=0.3),
    "coat": Make(Collar.LAPELS, Pocket.WELTS, folds=0.65),
    "jeans": Make(pocket=Pocket.PATCHES, folds=1.1),
    "chinos": Make(pocket=Pocket.SLANTED, folds=0.95),
    "suit trousers": Make(pocket=Pocket.SLANTED, creased=True, folds=0.7),
    "joggers": Make(ribbed=True, folds=1.1),
    "shorts": Make(pocket=Pocket.SLANTED, folds=0.8),
    "leggings": Make(folds=0.3),
}
"""Kind of `Top` or `Bottom` -> make; one not listed is of the plainest."""
