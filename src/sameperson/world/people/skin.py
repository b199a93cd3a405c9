"""Skin and face details: undertone, freckles, wrinkles, beard, glasses. Colours are linear RGB."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Colour = tuple[float, float, float]

SKIN_TONES = np.array(
    [
        (0.93, 0.76, 0.66),
        (0.87, 0.68, 0.56),
        (0.80, 0.60, 0.46),
        (0.70, 0.50, 0.36),
        (0.58, 0.40, 0.28),
        (0.45, 0.30, 0.21),
        (0.33, 0.22, 0.16),
        (0.24, 0.16, 0.12),
    ]
)
"""Skin tones from light to dark, evenly spaced to the eye; people's tones are interpolated between them."""
UNDERTONE = np.array([(1.03, 0.99, 0.93), (1.03, 0.96, 0.99), (0.97, 1.0, 0.97)])
"""Factors of a golden, a rosy and an olive undertone."""
IRISES = np.array([(0.15, 0.09, 0.05), (0.10, 0.07, 0.05), (0.20, 0.30, 0.35), (0.20, 0.28, 0.15)])
RIMS = np.array([(0.02, 0.02, 0.025), (0.02, 0.02, 0.025), (0.12, 0.06, 0.03), (0.45, 0.36, 0.18), (0.45, 0.46, 0.48)])
BRIGHT_RIMS = np.array([(0.45, 0.03, 0.03), (0.05, 0.10, 0.40), (0.75, 0.75, 0.72), (0.03, 0.25, 0.15)])
BEARDS = ("none", "stubble", "moustache", "goatee", "full", "long stubble")


@dataclass(frozen=True)
class Glasses:
    """Spectacles: half the width and height of a lens and the thickness of its rim, metres on the template.

    squareness: 2 makes round lenses, 6 nearly square ones.
    """

    width: float
    height: float
    squareness: float
    rim: float
    colour: Colour


@dataclass(frozen=True)
class Face:
    """Details of a face; strengths lie in [0, 1].

    brow, whiskers: colours of brows and beard; arch: how much the brows arch, metres; moustache, goatee: how dense
    where the beard itself is not; sockets: how deep eyes lie; freckles, flush, lines (of age), lashes: how strong.
    """

    brow: Colour
    whiskers: Colour
    arch: float
    moustache: float
    goatee: float
    sockets: float
    freckles: float
    flush: float
    lines: float
    lashes: float
    glasses: Glasses


def sample_skin(rng: np.random.Generator, tone: float) -> np.ndarray:
    """Draw a skin colour, linear RGB, of a tone (0 light to 7 dark) with a random undertone."""
    skin = np.array([np.interp(tone, range(len(SKIN_TONES)), channel) for channel in SKIN_TONES.T])
    undertone = rng.dirichlet([0.7, 0.7, 0.7]) @ UNDERTONE
    return np.clip(skin * undertone * rng.uniform(0.92, 1.06) * np.exp(rng.normal(0, 0.015, 3)), 0.05, 0.95)


def sample_beard(rng: np.random.Generator, feminine: bool, age: float) -> tuple[float, float, float]:
    """Draw how dense full beard, moustache and goatee are; only adult men have any."""
    kind = str(rng.choice(BEARDS, p=[0.42, 0.18, 0.07, 0.08, 0.15, 0.10]))
    density = rng.uniform(0.75, 1.0)
    if feminine or age < 0.6:
        return 0.0, 0.0, 0.0
    beard = {"stubble": 0.25, "long stubble": 0.45, "full": 0.95}.get(kind, 0.0) * density
    return float(beard), float(density * (kind in ("moustache", "goatee"))), float(density * (kind == "goatee"))


def sample_glasses(rng: np.random.Generator) -> Glasses:
    """Draw a pair of glasses."""
    colours = BRIGHT_RIMS if rng.random() < 0.15 else RIMS
    return Glasses(
        width=float(rng.uniform(0.020, 0.027)),
        height=float(rng.uniform(0.013, 0.021)),
        squareness=float(rng.choice([2.0, 3.0, 5.0])),
        rim=float(rng.uniform(0.0014, 0.0045)),
        colour=as_colour(colours[rng.integers(len(colours))]),
    )


def sample_face(rng: np.random.Generator, hair: np.ndarray, feminine: bool, age: float) -> tuple[Face, float]:
    """Draw the details of a face and how dense its full beard is; hair: its natural hair colour."""
    beard, moustache, goatee = sample_beard(rng, feminine, age)
    brow = hair * rng.uniform(0.35, 0.9)
    face = Face(
        brow=as_colour(brow),
        whiskers=as_colour(hair * rng.uniform(0.6, 1.1)),
        arch=float(rng.uniform(-0.002, 0.005)),
        moustache=moustache,
        goatee=goatee,
        sockets=float(np.clip(rng.normal(0.28, 0.12), 0.05, 0.6)),
        freckles=float(rng.uniform(0.3, 1.0)) if rng.random() < 0.15 else 0.0,
        flush=float(rng.uniform(0, 1) ** 1.5),
        lines=float(np.clip((age - 0.72) * 3.2 + rng.normal(0, 0.08), 0, 1)),
        lashes=float(np.clip((0.75 if feminine else 0.35) + rng.normal(0, 0.15), 0.1, 1)),
        glasses=sample_glasses(rng),
    )
    return face, beard


def as_colour(values: np.ndarray) -> Colour:
    """Clip a colour (3,) to [0, 1] and convert it to a tuple of floats."""
    red, green, blue = (float(value) for value in np.clip(values, 0, 1))
    return red, green, blue
