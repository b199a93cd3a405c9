"""Random outfits: garments that go together, in colours people wear, from one generator per outfit."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sameperson.world.clothes.colours import SOLES, sample_denim, sample_garment_colour, sample_leather, vary_colour
from sameperson.world.clothes.dress_codes import CHILD_CODES, DRESS_CODES, DressCode, Shares
from sameperson.world.clothes.garment_types import BOTTOMS, OUTERS, QUIET_PATTERNS, TOPS, TopKind
from sameperson.world.clothes.outfit import Bag, Bottom, Cloth, Headwear, Outfit, Pattern, Shoes, Skirt, Top
from sameperson.world.people.identity import Identity

CHILD, OLD = 0.45, 0.9
"""Ages (`Identity.shape`) below and above which people dress like children and like the old."""
HEADWEAR: Shares = {"none": (0.90, 0.90), "cap": (0.075, 0.025), "beanie": (0.025, 0.015), "headscarf": (0.0, 0.06)}
WARM_HEADWEAR: Shares = {"none": (0.70, 0.72), "cap": (0.05, 0.02), "beanie": (0.25, 0.20), "headscarf": (0.0, 0.06)}


@dataclass(frozen=True)
class DressStyle:
    """A person's way of dressing, the same on all days.

    code: a name in DRESS_CODES; light: preference for dark (about -1) or light (about 1) tops; loud: how much likelier
    bright colours are; feminine: whether the second share of each table counts.
    """

    code: str
    light: float
    loud: float
    feminine: bool

    @property
    def rules(self) -> DressCode:
        """The dress code of this style."""
        return DRESS_CODES[self.code]


def sample_name(rng: np.random.Generator, shares: Shares, feminine: bool) -> str:
    """Draw a name from a table of (masculine, feminine) shares."""
    weights = np.array([share[feminine] for share in shares.values()], float)
    return list(shares)[int(rng.choice(len(weights), p=weights / weights.sum()))]


def sample_between(rng: np.random.Generator, limits: tuple[float, float]) -> float:
    """Draw a value uniformly between two limits."""
    return float(rng.uniform(*limits))


def sample_dress_style(rng: np.random.Generator, identity: Identity) -> DressStyle:
    """Draw a style that suits a person's age and femininity."""
    feminine, age = identity.shape.get("femininity", 0.5) > 0.5, identity.shape.get("age", 0.7)
    code = sample_name(rng, {name: rules.share for name, rules in DRESS_CODES.items()}, feminine)
    loud = float(np.exp(rng.normal(-0.18, 0.6)))
    if age < CHILD:
        code, loud = CHILD_CODES.get(code, code), loud * 2.0
    elif age > OLD:
        loud *= 0.4
    return DressStyle(code, float(np.clip(rng.normal(0, 0.75), -1.2, 1.2)), loud, feminine)


def sample_cloth(rng: np.random.Generator, patterns: dict[Pattern, float], loud: float, light: float = 0.0) -> Cloth:
    """Draw a patterned or plain material; the second colour of a pattern stands out from the first."""
    first = sample_garment_colour(rng, loud, light)
    second, third = sample_garment_colour(rng, loud), sample_garment_colour(rng, loud + 0.1)
    if abs(sum(first) - sum(second)) < 0.25:
        second = vary_colour(rng, (0.75, 0.75, 0.73) if sum(first) < 0.8 else (0.03, 0.03, 0.04))
    weights = np.array(list(patterns.values()))
    pattern = list(patterns)[int(rng.choice(len(weights), p=weights / weights.sum()))]
    return Cloth((first, second, third), pattern, sample_between(rng, (0.045, 0.16)), int(rng.integers(1, 1000)))


def sample_top(rng: np.random.Generator, kind: str, family: dict[str, TopKind], style: DressStyle) -> Top:
    """Draw a top of a kind; family: TOPS or OUTERS."""
    usual = family[kind]
    cloth = sample_cloth(rng, usual.patterns, min(usual.loud * style.loud * style.rules.loud, 0.8), style.light)
    sleeve = sample_between(rng, usual.sleeve)
    if kind == "dress":
        sleeve = float(rng.choice([-1.0, 0.25, 0.95], p=[0.35, 0.4, 0.25]))
    elif kind == "shirt" and style.code == "summer":
        sleeve = sample_between(rng, (0.28, 0.40))
    elif kind in ("shirt", "hoodie", "long sleeve") and rng.random() < 0.15:
        sleeve = sample_between(rng, (0.55, 0.75))
    plain = cloth.pattern in (Pattern.PLAIN, Pattern.HEATHER, Pattern.RAGLAN)
    return Top(
        kind=kind,
        sleeve=sleeve,
        hem=sample_between(rng, usual.hem),
        collar=usual.collar + float(rng.normal(0, 0.005)),
        loose=sample_between(rng, usual.loose),
        cloth=cloth,
        vee=sample_between(rng, (0.03, 0.10))
        if kind in ("tee", "long sleeve", "dress") and rng.random() < 0.25
        else 0.0,
        flare=sample_between(rng, (0.0, 0.012)),
        quilted=kind in ("puffer", "gilet"),
        logo=bool(plain and kind in ("tee", "hoodie", "long sleeve") and rng.random() < 0.3),
        buttoned=kind in ("shirt", "polo", "jacket", "puffer", "gilet", "coat"),
        hooded=kind == "hoodie",
    )


def sample_outer(rng: np.random.Generator, style: DressStyle) -> Top:
    """Draw a jacket, coat or the like, open or closed and rather dark."""
    kind = sample_name(rng, style.rules.outers, style.feminine)
    outer = sample_top(rng, kind, OUTERS, replace(style, light=min(style.light, 0.0) - 0.35))
    if kind == "blazer" and rng.random() < 0.5:
        outer = replace(outer, vee=sample_between(rng, (0.20, 0.28)))
    elif kind in ("blazer", "cardigan") or rng.random() < 0.45:
        outer = replace(outer, opening=sample_between(rng, (0.035, 0.075)), buttoned=False)
    return replace(outer, hooded=kind in ("jacket", "puffer") and rng.random() < 0.3)


def sample_bottom(rng: np.random.Generator, kind: str, style: DressStyle) -> Bottom:
    """Draw trousers of a kind."""
    usual = BOTTOMS[kind]
    cloth = sample_cloth(rng, dict(usual.patterns), min(usual.loud * style.loud, 0.5), usual.light)
    if kind == "jeans":
        dye = sample_denim(rng)
        cloth = Cloth((dye, dye, cloth.colours[2]), Pattern.DENIM, 0.1, cloth.seed)
    return Bottom(
        kind=kind,
        end=sample_between(rng, usual.end),
        loose=sample_between(rng, usual.loose),
        cloth=cloth,
        flare=sample_between(rng, usual.flare),
        belt=sample_leather(rng) if rng.random() < usual.belted else None,
    )


def sample_skirt(rng: np.random.Generator, style: DressStyle) -> Skirt:
    """Draw a skirt of any length."""
    usual = BOTTOMS["skirt"]
    cloth = sample_cloth(rng, dict(usual.patterns), min(usual.loud * style.loud, 0.5), usual.light)
    return Skirt(sample_between(rng, usual.end), usual.loose[0], cloth)


def sample_shoes(rng: np.random.Generator, bottom: str, style: DressStyle) -> Shoes:
    """Draw trainers, leather shoes or boots, with socks of some length."""
    smart = rng.random() < style.rules.smart
    often = 0.4 if bottom in ("leggings", "skirt") else 0.18
    boots = bottom != "shorts" and style.code not in ("summer", "sport") and rng.random() < often
    high = style.feminine and rng.random() < 0.5
    flats = style.feminine and style.code != "sport" and rng.random() < 0.3
    top = sample_between(rng, (-0.768, -0.755) if flats else (-0.742, -0.722))
    if boots:
        top = sample_between(rng, (-0.62, -0.45) if high else (-0.71, -0.66))
    colour = sample_leather(rng) if smart or boots else sample_garment_colour(rng, 0.10 * style.rules.loud)
    sole = SOLES[1] if smart or boots else SOLES[int(rng.choice(3, p=[0.62, 0.30, 0.08]))]
    sock_top = float(rng.choice([-0.80, -0.70, -0.60], p=[0.5, 0.35, 0.15]))
    return Shoes(top, colour, sole, sock_top, sample_garment_colour(rng, 0.05))


def sample_bag(rng: np.random.Generator, style: DressStyle) -> Bag | None:
    """Draw a backpack, a handbag or a satchel, or mostly nothing."""
    kind = sample_name(rng, style.rules.bags, style.feminine)
    if kind == "none":
        return None
    colour = (
        sample_leather(rng) if kind != "backpack" and rng.random() < 0.6 else sample_garment_colour(rng, 0.12, -0.7)
    )
    return Bag(kind, sample_between(rng, (0.8, 1.15)), colour)


def sample_headwear(rng: np.random.Generator, style: DressStyle) -> Headwear | None:
    """Draw a cap, a beanie, a headscarf, or mostly nothing."""
    warm = style.rules.cold > 0
    kind = sample_name(rng, WARM_HEADWEAR if warm else HEADWEAR, style.feminine)
    if kind == "none" or (kind == "beanie" and style.code == "summer"):
        return None
    return Headwear(kind, sample_garment_colour(rng, 0.12, -0.3))


def sample_outfit_in_style(rng: np.random.Generator, style: DressStyle) -> Outfit:
    """Draw the outfit of one day of a person of this style."""
    rules, feminine = style.rules, style.feminine
    top = sample_top(rng, sample_name(rng, rules.tops, feminine), TOPS, style)
    kind = sample_name(rng, rules.bottoms, feminine)
    bottom: Bottom | None = sample_bottom(rng, kind, style) if kind != "skirt" else None
    skirt: Skirt | None = None
    if top.kind == "dress":
        bottom, skirt = None, Skirt(sample_between(rng, (-0.62, -0.18)), top.loose, top.cloth)
        if rng.random() < (0.1 if style.code == "summer" else 0.5):
            bottom = sample_bottom(rng, "leggings", style)
    elif kind == "skirt":
        skirt = sample_skirt(rng, style)
    thick = top.kind == "hoodie" and style.code != "winter"
    outer = sample_outer(rng, style) if not thick and rng.random() < rules.outer else None
    tails: Skirt | None = None
    if outer is not None and outer.kind == "coat":
        tails = Skirt(sample_between(rng, (-0.48, -0.16)), outer.loose, outer.cloth, max(0.004, 0.6 * outer.opening))
    scarf = sample_cloth(rng, QUIET_PATTERNS, 0.15) if outer is not None and rng.random() < rules.cold else None
    return Outfit(
        top=top,
        shoes=sample_shoes(rng, kind, style),
        bottom=bottom,
        skirt=skirt,
        outer=outer,
        tails=tails,
        bag=sample_bag(rng, style),
        headwear=sample_headwear(rng, style),
        scarf=scarf,
        gloves=sample_garment_colour(rng, 0.05, -0.8)
        if outer is not None and rng.random() < 0.6 * rules.cold
        else None,
    )


def sample_outfit(rng: np.random.Generator, identity: Identity) -> Outfit:
    """Draw an outfit that suits a person."""
    return sample_outfit_in_style(rng, sample_dress_style(rng, identity))
