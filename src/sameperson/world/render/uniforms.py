"""The uniform buffer of a dressed person, filled from an identity and an outfit; only here do the kernels meet both."""

from __future__ import annotations

from typing import Any

import numpy as np

from sameperson.world.clothes.outfit import Bottom, Cloth, Outfit, Skirt, Top
from sameperson.world.clothes.tailoring import SEWN_DETAILS, SewnDetails
from sameperson.world.people.identity import Identity
from sameperson.world.render.device import row_type
from sameperson.world.render.kernels.look import LookRow
from sameperson.world.render.labels import Label

WAIST = 0.155
OVERLAP = 0.025
"""Metres by which a skirt reaches up under the garment above it."""
EARS_HIDDEN = 0.016
"""Metres of hair volume from which the ears are hidden."""
COAT_FLUTES, SKIRT_FLUTES = 0.2, (0.15, 0.5, 1.0)
"""How deep the upright folds of coat tails are, and of skirts from straight to pleated."""
HATS = {"cap": 1, "beanie": 2, "headscarf": 3}
STRAPS = {"backpack": 1, "satchel": 2}


def fill_cloth(row: Any, cloth: Cloth) -> None:
    """Fill a row with a material."""
    row["pattern"], row["frequency"], row["seed"] = cloth.pattern, 1.0 / cloth.period, cloth.seed
    row["first"], row["second"], row["third"] = cloth.colours


def fill_top(row: Any, garment: Top, label: Label) -> None:
    """Fill a row with a garment of the trunk and arms."""
    row["label"] = label
    for name in ("sleeve", "hem", "collar", "vee", "opening", "quilted", "logo", "buttoned"):
        row[name] = getattr(garment, name)
    sewn = SEWN_DETAILS.get(garment.kind, SewnDetails())
    row["make"], row["pocket"], row["ribbed"], row["folds"] = sewn.collar, sewn.pocket, sewn.ribbed, sewn.folds
    row["tailed"] = garment.kind in ("coat", "dress")
    fill_cloth(row["cloth"], garment.cloth)


def fill_legwear(row: Any, garment: Bottom) -> None:
    """Fill a row with trousers."""
    row["label"], row["waist"], row["end"] = Label.TROUSERS, WAIST, garment.end
    if garment.belt is not None:
        row["belted"], row["belt"] = 1, garment.belt
    sewn = SEWN_DETAILS.get(garment.kind, SewnDetails())
    row["pocket"], row["ribbed"], row["creased"], row["folds"] = sewn.pocket, sewn.ribbed, sewn.creased, sewn.folds
    fill_cloth(row["cloth"], garment.cloth)


def fill_skirt(row: Any, garment: Skirt, label: Label, hem_above: float) -> None:
    """Fill a row with a skirt or coat tails, cut off a little above the hem of the garment that hangs over it."""
    row["label"], row["hem"], row["opening"] = label, garment.hem, garment.opening
    row["waist"] = min(WAIST + 0.02, hem_above + OVERLAP)
    row["flutes"] = COAT_FLUTES if label == Label.COAT else SKIRT_FLUTES[garment.cloth.seed % len(SKIRT_FLUTES)]
    fill_cloth(row["cloth"], garment.cloth)


def fill_head(row: Any, identity: Identity, outfit: Outfit) -> None:
    """Fill a row with face, hair and headwear."""
    cut, marks = identity.cut, identity.face
    row["hair"], row["lip"], row["iris"] = identity.hair, identity.lips, identity.iris
    for name in ("fringe", "slant", "temples", "crown", "fade", "parting", "curl", "locks"):
        row[name] = getattr(cut, name)
    marked = ("brow", "whiskers", "arch", "moustache", "goatee", "sockets", "freckles", "flush", "lines", "lashes")
    for name in marked:
        row[name] = getattr(marks, name)
    row["rim"], row["rim_width"] = marks.glasses.colour, marks.glasses.rim
    row["lens"] = marks.glasses.width, marks.glasses.height, marks.glasses.squareness
    row["hairline"], row["hair_end"], row["hairy"] = (
        identity.hairline,
        identity.hair_length,
        identity.hair_style != "bald",
    )
    row["ears_show"] = identity.hair_volume < EARS_HIDDEN
    row["brow_thickness"], row["mouth"], row["beard"] = identity.brows, identity.mouth, identity.beard
    row["glasses"] = identity.glasses
    row["seed"] = int(1e7 * identity.hairline) % 65536  # what is uneven about a head stays when clothes change
    if outfit.headwear is not None:
        row["hat"], row["hat_colour"] = HATS[outfit.headwear.kind], outfit.headwear.colour


def look_row(identity: Identity, outfit: Outfit) -> np.ndarray:
    """The uniform buffer of one dressed person, (1,) of `LookRow`'s numpy type."""
    row = np.zeros(1, row_type(LookRow))
    look = row[0]
    look["seed"], look["skin"] = outfit.top.cloth.seed, identity.skin
    dress = outfit.top.kind == "dress"
    fill_top(look["top"], outfit.top, Label.DRESS if dress else Label.UPPER)
    if outfit.outer is not None:
        fill_top(look["outer"], outfit.outer, Label.COAT)
    if outfit.bottom is not None:
        fill_legwear(look["legwear"], outfit.bottom)
    if outfit.skirt is not None:
        fill_skirt(look["skirt"], outfit.skirt, Label.DRESS if dress else Label.SKIRT, outfit.top.hem)
    if outfit.tails is not None and outfit.outer is not None:
        fill_skirt(look["tails"], outfit.tails, Label.COAT, outfit.outer.hem)
    feet, shoes = look["feet"], outfit.shoes
    feet["shoe_top"], feet["sock_top"] = shoes.top, shoes.sock_top
    feet["shoe"], feet["sole"], feet["sock"] = shoes.colour, shoes.sole, shoes.sock
    fill_head(look["head"], identity, outfit)
    if outfit.gloves is not None:
        look["gloved"], look["glove"] = 1, outfit.gloves
    if outfit.scarf is not None:
        fill_cloth(look["scarf"], outfit.scarf)
    if outfit.bag is not None:
        look["bag"], look["strap"] = outfit.bag.colour, STRAPS.get(outfit.bag.kind, 0)
    return row
