"""Colours people really wear: mostly black, grey, navy, white and earth, now and then something loud."""

from __future__ import annotations

import colorsys

import numpy as np

from sameperson.world.outfit import Colour

MUTED: dict[str, tuple[Colour, float]] = {
    "black": ((0.025, 0.025, 0.028), 0.20),
    "charcoal": ((0.07, 0.07, 0.078), 0.13),
    "grey": ((0.20, 0.20, 0.21), 0.09),
    "light grey": ((0.42, 0.42, 0.43), 0.07),
    "white": ((0.76, 0.76, 0.74), 0.11),
    "navy": ((0.03, 0.042, 0.11), 0.12),
    "slate blue": ((0.09, 0.14, 0.25), 0.06),
    "khaki": ((0.32, 0.26, 0.16), 0.04),
    "beige": ((0.55, 0.46, 0.34), 0.05),
    "brown": ((0.13, 0.075, 0.04), 0.04),
    "olive": ((0.10, 0.11, 0.05), 0.04),
    "burgundy": ((0.19, 0.025, 0.045), 0.03),
    "bottle green": ((0.03, 0.10, 0.065), 0.02),
}
"""Name -> linear RGB and how often it is worn."""
DENIM: tuple[Colour, ...] = ((0.05, 0.08, 0.17), (0.09, 0.15, 0.28), (0.18, 0.26, 0.40), (0.03, 0.035, 0.05))
DRY_LEATHER: tuple[Colour, ...] = ((0.025, 0.022, 0.02), (0.10, 0.05, 0.025), (0.24, 0.13, 0.06))
SOLES: tuple[Colour, ...] = ((0.72, 0.72, 0.70), (0.05, 0.05, 0.05), (0.40, 0.30, 0.20))


def near(rng: np.random.Generator, colour: Colour, spread: float = 0.12) -> Colour:
    """A colour like the given one: dyes and washing differ."""
    value = np.asarray(colour) * np.exp(rng.normal(0, spread)) * np.exp(rng.normal(0, spread / 3, 3))
    red, green, blue = np.clip(value, 0.015, 0.85)
    return float(red), float(green), float(blue)


def muted(rng: np.random.Generator) -> Colour:
    """A colour out of `MUTED`, slightly varied."""
    share = np.array([weight for _, weight in MUTED.values()])
    colours = [colour for colour, _ in MUTED.values()]
    return near(rng, colours[int(rng.choice(len(colours), p=share / share.sum()))])


def vivid(rng: np.random.Generator) -> Colour:
    """Any hue, from dusty to strong."""
    red, green, blue = colorsys.hsv_to_rgb(rng.random(), 0.35 + 0.6 * rng.beta(2, 2), rng.uniform(0.12, 0.75))
    return float(red), float(green), float(blue)


def garment_colour(rng: np.random.Generator, loud: float) -> Colour:
    """A muted colour, or with probability `loud` any other."""
    return vivid(rng) if rng.random() < loud else muted(rng)


def leather(rng: np.random.Generator) -> Colour:
    """Black, brown or tan."""
    return near(rng, DRY_LEATHER[int(rng.choice(3, p=[0.5, 0.32, 0.18]))])
