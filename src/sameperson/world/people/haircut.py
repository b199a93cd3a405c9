"""Haircuts and hair colours. Heights and lengths are metres on the body's template (`Body.template`)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Span = tuple[float, float]


@dataclass(frozen=True)
class Haircut:
    """A haircut, except for its volume, hairline and length, which `Identity` holds.

    fringe: how far hair hangs over the forehead; slant: how much further on the left than on the right; temples: how
    far it recedes beside the forehead; crown: radius of a bare crown; fade: below this height hair is cropped, 0 for
    nowhere; parting: how far to the left of the middle it is parted, 0 for not at all; curl: 0 straight to 1 frizzy;
    wave: how far falling hair swings to and fro; reach: how far around falling hair goes, radians from the back, 0 for
    none; locks: how many plaits lie side by side, 0 for none; knot: how high hair is tied, -1 nape to 1 crown.
    """

    fringe: float = 0.0
    slant: float = 0.0
    temples: float = 0.0
    crown: float = 0.0
    fade: float = 0.0
    parting: float = 0.0
    curl: float = 0.0
    wave: float = 0.0
    reach: float = 0.0
    locks: int = 0
    knot: float = 0.0


@dataclass(frozen=True)
class HairStyle:
    """A hair style: a family of haircuts.

    odds: how often it is worn where femininity is below and above one half; volume: metres off the scalp. fringed,
    parted: how often; curl, fade, wave, falls (the height where falling hair ends): lowest and highest value.
    """

    odds: tuple[float, float]
    volume: Span
    fringed: float = 0.0
    parted: float = 0.0
    curl: Span = (0.0, 0.1)
    fade: Span = (0.0, 0.0)
    wave: Span = (0.0, 0.0)
    falls: Span | None = None
    locks: int = 0


STYLES = {
    "bald": HairStyle((0.07, 0.005), (0.0, 0.0)),
    "horseshoe": HairStyle((0.05, 0.0), (0.004, 0.012)),
    "cropped": HairStyle((0.13, 0.015), (0.001, 0.003)),
    "short": HairStyle((0.22, 0.08), (0.006, 0.016), fringed=0.2, parted=0.15),
    "fade": HairStyle((0.14, 0.015), (0.012, 0.030), fringed=0.1, curl=(0.0, 0.7), fade=(0.765, 0.80)),
    "parted": HairStyle((0.09, 0.03), (0.012, 0.024), parted=1.0),
    "fringe": HairStyle((0.06, 0.04), (0.012, 0.022), fringed=1.0),
    "curly": HairStyle((0.06, 0.06), (0.018, 0.038), fringed=0.5, curl=(0.6, 0.9)),
    "full": HairStyle((0.03, 0.05), (0.040, 0.085), curl=(0.7, 1.0)),
    "medium": HairStyle((0.05, 0.06), (0.018, 0.030), fringed=0.4, parted=0.3, curl=(0.0, 0.4)),
    "bob": HairStyle((0.01, 0.14), (0.008, 0.018), fringed=0.45, parted=0.4, wave=(0.0, 0.004), falls=(0.57, 0.65)),
    "long": HairStyle((0.03, 0.16), (0.006, 0.014), fringed=0.25, parted=0.5, wave=(0.0, 0.002), falls=(0.28, 0.54)),
    "wavy": HairStyle(
        (0.02, 0.11), (0.010, 0.022), fringed=0.15, parted=0.5, curl=(0.3, 0.6), wave=(0.005, 0.012), falls=(0.30, 0.56)
    ),
    "braids": HairStyle((0.02, 0.04), (0.004, 0.008), falls=(0.28, 0.58), locks=22),
    "bun": HairStyle((0.01, 0.07), (0.005, 0.012), fringed=0.15, parted=0.2),
    "ponytail": HairStyle((0.01, 0.09), (0.005, 0.012), fringed=0.25, parted=0.15),
    "plait": HairStyle((0.0, 0.035), (0.005, 0.010), fringed=0.2, parted=0.3),
}
"""Name -> hair style. The odds of each column sum to one."""
BALDING_STYLES = ("bald", "horseshoe")
NATURAL_HAIR = np.array(
    [
        (0.022, 0.019, 0.018),
        (0.045, 0.032, 0.025),
        (0.085, 0.052, 0.033),
        (0.16, 0.095, 0.055),
        (0.30, 0.19, 0.10),
        (0.50, 0.36, 0.18),
        (0.70, 0.57, 0.34),
    ]
)
"""Hair from black to fair, evenly spaced to the eye."""
RED_HAIR = np.array([(0.16, 0.045, 0.022), (0.34, 0.11, 0.04), (0.50, 0.22, 0.09)])
GREY_HAIR = np.array([(0.22, 0.215, 0.21), (0.42, 0.42, 0.415), (0.80, 0.80, 0.78)])
DYES = np.array(
    [
        (0.45, 0.02, 0.03),
        (0.60, 0.10, 0.30),
        (0.10, 0.10, 0.45),
        (0.03, 0.30, 0.32),
        (0.24, 0.05, 0.36),
        (0.82, 0.78, 0.68),
        (0.30, 0.03, 0.06),
    ]
)
DYED_SHARE = 0.05


def sample_hair_style(rng: np.random.Generator, feminine: bool, age: float) -> str:
    """Draw a name of STYLES; only older people go bald."""
    odds = np.array([style.odds[feminine] for style in STYLES.values()])
    lost = np.isin(list(STYLES), BALDING_STYLES)
    odds = np.where(lost, odds * np.clip((age - 0.6) / 0.12, 0, 2.5), odds)
    return str(rng.choice(list(STYLES), p=odds / odds.sum()))


def sample_haircut(rng: np.random.Generator, style: str, feminine: bool, age: float) -> Haircut:
    """Draw a haircut of a style."""
    kind = STYLES[style]
    fringed, parted = rng.random() < kind.fringed, rng.random() < kind.parted
    recedes = style == "horseshoe" or (not feminine and rng.random() < np.clip((age - 0.62) * 2.2, 0, 0.6))
    return Haircut(
        fringe=float(rng.uniform(0.014, 0.034)) if fringed else 0.0,
        slant=float(rng.normal(0, 0.010)) if fringed or parted else 0.0,
        temples=float(rng.uniform(0.012, 0.035)) if recedes and not fringed else 0.0,
        crown=float(rng.uniform(0.045, 0.075)) if style == "horseshoe" else 0.0,
        fade=float(rng.uniform(*kind.fade)),
        parting=float(rng.choice([-1, 1]) * rng.uniform(0.012, 0.035)) if parted else 0.0,
        curl=float(rng.uniform(*kind.curl)),
        wave=float(rng.uniform(*kind.wave)),
        reach=float(rng.uniform(1.85, 2.2)) if kind.falls else 0.0,
        locks=kind.locks,
        knot=float(rng.uniform(-1, 1)),
    )


def sample_hair_colour(rng: np.random.Generator, tone: float, age: float) -> np.ndarray:
    """Draw a natural hair colour, linear RGB.

    It turns grey with age, and is seldom light where the skin (`tone`, 0 to 7) is dark.
    """
    chance, shade, strength = rng.random(), rng.random(), rng.uniform(0.8, 1.2)
    if chance < np.clip((age - 0.75) / 0.2, 0, 0.9):
        return interpolate_colour(GREY_HAIR, shade) * strength
    if chance > 0.93 + 0.03 * max(0.0, tone - 1.5):
        return interpolate_colour(RED_HAIR, shade) * strength
    lightest = np.clip(1.15 - 0.14 * tone, 0.25, 1.0)
    return interpolate_colour(NATURAL_HAIR, lightest * shade**1.3) * strength


def maybe_dye(rng: np.random.Generator, natural: np.ndarray) -> np.ndarray:
    """Replace a natural hair colour by a dye for a few people."""
    return DYES[rng.integers(len(DYES))] * rng.uniform(0.8, 1.15) if rng.random() < DYED_SHARE else natural


def interpolate_colour(colours: np.ndarray, where: float) -> np.ndarray:
    """Interpolate in a row of colours (N, 3) at `where` (0 to 1)."""
    place = where * (len(colours) - 1)
    return np.array([np.interp(place, range(len(colours)), channel) for channel in colours.T])
