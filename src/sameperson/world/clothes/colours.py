"""Colours of clothes: mostly black, grey, navy, white and earth colours, sometimes a bright one."""

from __future__ import annotations

import colorsys

import numpy as np

from sameperson.world.clothes.outfit import Colour

MUTED: dict[str, tuple[Colour, float]] = {
    "black": ((0.022, 0.022, 0.024), 0.26),
    "charcoal": ((0.06, 0.06, 0.066), 0.13),
    "grey": ((0.19, 0.19, 0.20), 0.11),
    "light grey": ((0.42, 0.42, 0.43), 0.07),
    "white": ((0.74, 0.74, 0.73), 0.14),
    "navy": ((0.024, 0.030, 0.066), 0.14),
    "slate blue": ((0.10, 0.14, 0.22), 0.04),
    "khaki": ((0.30, 0.25, 0.16), 0.025),
    "beige": ((0.52, 0.45, 0.35), 0.025),
    "brown": ((0.12, 0.072, 0.042), 0.02),
    "olive": ((0.095, 0.10, 0.055), 0.02),
    "burgundy": ((0.15, 0.028, 0.042), 0.01),
    "bottle green": ((0.03, 0.085, 0.06), 0.01),
}
"""Name of a muted colour -> linear RGB, and how often it is worn."""
BRIGHT: dict[str, Colour] = {
    "red": (0.45, 0.025, 0.03),
    "pink": (0.62, 0.25, 0.33),
    "orange": (0.62, 0.19, 0.035),
    "yellow": (0.66, 0.48, 0.07),
    "green": (0.06, 0.26, 0.10),
    "turquoise": (0.05, 0.36, 0.36),
    "light blue": (0.28, 0.43, 0.62),
    "blue": (0.035, 0.10, 0.42),
    "purple": (0.16, 0.06, 0.26),
}
"""Name of a bright colour -> linear RGB."""
BRIGHT_ODDS = (0.19, 0.11, 0.05, 0.07, 0.11, 0.06, 0.20, 0.16, 0.05)
DENIM: tuple[Colour, ...] = ((0.033, 0.042, 0.07), (0.07, 0.095, 0.155), (0.17, 0.215, 0.29), (0.024, 0.025, 0.028))
DENIM_ODDS = (0.34, 0.26, 0.12, 0.28)
LEATHERS: tuple[Colour, ...] = ((0.025, 0.022, 0.02), (0.10, 0.05, 0.025), (0.24, 0.13, 0.06))
SOLES: tuple[Colour, ...] = ((0.68, 0.68, 0.66), (0.05, 0.05, 0.05), (0.40, 0.30, 0.20))
LIGHT = 0.15
"""Mean linear RGB from which a colour counts as light."""


def vary_colour(rng: np.random.Generator, colour: Colour, spread: float = 0.12) -> Colour:
    """Vary a colour a little, as dyes and washing do."""
    value = np.asarray(colour) * np.exp(rng.normal(0, spread)) * np.exp(rng.normal(0, spread / 3, 3))
    red, green, blue = np.clip(value, 0.015, 0.85)
    return float(red), float(green), float(blue)


def sample_muted(rng: np.random.Generator, light: float = 0.0) -> Colour:
    """Draw a colour out of `MUTED`, slightly varied; light: preference, from -1 (dark) to 1 (light)."""
    colours = [colour for colour, _ in MUTED.values()]
    share = np.array([weight for _, weight in MUTED.values()])
    share = share * np.exp(1.6 * light * np.sign(np.mean(colours, axis=1) - LIGHT))
    return vary_colour(rng, colours[int(rng.choice(len(colours), p=share / share.sum()))])


def sample_bright(rng: np.random.Generator) -> Colour:
    """Draw a colour out of `BRIGHT`, more or less washed out."""
    strong = vary_colour(rng, list(BRIGHT.values())[int(rng.choice(len(BRIGHT), p=BRIGHT_ODDS))], 0.25)
    hue, saturation, value = colorsys.rgb_to_hsv(*strong)
    hue = (hue + rng.normal(0, 0.02)) % 1.0
    red, green, blue = colorsys.hsv_to_rgb(hue, saturation * rng.uniform(0.55, 1.0), value * rng.uniform(0.6, 1.0))
    return float(red), float(green), float(blue)


def sample_garment_colour(rng: np.random.Generator, loud: float, light: float = 0.0) -> Colour:
    """Draw a muted colour, or with probability `loud` a bright one."""
    return sample_bright(rng) if rng.random() < loud else sample_muted(rng, light)


def sample_denim(rng: np.random.Generator) -> Colour:
    """Draw a colour of denim: raw, blue, faded or black."""
    return vary_colour(rng, DENIM[int(rng.choice(len(DENIM), p=DENIM_ODDS))])


def sample_leather(rng: np.random.Generator) -> Colour:
    """Draw a colour of leather: black, brown or tan."""
    return vary_colour(rng, LEATHERS[int(rng.choice(3, p=[0.65, 0.25, 0.10]))])


def colour_distance(one: Colour, other: Colour) -> float:
    """The perceived distance of two colours, from 0 to about 1.7: that between the cube roots of linear RGB."""
    return float(np.linalg.norm(np.cbrt(one) - np.cbrt(other)))


def colour_name(colour: Colour) -> str:
    """Name a colour by the nearest one in `MUTED` and `BRIGHT`.

    >>> colour_name((0.03, 0.03, 0.03))
    'black'
    """
    named = {name: value for name, (value, _) in MUTED.items()} | BRIGHT
    return min(named, key=lambda name: colour_distance(named[name], colour))
