"""Outfits as plain values, which can be written as JSON, compared, and dressed onto any body.

Lengths are metres on the body template of `world.body.model` (pelvis at z = 0, shoulders 0.5, soles -0.8), so one
hem height fits everyone. Along an arm 0 is the shoulder, 0.5 the elbow and 1 the wrist. Colours are linear RGB.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

Colour = tuple[float, float, float]


class Pattern(IntEnum):
    """The pattern in which a cloth's three colours are laid out."""

    PLAIN = 0
    HOOPS = 1
    PINSTRIPES = 2
    PLAID = 3
    DOTS = 4
    YOKE = 5
    CAMOUFLAGE = 6
    FADE = 7
    RAGLAN = 8
    CHEST_BAND = 9
    SIDE_STRIPE = 10
    DENIM = 11
    HEATHER = 12


@dataclass(frozen=True)
class Cloth:
    """A material. period: metres from one repeat of the pattern to the next; seed: of the pattern's random parts."""

    colours: tuple[Colour, Colour, Colour]
    pattern: Pattern = Pattern.PLAIN
    period: float = 0.08
    seed: int = 0


@dataclass(frozen=True)
class Top:
    """A garment of the trunk and arms; an outfit may have a second one over the first, open or closed.

    kind: one of `world.clothes.garment_types.TOPS` or `OUTERS`; sleeve: where it ends along the arm, negative for
    none; hem, collar: heights; vee: how far the neckline dips in front; opening: half-width of an open front; loose:
    how far the cloth stands off the body; flare: how much further at the hem; quilted: padded in hoops; logo: a print
    on the chest; buttoned: a placket with buttons or a zip.
    """

    kind: str
    sleeve: float
    hem: float
    collar: float
    loose: float
    cloth: Cloth
    vee: float = 0.0
    opening: float = 0.0
    flare: float = 0.0
    quilted: bool = False
    logo: bool = False
    buttoned: bool = False
    hooded: bool = False


@dataclass(frozen=True)
class Bottom:
    """Trousers of any length.

    end: height of the trouser end; loose: how far the cloth stands off the leg; flare: how much further at its end.
    """

    kind: str
    end: float
    loose: float
    cloth: Cloth
    flare: float = 0.0
    belt: Colour | None = None


@dataclass(frozen=True)
class Skirt:
    """A skirt, the lower half of a dress, or the tails of a coat (then open in front).

    opening: half-width of the slit at the waist; it widens downwards.
    """

    hem: float
    loose: float
    cloth: Cloth
    opening: float = 0.0


@dataclass(frozen=True)
class Shoes:
    """Shoes and socks. top: height that the shoe or boot reaches; sock_top: height that the sock reaches."""

    top: float
    colour: Colour
    sole: Colour
    sock_top: float
    sock: Colour


@dataclass(frozen=True)
class Bag:
    """A bag. kind: backpack, handbag or satchel (slung across the chest); size: relative to a usual one."""

    kind: str
    size: float
    colour: Colour


@dataclass(frozen=True)
class Headwear:
    """A hat or scarf on the head. kind: cap (with a peak), beanie or headscarf."""

    kind: str
    colour: Colour


@dataclass(frozen=True)
class Outfit:
    """Everything worn and carried. A dress is a `top` of kind "dress" with a `skirt` of the same cloth."""

    top: Top
    shoes: Shoes
    bottom: Bottom | None = None
    skirt: Skirt | None = None
    outer: Top | None = None
    tails: Skirt | None = None
    bag: Bag | None = None
    headwear: Headwear | None = None
    scarf: Cloth | None = None
    gloves: Colour | None = None
