"""Identity of a synthetic person: body shape, skin, hair, face and gait, which stay when clothes and camera change.

Traits are drawn independently unless nature ties them together, so that a network trained on these people cannot
predict one trait from another. Colours are linear RGB.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from sameperson.world.body.model import load_body
from sameperson.world.body.pose import Gait, sample_gait
from sameperson.world.people.haircut import (
    STYLES,
    Haircut,
    maybe_dye,
    sample_hair_colour,
    sample_hair_style,
    sample_haircut,
)
from sameperson.world.people.skin import IRISES, SKIN_TONES, Colour, Face, as_colour, sample_face, sample_skin

HAIR_STYLES = tuple(STYLES)
AGES = {(0.24, 0.42): 0.06, (0.42, 0.58): 0.08, (0.60, 0.80): 0.66, (0.80, 1.0): 0.20}
"""Span of the shape parameter `age` -> share of people: children of six to twelve, teenagers, adults, old people."""
ADULT_AGE = 0.58
OLD_AGE = 0.85
STATURE = (0.390, 0.035)
"""Mean and standard deviation that make women 1.64 m and men 1.77 m tall, 7 cm either way."""


@dataclass(frozen=True)
class Identity:
    """One person's lasting appearance.

    betas: 32 numbers of `Body.rest`; shape: the named parameters they came from. skin, hair, lips, iris: linear RGB.
    hair_style: one of HAIR_STYLES; hair_volume: metres off the scalp; hairline and hair_length: heights on the template
    (`Body.template`) where hair begins on the forehead and where falling hair ends; cut: the rest of the haircut.
    beard: how dense a full beard is, 0 none, below one half stubble. brows: their thickness, about 1. mouth: half its
    width in metres on the template. glasses: 0 none, 1 clear, 2 dark. face: its finer marks.
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
    cut: Haircut
    beard: float
    brows: float
    mouth: float
    glasses: int
    face: Face
    gait: Gait


def sample_identity(rng: np.random.Generator) -> Identity:
    """Draw a random person, from six years to old."""
    shape = sample_shape(rng)
    feminine, age = shape["femininity"] > 0.5, shape["age"]
    tone = rng.uniform(0, len(SKIN_TONES) - 1)
    skin, natural = sample_skin(rng, tone), sample_hair_colour(rng, tone, age)
    style = sample_hair_style(rng, feminine, age)
    kind = STYLES[style]
    face, beard = sample_face(rng, natural, feminine, age)
    return Identity(
        betas=tuple(load_body().betas_of(shape).tolist()),
        shape=shape,
        skin=as_colour(skin),
        hair=as_colour(maybe_dye(rng, natural)),
        lips=as_colour(skin * [0.95, 0.62, 0.62] * rng.uniform(0.85, 1.1)),
        iris=as_colour(IRISES[rng.integers(len(IRISES))]),
        hair_style=style,
        hair_volume=float(rng.uniform(*kind.volume)),
        hairline=float(rng.normal(0.804, 0.008) + 0.012 * (age > OLD_AGE)),
        hair_length=float(rng.uniform(*kind.falls)) if kind.falls else float(rng.uniform(0.40, 0.62)),
        cut=sample_haircut(rng, style, feminine, age),
        beard=beard,
        brows=float(rng.uniform(0.2, 1.4)),
        mouth=float(rng.uniform(0.019, 0.031)),
        glasses=int(rng.choice(3, p=[0.55, 0.41, 0.04] if age > OLD_AGE else [0.76, 0.19, 0.05])),
        face=face,
        gait=gait_at_age(sample_gait(rng), age),
    )


def sample_shape(rng: np.random.Generator) -> dict[str, float]:
    """Draw shape parameters for `Body.betas_of`: wide in build and height, each part of the body independent."""
    span = list(AGES)[rng.choice(len(AGES), p=list(AGES.values()))]
    shape = {
        "femininity": np.clip((rng.random() < 0.5) + rng.normal(0, 0.1), 0, 1),
        "age": rng.uniform(*span),
        "muscle": np.clip(rng.normal(0.5, 0.2), 0.05, 0.95),
        "weight": np.clip(0.04 + rng.gamma(3.2, 0.095), 0.02, 1),  # most are slim to medium, with a tail
        "stature": np.clip(rng.normal(*STATURE), 0.15, 0.62),
        "proportions": rng.uniform(0.2, 0.9),
        "bust": rng.uniform(0.2, 0.7),
        "firmness": rng.uniform(0.3, 0.7),
    }
    shape |= dict(zip(("features_a", "features_b", "features_c"), rng.dirichlet([0.5, 0.5, 0.5]), strict=True))
    details = [name for name in load_body().shape_names if name not in shape]
    shape |= {name: np.clip(rng.normal(0, detail_spread(name)), -0.95, 0.95) for name in details}
    shape["belly"] = max(0.0, rng.normal(0, 0.2)) if shape["age"] > ADULT_AGE else 0.0
    return {name: float(value) for name, value in shape.items()}


def detail_spread(detail: str) -> float:
    """The standard deviation of a detail of the shape.

    It is small for lengths, which add up to the height, and for heads, where anything odd is seen at once.
    """
    if detail.endswith("_length"):
        return 0.2
    return 0.3 if detail.startswith("head") else 0.45


def gait_at_age(gait: Gait, age: float) -> Gait:
    """Adapt a gait to an age: the old stoop and take shorter, slower steps, children take quicker ones."""
    old, young = np.clip((age - 0.82) / 0.18, 0, 1), np.clip((ADULT_AGE - age) / 0.3, 0, 1)
    return replace(
        gait,
        stride=float(gait.stride * (1 - 0.35 * old)),
        swing=float(gait.swing * (1 - 0.3 * old)),
        lean=float(gait.lean + 10 * old),
        cadence=float(gait.cadence * (1 - 0.12 * old + 0.2 * young)),
    )
