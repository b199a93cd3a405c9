"""Outfits at random: garments that go together, in colours people wear, from one generator per outfit."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sameperson.world.identity import Identity
from sameperson.world.outfit import Bag, Bottom, Cloth, Colour, Headwear, Outfit, Pattern, Shoes, Skirt, Top
from sameperson.world.palette import DENIM, SOLES, garment_colour, leather, near

WAIST = 0.155
"""Height where trousers and skirts sit, on the template."""
ALL_PATTERNS = {
    Pattern.PLAIN: 0.50,
    Pattern.HOOPS: 0.11,
    Pattern.PINSTRIPES: 0.04,
    Pattern.PLAID: 0.07,
    Pattern.DOTS: 0.03,
    Pattern.YOKE: 0.05,
    Pattern.CAMOUFLAGE: 0.03,
    Pattern.FADE: 0.02,
    Pattern.RAGLAN: 0.04,
    Pattern.CHEST_BAND: 0.04,
    Pattern.HEATHER: 0.07,
}
QUIET_PATTERNS = {Pattern.PLAIN: 0.72, Pattern.HEATHER: 0.12, Pattern.PLAID: 0.08, Pattern.PINSTRIPES: 0.08}


@dataclass(frozen=True)
class TopKind:
    """What tops of one kind have in common; ranges are (low, high). share: how often (masculine, feminine) style."""

    share: tuple[float, float]
    sleeve: tuple[float, float]
    hem: tuple[float, float]
    collar: float
    loose: tuple[float, float]
    patterns: dict[Pattern, float]
    loud: float = 0.3


TOPS = {
    "tee": TopKind((0.34, 0.27), (0.20, 0.36), (0.00, 0.06), 0.572, (0.008, 0.014), ALL_PATTERNS, 0.4),
    "long sleeve": TopKind((0.16, 0.17), (0.94, 0.97), (0.00, 0.06), 0.575, (0.008, 0.013), ALL_PATTERNS, 0.35),
    "hoodie": TopKind((0.18, 0.13), (0.95, 0.98), (0.00, 0.04), 0.592, (0.016, 0.026), ALL_PATTERNS, 0.35),
    "shirt": TopKind((0.20, 0.15), (0.94, 0.97), (-0.02, 0.06), 0.592, (0.009, 0.016), ALL_PATTERNS, 0.25),
    "polo": TopKind((0.09, 0.05), (0.24, 0.36), (0.00, 0.05), 0.588, (0.008, 0.014), ALL_PATTERNS, 0.35),
    "tank": TopKind((0.03, 0.07), (-1.0, -1.0), (0.02, 0.07), 0.530, (0.005, 0.008), ALL_PATTERNS, 0.4),
    "dress": TopKind((0.0, 0.16), (0.0, 0.96), (0.10, 0.10), 0.555, (0.006, 0.009), ALL_PATTERNS, 0.5),
}
"""Worn next to the skin."""

OUTERS = {
    "jacket": TopKind((0.34, 0.30), (0.97, 0.99), (0.00, 0.06), 0.597, (0.012, 0.020), QUIET_PATTERNS, 0.25),
    "blazer": TopKind((0.18, 0.12), (0.96, 0.98), (-0.03, 0.02), 0.590, (0.011, 0.016), QUIET_PATTERNS, 0.08),
    "cardigan": TopKind((0.08, 0.20), (0.94, 0.97), (-0.04, 0.05), 0.585, (0.009, 0.014), QUIET_PATTERNS, 0.35),
    "puffer": TopKind((0.16, 0.12), (0.97, 0.99), (0.00, 0.05), 0.602, (0.024, 0.038), {Pattern.PLAIN: 1.0}, 0.35),
    "gilet": TopKind((0.08, 0.04), (-1.0, -1.0), (0.00, 0.05), 0.595, (0.020, 0.028), {Pattern.PLAIN: 1.0}, 0.3),
    "coat": TopKind((0.16, 0.22), (0.96, 0.98), (0.05, 0.05), 0.600, (0.014, 0.022), QUIET_PATTERNS, 0.15),
}
"""Worn over a top; a coat has tails."""

BOTTOMS = {
    "jeans": (0.36, 0.34),
    "chinos": (0.22, 0.08),
    "suit trousers": (0.10, 0.08),
    "joggers": (0.13, 0.08),
    "shorts": (0.19, 0.10),
    "leggings": (0.00, 0.16),
    "skirt": (0.00, 0.16),
}
"""Kind -> how often in masculine and in feminine style."""


def pick(rng: np.random.Generator, shares: dict[str, float]) -> str:
    """One name, by its share."""
    weights = np.array(list(shares.values()))
    return list(shares)[int(rng.choice(len(weights), p=weights / weights.sum()))]


def between(rng: np.random.Generator, limits: tuple[float, float]) -> float:
    """A uniform value."""
    return float(rng.uniform(*limits))


def styled(rng: np.random.Generator, table: dict[str, tuple[float, float]], feminine: bool) -> str:
    """A kind out of a table of (masculine, feminine) shares."""
    return pick(rng, {name: shares[feminine] for name, shares in table.items()})


def sample_cloth(rng: np.random.Generator, patterns: dict[Pattern, float], loud: float) -> Cloth:
    """A patterned or plain material; the second colour of a pattern stands out from the first."""
    first = garment_colour(rng, loud)
    second, third = garment_colour(rng, loud), garment_colour(rng, loud + 0.2)
    if abs(sum(first) - sum(second)) < 0.25:
        second = near(rng, (0.75, 0.75, 0.73) if sum(first) < 0.8 else (0.03, 0.03, 0.04))
    weights = np.array(list(patterns.values()))
    pattern = list(patterns)[int(rng.choice(len(weights), p=weights / weights.sum()))]
    return Cloth((first, second, third), pattern, between(rng, (0.045, 0.16)), int(rng.integers(1, 1000)))


def sample_top(rng: np.random.Generator, kind: str, family: dict[str, TopKind]) -> Top:
    """A top of a kind."""
    usual = family[kind]
    cloth = sample_cloth(rng, usual.patterns, usual.loud)
    sleeve = between(rng, usual.sleeve)
    if kind == "dress":
        sleeve = float(rng.choice([-1.0, 0.25, 0.95], p=[0.35, 0.4, 0.25]))
    elif kind in ("shirt", "hoodie", "long sleeve") and rng.random() < 0.2:
        sleeve = between(rng, (0.55, 0.75))
    plain = cloth.pattern in (Pattern.PLAIN, Pattern.HEATHER, Pattern.RAGLAN)
    return Top(
        kind=kind,
        sleeve=sleeve,
        hem=between(rng, usual.hem),
        collar=usual.collar + float(rng.normal(0, 0.005)),
        loose=between(rng, usual.loose),
        cloth=cloth,
        vee=between(rng, (0.03, 0.10)) if kind in ("tee", "long sleeve", "dress") and rng.random() < 0.3 else 0.0,
        flare=between(rng, (0.0, 0.012)),
        quilted=kind in ("puffer", "gilet"),
        logo=bool(plain and kind in ("tee", "hoodie", "long sleeve") and rng.random() < 0.4),
        buttoned=kind in ("shirt", "polo", "jacket", "puffer", "gilet"),
        hooded=kind == "hoodie",
    )


def sample_outer(rng: np.random.Generator, feminine: bool) -> Top:
    """A jacket, coat or the like, open or closed."""
    kind = styled(rng, {name: usual.share for name, usual in OUTERS.items()}, feminine)
    outer = sample_top(rng, kind, OUTERS)
    always_open, often_open = kind in ("blazer", "cardigan"), rng.random() < 0.5
    if always_open or often_open:
        outer = replace(outer, opening=between(rng, (0.035, 0.075)), buttoned=False)
    return replace(outer, hooded=kind in ("jacket", "puffer") and rng.random() < 0.25)


def sample_bottom(rng: np.random.Generator, kind: str) -> Bottom:
    """Trousers of a kind."""
    ends = {"shorts": (-0.42, -0.22), "leggings": (-0.76, -0.66), "joggers": (-0.765, -0.745)}
    loose = {"leggings": (0.002, 0.004), "jeans": (0.007, 0.018), "joggers": (0.014, 0.024), "shorts": (0.014, 0.026)}
    third, plain = garment_colour(rng, 0.3), {Pattern.PLAIN: 0.86, Pattern.PINSTRIPES: 0.05, Pattern.PLAID: 0.09}
    cloth = sample_cloth(rng, plain, 0.12)
    if kind == "jeans":
        dye = near(rng, DENIM[int(rng.choice(4, p=[0.3, 0.32, 0.2, 0.18]))])
        cloth = Cloth((dye, dye, third), Pattern.DENIM, 0.1, cloth.seed)
    elif kind == "joggers":
        stripe = rng.random() < 0.4
        cloth = replace(cloth, pattern=Pattern.SIDE_STRIPE if stripe else Pattern.PLAIN)
    elif kind in ("chinos", "suit trousers", "leggings"):
        cloth = replace(cloth, pattern=Pattern.PLAIN)
    return Bottom(
        kind=kind,
        end=between(rng, ends.get(kind, (-0.785, -0.755))),
        loose=between(rng, loose.get(kind, (0.010, 0.020))),
        cloth=cloth,
        flare=between(rng, (-0.004, 0.012)) if kind in ("jeans", "suit trousers", "chinos") else 0.0,
        belt=leather(rng) if kind in ("jeans", "chinos", "suit trousers") and rng.random() < 0.5 else None,
    )


def sample_shoes(rng: np.random.Generator, bottom: str) -> Shoes:
    """Trainers, leather shoes or boots, with socks of some length."""
    smart = bottom == "suit trousers" or rng.random() < 0.25
    boots = bottom != "shorts" and rng.random() < (0.35 if bottom in ("leggings", "skirt") else 0.12)
    top = between(rng, (-0.62, -0.45)) if boots else between(rng, (-0.765, -0.735))
    colour = leather(rng) if smart or boots else garment_colour(rng, 0.3)
    sole = SOLES[1] if smart or boots else SOLES[int(rng.choice(3, p=[0.65, 0.25, 0.1]))]
    sock_top = float(rng.choice([-0.80, -0.70, -0.60], p=[0.5, 0.3, 0.2]))
    return Shoes(top, colour, sole, sock_top, garment_colour(rng, 0.15))


def sample_bag(rng: np.random.Generator, feminine: bool) -> Bag | None:
    """A backpack, a bag in the hand or across the chest, or mostly nothing."""
    table = {"none": (0.60, 0.50), "backpack": (0.22, 0.16), "handbag": (0.05, 0.18), "satchel": (0.13, 0.16)}
    kind = styled(rng, table, feminine)
    if kind == "none":
        return None
    colour = leather(rng) if kind != "backpack" and rng.random() < 0.6 else garment_colour(rng, 0.35)
    return Bag(kind, between(rng, (0.8, 1.2)), colour)


def sample_headwear(rng: np.random.Generator, feminine: bool) -> Headwear | None:
    """A cap, a beanie, a headscarf, or mostly nothing."""
    table = {"none": (0.84, 0.87), "cap": (0.10, 0.03), "beanie": (0.06, 0.04), "headscarf": (0.0, 0.06)}
    kind = styled(rng, table, feminine)
    return None if kind == "none" else Headwear(kind, garment_colour(rng, 0.3))


def sample_outfit(rng: np.random.Generator, identity: Identity) -> Outfit:
    """What this person puts on one day; the identity only leans the choice towards masculine or feminine style."""
    feminine = identity.shape.get("femininity", 0.5) > 0.5
    top = sample_top(rng, styled(rng, {name: usual.share for name, usual in TOPS.items()}, feminine), TOPS)
    kind = styled(rng, BOTTOMS, feminine)
    bottom: Bottom | None = sample_bottom(rng, kind) if kind != "skirt" else None
    skirt: Skirt | None = None
    if top.kind == "dress":
        bottom, skirt = None, Skirt(between(rng, (-0.62, -0.18)), top.loose, top.cloth)
        if rng.random() < 0.25:
            bottom = sample_bottom(rng, "leggings")
    elif kind == "skirt":
        skirt = Skirt(between(rng, (-0.60, -0.14)), 0.006, sample_cloth(rng, QUIET_PATTERNS, 0.3))
    outer: Top | None = sample_outer(rng, feminine) if top.kind != "hoodie" and rng.random() < 0.36 else None
    tails: Skirt | None = None
    if outer is not None and outer.kind == "coat":
        tails = Skirt(between(rng, (-0.48, -0.16)), outer.loose, outer.cloth, max(0.004, 0.6 * outer.opening))
    cold: Colour | None = garment_colour(rng, 0.1) if outer is not None and rng.random() < 0.08 else None
    return Outfit(
        top=top,
        shoes=sample_shoes(rng, kind),
        bottom=bottom,
        skirt=skirt,
        outer=outer,
        tails=tails,
        bag=sample_bag(rng, feminine),
        headwear=sample_headwear(rng, feminine),
        scarf=sample_cloth(rng, QUIET_PATTERNS, 0.4) if outer is not None and rng.random() < 0.18 else None,
        gloves=cold,
    )
