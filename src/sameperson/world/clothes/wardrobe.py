"""Wardrobes: what one person wears on different days, and outfits that several people share.

Modelled on datasets of people seen on several days (PRCC, Yang et al. 2019; LTCC, Qian et al. 2020): tops change,
trousers mostly change too, while shoes, bag and glasses tend to stay.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sameperson.world.clothes.colours import MUTED, colour_distance, vary_colour
from sameperson.world.clothes.outfit import Cloth, Colour, Outfit, Skirt, Top
from sameperson.world.clothes.random_outfit import (
    CHILD,
    DressStyle,
    sample_between,
    sample_dress_style,
    sample_outfit_in_style,
)
from sameperson.world.people.identity import Identity

SAME_CODE = 0.85
SAME_SHOES, SAME_BAG, SAME_HEADWEAR, SAME_PIECE = 0.75, 0.85, 0.8, 0.42
"""How often dress code, shoes, bag, headwear and one garment are the same on another day."""
ANY_LEGS = 0.25
"""How often other trousers may have the same colour as those of another day."""
VISIBLE_CHANGE = 0.15
"""Distance of colours (`colour_distance`) from which a garment looks like a different one."""
TRIES = 12


def outermost_top(outfit: Outfit) -> Top:
    """The outermost garment of the trunk."""
    return outfit.outer or outfit.top


def leg_cloth(outfit: Outfit) -> Cloth | None:
    """The cloth on the legs, if any."""
    piece = outfit.skirt or outfit.bottom
    return None if piece is None else piece.cloth


def top_changes(one: Outfit, other: Outfit) -> bool:
    """Whether the upper bodies of two outfits look different: in colour, or because one has a jacket."""
    a, b = outermost_top(one), outermost_top(other)
    if a.cloth == b.cloth:
        a, b = one.top, other.top
    return (
        colour_distance(a.cloth.colours[0], b.cloth.colours[0]) > VISIBLE_CHANGE or a.cloth.pattern != b.cloth.pattern
    )


def legs_change(one: Outfit, other: Outfit) -> bool:
    """Whether the lower bodies of two outfits look different."""
    a, b = leg_cloth(one), leg_cloth(other)
    return (
        a is None
        or b is None
        or colour_distance(a.colours[0], b.colours[0]) > VISIBLE_CHANGE
        or (one.skirt is None) != (other.skirt is None)
    )


def sample_wardrobe(rng: np.random.Generator, identity: Identity, outfits: int) -> list[Outfit]:
    """Draw the outfits of one person on several days; the first is as `sample_outfit` would draw it.

    No two share both top and trousers, and on any two days the top looks different.
    """
    style = sample_dress_style(rng, identity)
    days = [sample_outfit_in_style(rng, style)]
    while len(days) < outfits:
        days.append(another_day(rng, identity, style, days))
    return days[:outfits]


def another_day(rng: np.random.Generator, identity: Identity, style: DressStyle, days: list[Outfit]) -> Outfit:
    """Draw an outfit that looks unlike those worn so far but keeps the person's habits."""
    (keeps_piece, any_legs), first = rng.random(2) < (SAME_PIECE, ANY_LEGS), days[0]
    outfit = first
    for _ in range(TRIES):
        code = style.code if rng.random() < SAME_CODE else sample_dress_style(rng, identity).code
        outfit = sample_outfit_in_style(rng, replace(style, code=code))
        if keeps_piece:
            outfit = keep_piece(rng, outfit, first)
        if all(top_changes(outfit, day) for day in days) and (keeps_piece or any_legs or legs_change(outfit, days[-1])):
            break
    else:
        outfit = recolour(rng, outfit, days)
    return keep_habits(rng, outfit, first, young=identity.shape.get("age", 0.7) < CHILD)


def keep_piece(rng: np.random.Generator, outfit: Outfit, first: Outfit) -> Outfit:
    """Put the first day's coat or else its trousers into an outfit; the coat is open, so that the top shows."""
    if first.outer is not None and rng.random() < 0.4 and outfit.top.kind != "hoodie":
        outer = replace(first.outer, opening=sample_between(rng, (0.045, 0.08)), vee=0.0, buttoned=False)
        tails: Skirt | None = None
        if first.tails is not None:
            tails = replace(first.tails, opening=0.6 * outer.opening)
        return replace(outfit, outer=outer, tails=tails)
    if outfit.top.kind == "dress" or first.top.kind == "dress":
        return outfit
    return replace(outfit, bottom=first.bottom, skirt=first.skirt)


def keep_habits(rng: np.random.Generator, outfit: Outfit, first: Outfit, young: bool) -> Outfit:
    """Keep shoes, bag and headwear of the first day, each with its own probability."""
    shoes, bag, headwear = rng.random(3) < (SAME_SHOES, SAME_BAG, SAME_HEADWEAR)
    bare_legs = outfit.bottom is not None and outfit.bottom.kind == "shorts"
    if shoes and not (bare_legs and first.shoes.top > -0.7):
        outfit = replace(outfit, shoes=first.shoes)
    if bag:
        outfit = replace(outfit, bag=first.bag)
    if headwear and (young or first.headwear is not None):
        outfit = replace(outfit, headwear=first.headwear)
    return outfit


def recolour(rng: np.random.Generator, outfit: Outfit, days: list[Outfit]) -> Outfit:
    """Recolour an outfit as differently as possible from those worn so far."""
    upper = [outermost_top(day).cloth.colours[0] for day in days] + [day.top.cloth.colours[0] for day in days]

    def unlike(worn: list[Colour]) -> Colour:
        colours = [colour for colour, _ in MUTED.values()]
        return vary_colour(
            rng, max(colours, key=lambda colour: min(colour_distance(colour, other) for other in worn)), 0.05
        )

    fresh = replace(outfit.top.cloth, colours=(unlike(upper), *outfit.top.cloth.colours[1:]))
    skirt = outfit.skirt
    if outfit.top.kind == "dress" and skirt is not None:
        skirt = replace(skirt, cloth=fresh)
    legs = [cloth.colours[0] for cloth in map(leg_cloth, days) if cloth is not None]
    bottom = outfit.bottom
    if bottom is not None and legs:
        shade = unlike(legs)
        bottom = replace(bottom, cloth=replace(bottom.cloth, colours=(shade, shade, bottom.cloth.colours[2])))
    return replace(outfit, top=replace(outfit.top, cloth=fresh), skirt=skirt, bottom=bottom, outer=None, tails=None)


def similar_outfit(rng: np.random.Generator, outfit: Outfit, spread: float) -> Outfit:
    """Copy an outfit for another person with small differences.

    At spread 0 the copy is exact, as of a uniform. Hems, sleeves and fit differ by `spread` times a few centimetres,
    shades by `spread` times 12 %.
    """
    if spread <= 0.0:
        return outfit
    shades: dict[Colour, Colour] = {}

    def shade(colour: Colour) -> Colour:
        if colour not in shades:
            shades[colour] = vary_colour(rng, colour, 0.12 * spread)
        return shades[colour]

    def cloth(of: Cloth) -> Cloth:
        first, second, third = of.colours
        return replace(of, colours=(shade(first), shade(second), shade(third)))

    def shifted(value: float, sigma: float) -> float:
        return float(value + spread * np.clip(rng.normal(0, sigma), -2 * sigma, 2 * sigma))

    def top(of: Top) -> Top:
        sleeve = of.sleeve if of.sleeve < 0 else max(shifted(of.sleeve, 0.03), 0.1)
        hem = of.hem if of.kind in ("dress", "coat") else shifted(of.hem, 0.015)
        return replace(of, sleeve=sleeve, hem=hem, loose=max(shifted(of.loose, 0.002), 0.004), cloth=cloth(of.cloth))

    def skirt(of: Skirt) -> Skirt:
        return replace(of, hem=min(shifted(of.hem, 0.03), -0.1), cloth=cloth(of.cloth))

    bottom, shoes = outfit.bottom, outfit.shoes
    if bottom is not None:
        end = min(shifted(bottom.end, 0.012), -0.2)
        bottom = replace(bottom, end=end, loose=max(shifted(bottom.loose, 0.002), 0.002), cloth=cloth(bottom.cloth))
    return replace(
        outfit,
        top=top(outfit.top),
        bottom=bottom,
        skirt=skirt(outfit.skirt) if outfit.skirt is not None else None,
        outer=top(outfit.outer) if outfit.outer is not None else None,
        tails=skirt(outfit.tails) if outfit.tails is not None else None,
        shoes=replace(shoes, colour=shade(shoes.colour), sole=shade(shoes.sole)),
    )
