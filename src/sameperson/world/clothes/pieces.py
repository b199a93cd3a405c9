"""The pieces a dressed person is made of: each is its own piece of mesh, cut to shape pixel by pixel."""

from enum import IntEnum


class Layer(IntEnum):
    """From the skin outwards; a piece further out hides what it covers. A THING is nobody's."""

    BODY = 0
    EYES = 1
    LEGWEAR = 2
    SHOES = 3
    TOP = 4
    SKIRT = 5
    OUTER = 6
    TAILS = 7
    SCALP = 8
    TRESSES = 9
    SCARF = 10
    HAT = 11
    STRAP = 12
    PEAK = 13
    BUN = 14
    HOOD = 15
    BAG = 16
    THING = 17
