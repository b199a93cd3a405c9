"""Who someone is: what stays when clothes, camera and moment change.

Everything is drawn independently unless nature ties it together, so that a network trained on these people cannot learn
that one trait betrays another. Colours are linear RGB.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from sameperson.world.body import load_body
from sameperson.world.pose import Gait, sample_gait

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
"""From light to dark, evenly spaced to the eye; people fall anywhere between."""
DARK_HAIR = np.array([(0.03, 0.025, 0.02), (0.06, 0.045, 0.035), (0.13, 0.08, 0.05), (0.22, 0.13, 0.07)])
LIGHT_HAIR = np.array([(0.36, 0.23, 0.12), (0.55, 0.40, 0.20), (0.68, 0.55, 0.32), (0.35, 0.12, 0.05)])
GREY_HAIR = np.array([(0.35, 0.34, 0.33), (0.55, 0.55, 0.55), (0.78, 0.78, 0.76)])
IRISES = np.array([(0.15, 0.09, 0.05), (0.10, 0.07, 0.05), (0.20, 0.30, 0.35), (0.20, 0.28, 0.15)])

HAIR_STYLES = ("bald", "short", "medium", "long", "bun", "ponytail", "full")
STYLE_ODDS = {False: (0.12, 0.60, 0.14, 0.03, 0.02, 0.01, 0.08), True: (0.01, 0.14, 0.20, 0.34, 0.11, 0.13, 0.07)}
"""By whether femininity is above one half."""
VOLUMES = {
    "bald": (0.0, 0.0),
    "short": (0.006, 0.016),
    "medium": (0.018, 0.030),
    "long": (0.012, 0.020),
    "bun": (0.008, 0.014),
    "ponytail": (0.009, 0.015),
    "full": (0.040, 0.075),
}
"""Metres that hair stands off the scalp."""


@dataclass(frozen=True)
class Identity:
    """One person.

    betas: 32 numbers of `Body.rest`; shape: the named parameters they came from. skin, hair, lips, iris: linear RGB.
    hair_style: one of HAIR_STYLES; hair_volume: metres off the scalp; hairline and hair_length: heights on the template
    (`Body.template`) where hair begins on the forehead and where long hair ends. beard: 0 none to 1 full. brows: their
    thickness, about 1. mouth: half its width in metres on the template. glasses: 0 none, 1 clear, 2 dark.
    """

    betas: tuple[float, ...]
    shape: Mapping[str, float] = field(hash=False)
    skin: Colour
    hair: Colour
    lips: Colour
    iris: Colour
    hair_style: str
    hair_volume: float
    hairline: float
    hair_length: float
    beard: float
    brows: float
    mouth: float
    glasses: int
    gait: Gait


def sample_identity(rng: np.random.Generator) -> Identity:
    """A grown-up at random."""
    shape = sample_shape(rng)
    feminine, old = shape["femininity"] > 0.5, shape["age"] > 0.85
    tone = rng.uniform(0, len(SKIN_TONES) - 1)
    skin = np.array([np.interp(tone, range(len(SKIN_TONES)), channel) for channel in SKIN_TONES.T])
    skin = np.clip(skin * rng.uniform(0.93, 1.05) * np.exp(rng.normal(0, 0.02, 3)), 0.05, 0.95)
    style = str(rng.choice(HAIR_STYLES, p=STYLE_ODDS[feminine]))
    return Identity(
        betas=tuple(load_body().betas_of(shape).tolist()),
        shape=shape,
        skin=colour(skin),
        hair=colour(sample_hair(rng, tone, shape["age"])),
        lips=colour(np.clip(skin * [0.95, 0.62, 0.62], 0, 1)),
        iris=colour(IRISES[rng.integers(len(IRISES))]),
        hair_style=style,
        hair_volume=float(rng.uniform(*VOLUMES[style])),
        hairline=float(rng.normal(0.815, 0.008) if old else rng.normal(0.803, 0.006)),
        hair_length=float(rng.uniform(0.42, 0.62)) if style == "long" else 0.62,
        beard=0.0 if feminine else float(rng.choice([0.0, 0.35, 0.8], p=[0.5, 0.28, 0.22])),
        brows=float(rng.uniform(0.2, 1.2)),
        mouth=float(rng.uniform(0.020, 0.030)),
        glasses=int(rng.choice(3, p=[0.78, 0.16, 0.06])),
        gait=sample_gait(rng),
    )


def sample_shape(rng: np.random.Generator) -> dict[str, float]:
    """Named parameters for `Body.betas_of`: wide in build and height, every part of the body on its own."""
    shape = {
        "femininity": np.clip((rng.random() < 0.5) + rng.normal(0, 0.1), 0, 1),
        "age": np.clip(rng.normal(0.76, 0.10), 0.6, 1),
        "muscle": np.clip(rng.normal(0.5, 0.2), 0.05, 0.95),
        "weight": np.clip(rng.normal(0.46, 0.22), 0.02, 1),
        "stature": np.clip(rng.normal(0.35, 0.055), 0.15, 0.55),  # wider than this there would be giants
        "proportions": rng.uniform(0.2, 0.9),
        "bust": rng.uniform(0.2, 0.7),
        "firmness": rng.uniform(0.3, 0.7),
    }
    shape |= dict(zip(("features_a", "features_b", "features_c"), rng.dirichlet([0.5, 0.5, 0.5]), strict=True))
    details = [name for name in load_body().shape_names if name not in shape]
    spread = {name: 0.2 if name.endswith("_length") else 0.35 for name in details}  # lengths add up to the height
    shape |= {name: np.clip(rng.normal(0, spread[name]), -0.9, 0.9) for name in details}
    shape["belly"] = max(0.0, rng.normal(0, 0.2))
    return {name: float(value) for name, value in shape.items()}


def sample_hair(rng: np.random.Generator, tone: float, age: float) -> np.ndarray:
    """A hair colour: grey with age; light hair rarer the darker the skin (`tone`, 0 to 7)."""
    if rng.random() < np.clip((age - 0.75) / 0.2, 0, 0.9):
        pool = GREY_HAIR
    else:
        pool = LIGHT_HAIR if rng.random() < 0.45 - 0.06 * tone else DARK_HAIR
    return pool[rng.integers(len(pool))] * rng.uniform(0.8, 1.2)


def colour(values: np.ndarray) -> Colour:
    """Three floats."""
    red, green, blue = values
    return float(red), float(green), float(blue)
