"""Garment types: the lengths, fit and patterns of each kind of garment. Lengths as in `world.clothes.outfit`."""

from __future__ import annotations

from dataclasses import dataclass

from sameperson.world.clothes.outfit import Pattern

Limits = tuple[float, float]
Patterns = dict[Pattern, float]

PLAIN_ONLY: Patterns = {Pattern.PLAIN: 1.0}
TEE_PATTERNS: Patterns = {
    Pattern.PLAIN: 0.76,
    Pattern.HEATHER: 0.09,
    Pattern.HOOPS: 0.05,
    Pattern.RAGLAN: 0.02,
    Pattern.CHEST_BAND: 0.02,
    Pattern.YOKE: 0.015,
    Pattern.CAMOUFLAGE: 0.01,
    Pattern.DOTS: 0.01,
    Pattern.FADE: 0.005,
    Pattern.PLAID: 0.005,
    Pattern.PINSTRIPES: 0.005,
}
SHIRT_PATTERNS: Patterns = {
    Pattern.PLAIN: 0.70,
    Pattern.PLAID: 0.16,
    Pattern.PINSTRIPES: 0.11,
    Pattern.DOTS: 0.03,
}
DRESS_PATTERNS: Patterns = {
    Pattern.PLAIN: 0.70,
    Pattern.DOTS: 0.08,
    Pattern.HOOPS: 0.08,
    Pattern.CAMOUFLAGE: 0.08,
    Pattern.PINSTRIPES: 0.04,
    Pattern.FADE: 0.02,
}
OUTER_PATTERNS: Patterns = {Pattern.PLAIN: 0.86, Pattern.HEATHER: 0.08, Pattern.PLAID: 0.04, Pattern.YOKE: 0.02}
BLAZER_PATTERNS: Patterns = {Pattern.PLAIN: 0.84, Pattern.HEATHER: 0.08, Pattern.PLAID: 0.04, Pattern.PINSTRIPES: 0.04}
QUIET_PATTERNS: Patterns = {Pattern.PLAIN: 0.84, Pattern.HEATHER: 0.06, Pattern.PLAID: 0.06, Pattern.PINSTRIPES: 0.04}


@dataclass(frozen=True)
class TopKind:
    """A kind of top. Limits are (low, high) of the fields of `Top`; loud: how often its colour is bright."""

    sleeve: Limits
    hem: Limits
    collar: float
    loose: Limits
    patterns: Patterns
    loud: float = 0.1


TOPS = {
    "tee": TopKind((0.22, 0.38), (-0.03, 0.04), 0.572, (0.009, 0.016), TEE_PATTERNS, 0.14),
    "long sleeve": TopKind((0.94, 0.97), (-0.02, 0.05), 0.575, (0.008, 0.014), TEE_PATTERNS, 0.12),
    "hoodie": TopKind((0.95, 0.98), (0.00, 0.04), 0.592, (0.016, 0.026), TEE_PATTERNS, 0.10),
    "shirt": TopKind((0.94, 0.97), (-0.04, 0.05), 0.592, (0.009, 0.016), SHIRT_PATTERNS, 0.10),
    "polo": TopKind((0.26, 0.38), (-0.02, 0.04), 0.588, (0.009, 0.015), TEE_PATTERNS, 0.12),
    "tank": TopKind((-1.0, -1.0), (0.00, 0.06), 0.530, (0.005, 0.009), TEE_PATTERNS, 0.16),
    "dress": TopKind((0.0, 0.96), (0.10, 0.10), 0.555, (0.006, 0.009), DRESS_PATTERNS, 0.25),
}
"""Name -> kind of top that is worn next to the skin."""

OUTERS = {
    "jacket": TopKind((0.97, 0.99), (0.00, 0.06), 0.597, (0.012, 0.020), OUTER_PATTERNS, 0.08),
    "blazer": TopKind((0.96, 0.98), (-0.05, 0.00), 0.590, (0.011, 0.016), BLAZER_PATTERNS, 0.02),
    "cardigan": TopKind((0.94, 0.97), (-0.04, 0.05), 0.585, (0.009, 0.014), QUIET_PATTERNS, 0.10),
    "puffer": TopKind((0.97, 0.99), (-0.02, 0.04), 0.602, (0.024, 0.038), PLAIN_ONLY, 0.10),
    "gilet": TopKind((-1.0, -1.0), (-0.01, 0.04), 0.595, (0.020, 0.028), PLAIN_ONLY, 0.10),
    "coat": TopKind((0.96, 0.98), (0.05, 0.05), 0.600, (0.014, 0.022), QUIET_PATTERNS, 0.04),
}
"""Name -> kind of top that is worn over another; a coat also has tails."""


@dataclass(frozen=True)
class BottomKind:
    """A kind of trousers or skirt.

    Limits are (low, high) of the fields of `Bottom`; belted: how often there is a belt; loud: how often its colour is
    bright; light: preference for dark (-1) or light (1) colours.
    """

    end: Limits = (-0.785, -0.755)
    loose: Limits = (0.010, 0.020)
    flare: Limits = (0.0, 0.0)
    patterns: tuple[tuple[Pattern, float], ...] = ((Pattern.PLAIN, 1.0),)
    belted: float = 0.0
    loud: float = 0.04
    light: float = -0.4


BOTTOMS = {
    "jeans": BottomKind(loose=(0.007, 0.018), flare=(-0.004, 0.012), belted=0.35),
    "chinos": BottomKind(flare=(-0.004, 0.010), belted=0.4, light=0.4),
    "suit trousers": BottomKind(flare=(-0.002, 0.012), belted=0.6, loud=0.0, light=-0.8),
    "joggers": BottomKind(
        (-0.765, -0.745), (0.014, 0.024), patterns=((Pattern.PLAIN, 0.7), (Pattern.SIDE_STRIPE, 0.3))
    ),
    "shorts": BottomKind(
        (-0.42, -0.24),
        (0.014, 0.026),
        patterns=((Pattern.PLAIN, 0.88), (Pattern.PLAID, 0.07), (Pattern.SIDE_STRIPE, 0.05)),
        loud=0.08,
        light=0.0,
    ),
    "leggings": BottomKind((-0.76, -0.66), (0.002, 0.004), loud=0.05, light=-1.0),
    "skirt": BottomKind((-0.62, -0.14), (0.006, 0.006), patterns=tuple(QUIET_PATTERNS.items()), loud=0.12, light=-0.2),
}
"""Name -> kind of garment for the legs; "skirt" becomes a `Skirt`, all others a `Bottom`."""
