"""Layers of a dressed person: each is a piece of mesh of its own, which the shader cuts to shape pixel by pixel."""

from enum import IntEnum


class Layer(IntEnum):
    """A layer, numbered from the skin outwards: an outer one hides what it covers. THING is a thing, not a person."""

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
