"""Attributes of a person in words: clothes with their colours, hair, beard, glasses, build, height and age."""

from __future__ import annotations

import numpy as np

from sameperson.world.clothes.colours import colour_distance, colour_name
from sameperson.world.clothes.outfit import Cloth, Outfit, Pattern
from sameperson.world.people.haircut import GREY_HAIR
from sameperson.world.people.identity import Identity

PLAIN = (Pattern.PLAIN, Pattern.DENIM, Pattern.HEATHER, Pattern.SIDE_STRIPE)
HAIR_COLOURS = {
    "black": (0.04, 0.032, 0.026),
    "brown": (0.15, 0.09, 0.055),
    "blond": (0.55, 0.40, 0.20),
    "red": (0.35, 0.12, 0.05),
    "grey": tuple(GREY_HAIR[1]),
}
BOOTS = -0.68
"""Height on the template above which a shoe is a boot."""
LEVELS = {"build": (0.25, 0.40), "height": (0.372, 0.404), "age": (0.45, 0.9)}
"""Limits between three levels: of build (`weight`) and height (`stature`) by thirds, of age (child, adult, old)."""


def level(value: float, limits: tuple[float, float], names: tuple[str, str, str]) -> str:
    """Name a value that lies below, between or above two limits."""
    return names[int(value >= limits[0]) + int(value > limits[1])]


def cloth_name(cloth: Cloth) -> str:
    """Name a cloth by its colour, and by its pattern if it has one.

    >>> cloth_name(Cloth(((0.02, 0.02, 0.02),) * 3))
    'black'
    """
    name = colour_name(cloth.colours[0])
    return name if cloth.pattern in PLAIN else f"{name} {cloth.pattern.name.lower().replace('_', ' ')}"


def describe(outfit: Outfit) -> dict[str, str]:
    """Describe an outfit: kind and colour of every garment, "none" for one that is not worn.

    The keys are always the same.
    """
    top, bottom, skirt, outer = outfit.top, outfit.bottom, outfit.skirt, outfit.outer
    legs = "none"
    if skirt is not None and top.kind != "dress":
        legs = f"{cloth_name(skirt.cloth)} skirt"
    elif bottom is not None:
        legs = f"{cloth_name(bottom.cloth)} {bottom.kind}"
    boots = outfit.shoes.top > BOOTS
    return {
        "top": f"{cloth_name(top.cloth)} {top.kind}",
        "sleeves": level(top.sleeve, (0.0, 0.5), ("none", "short", "long")),
        "outer": "none" if outer is None else f"{cloth_name(outer.cloth)} {outer.kind}",
        "bottom": legs,
        "shoes": f"{colour_name(outfit.shoes.colour)} {'boots' if boots else 'shoes'}",
        "bag": "none" if outfit.bag is None else f"{colour_name(outfit.bag.colour)} {outfit.bag.kind}",
        "headwear": "none"
        if outfit.headwear is None
        else f"{colour_name(outfit.headwear.colour)} {outfit.headwear.kind}",
        "scarf": "none" if outfit.scarf is None else f"{cloth_name(outfit.scarf)} scarf",
        "gloves": "none" if outfit.gloves is None else f"{colour_name(outfit.gloves)} gloves",
    }


def beard_name(identity: Identity) -> str:
    """Name the beard of a face."""
    face = identity.face
    bare = "goatee" if face.goatee > 0.3 else "moustache" if face.moustache > 0.3 else "none"
    return level(identity.beard, (0.1, 0.5), (bare, "stubble", "full"))


def attributes(identity: Identity, outfit: Outfit) -> dict[str, str]:
    """Describe a person: `describe(outfit)`, hair, beard, glasses, build, height and age.

    Shape parameters that are left out count as average.
    """
    shape = identity.shape
    hair = min(HAIR_COLOURS, key=lambda name: colour_distance(HAIR_COLOURS[name], identity.hair))
    return {
        "hair": "none" if identity.hair_style == "bald" else f"{hair} {identity.hair_style}",
        "beard": beard_name(identity),
        "glasses": ("none", "clear", "dark")[identity.glasses],
        "build": level(shape.get("weight", 0.5), LEVELS["build"], ("slim", "medium", "heavy")),
        "height": level(shape.get("stature", 0.36), LEVELS["height"], ("short", "medium", "tall")),
        "age": level(shape.get("age", 0.7), LEVELS["age"], ("child", "adult", "old")),
        "skin": level(float(np.cbrt(identity.skin).mean()), (0.68, 0.82), ("dark", "medium", "light")),
        **describe(outfit),
    }
