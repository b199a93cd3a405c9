"""Choreographies: dances that several people share, and the pose of a dancer at any moment.

Every angle swings between two limits as a sum of three sines in time with the beat, so that motion is smooth and no
joint leaves its natural range. numpy outside, torch inside, as in `world.body.pose`; angles are in degrees.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from torch import Tensor

from sameperson.world.body.pose import SIDES, Array, rotations

TERMS = 3
BEATS = 4
"""Beats in a bar."""
SWING_RANGES: dict[str, tuple[float, float, float]] = {
    "arm_down": (-75, 85, 60),
    "swing": (-35, 95, 30),
    "inward": (-10, 60, 15),
    "elbow": (0, 125, 35),
    "lean": (-15, 50, 20),
    "bend": (-32, 32, 16),
    "twist": (-42, 42, 20),
    "nod": (-20, 25, 10),
    "look": (-45, 45, 25),
    "roll": (-9, 9, 4),
    "pitch": (-4, 38, 3),
    "squat": (0, 46, 12),
    "step": (-1, 1, 1.2),
}
"""Name of an angle -> its lowest and highest value and the least range that a dance uses. squat is half a knee's bend;
step lifts the left leg where it is above 0 and the right one below."""
ARMS = ("arm_down", "swing", "inward", "elbow")
CANON = (0.0, 0.5, 0.25)
"""Cycles by which the right arm may follow the left: together, in turn, one after the other."""
FRONT = {"hip": 82.0, "knee": 88.0, "ankle": 6.0}
BACK = {"hip": -4.0, "knee": 92.0, "ankle": -42.0}
"""The legs of someone who kneels on one knee."""
ANKLE = (-35.0, 25.0)


@dataclass(frozen=True)
class Wave:
    """A sum of sines between `low` and `high`.

    terms: TERMS x (weight, cycles a bar, phase in cycles); the weights sum to one.
    """

    low: float
    high: float
    terms: tuple[tuple[float, float, float], ...]


@dataclass(frozen=True)
class Dance:
    """A choreography; all its dancers move alike at the same second.

    tempo: beats a second. waves: by the names of SWING_RANGES, those of ARMS with `left_` and `right_`. kick, fold,
    out: how far hip, knee and thigh go when a leg is lifted; stance: how far apart the feet are. jump: metres; kneel:
    the share of a phrase of four bars spent on one knee; drift: radians a bar by which all turn; spin: full turns a
    phrase.
    """

    tempo: float
    waves: Mapping[str, Wave] = field(hash=False)
    kick: float
    fold: float
    out: float
    stance: float
    jump: float
    kneel: float
    drift: float
    spin: int


@dataclass(frozen=True, eq=False)
class DancePoses:
    """The poses of B dancers at a moment each.

    rotations: (B, J, 3, 3) for `Body.skin`; turns: (B,) radians, counter-clockwise; lifts: (B,) metres between the
    lowest point and the floor.
    """

    rotations: Tensor
    turns: Array
    lifts: Array


def sample_dance(rng: np.random.Generator) -> Dance:
    """Draw a random choreography: calm or wild, with or without mirrored arms, jumps, spins or kneeling."""
    energy = rng.uniform(0.35, 1.0)
    waves = {name: sample_wave(rng, *SWING_RANGES[name], energy) for name in SWING_RANGES if name not in ARMS}
    lag = float(rng.choice(CANON))
    alone = rng.random() < 0.3
    for name in ARMS:
        left = sample_wave(rng, *SWING_RANGES[name], max(energy, 0.6))
        late = tuple((weight, rate, phase + lag * max(1.0, rate)) for weight, rate, phase in left.terms)
        waves[f"left_{name}"] = left
        waves[f"right_{name}"] = (
            sample_wave(rng, *SWING_RANGES[name], energy) if alone else Wave(left.low, left.high, late)
        )
    return Dance(
        tempo=float(rng.uniform(1.2, 2.2)),
        waves=waves,
        kick=float(rng.uniform(15, 70)),
        fold=float(rng.uniform(10, 100)),
        out=float(rng.uniform(0, 35)),
        stance=float(rng.uniform(2, 14)),
        jump=float(rng.uniform(0.04, 0.22)) if rng.random() < 0.3 else 0.0,
        kneel=float(rng.uniform(0.15, 0.3)) if rng.random() < 0.35 else 0.0,
        drift=float(rng.normal(0, 0.5)),
        spin=int(rng.choice([-1, 0, 1], p=[0.25, 0.5, 0.25])),
    )


def sample_wave(rng: np.random.Generator, low: float, high: float, least: float, energy: float) -> Wave:
    """Draw a wave within limits that spans at least `least` and about `energy` of the full range."""
    span = max(least, (high - low) * energy * rng.uniform(0.4, 1.0))
    start = low + rng.uniform(0, high - low - span)
    rates = rng.choice([0.25, 0.5, 1.0, 2.0], TERMS, replace=False, p=[0.25, 0.35, 0.3, 0.1])
    weights = rng.uniform(0.3, 1.0, TERMS) / np.sqrt(rates)
    terms = tuple(
        (float(weight), float(rate), float(phase))
        for weight, rate, phase in zip(weights / weights.sum(), rates, rng.random(TERMS), strict=True)
    )
    return Wave(float(start), float(start + span), terms)


def dance_poses(seconds: Array, dances: Sequence[Dance], vigour: Array | None = None) -> DancePoses:
    """Compute the poses of dancers; those with the same `Dance` and second have the same pose.

    seconds: (B,); dances: one a person; vigour: (B,) factors of each dancer's swings and jumps, 1 if left out.
    """
    bars = seconds * np.array([one.tempo for one in dances]) / BEATS
    strength = np.ones(len(bars)) if vigour is None else np.asarray(vigour, np.float64)

    def wave(name: str) -> Array:
        waves = [one.waves[name] for one in dances]
        low, high = np.array([(w.low, w.high) for w in waves]).T
        weight, rate, phase = np.array([w.terms for w in waves]).transpose(2, 0, 1)
        swing = (weight * np.sin(2 * np.pi * (rate * bars[:, None] + phase))).sum(1)
        swing = (1.5 - 0.5 * swing**2) * swing  # three sines seldom agree: stay longer near the limits
        return (low + high) / 2 + strength * (high - low) / 2 * swing

    angles = {name: wave(name) for name in ("lean", "bend", "twist", "nod", "look", "roll", "pitch")}
    for side, _ in SIDES:
        angles |= {f"{side}_{name}": wave(f"{side}_{name}") for name in ARMS}
        # the higher an arm, the more its bent forearm points up
        raised = np.maximum(0, 60 - angles[f"{side}_arm_down"])
        angles[f"{side}_inward"] -= np.minimum(0.75 * raised, 80)
    turns, airborne, kneeling = phrase_motion(bars, dances)
    # whoever kneels or is in the air bends less
    angles["pitch"] *= 1 - 0.8 * kneeling
    angles["lean"] *= 1 - 0.5 * kneeling
    lifts = np.array([one.jump for one in dances]) * strength * np.maximum(0, airborne) * (1 - kneeling)
    return DancePoses(rotations(angles | leg_angles(wave, angles["pitch"], kneeling, airborne, dances)), turns, lifts)


def phrase_motion(bars: Array, dances: Sequence[Dance]) -> tuple[Array, Array, Array]:
    """Compute the motion of a phrase of four bars, each (B,): turns, radians; a jump, -1 to 1; kneeling, 0 to 1."""
    drift, spin, jump, kneel = np.array([(one.drift, one.spin, one.jump, one.kneel) for one in dances]).T
    whole, place = np.divmod(bars / 4, 1)
    last_bar = smoothstep((place - 0.75) / 0.25)
    turns = drift * bars + 2 * np.pi * spin * (whole + last_bar)
    airborne = np.where(jump > 0, np.sin(2 * np.pi * bars * 2), 0.0)
    down = smoothstep((kneel / 2 - np.abs(place - 0.4)) / 0.1 + 0.5) * (kneel > 0)
    return turns, airborne, down


def leg_angles(
    wave: Callable[[str], Array], pitch: Array, kneeling: Array, airborne: Array, dances: Sequence[Dance]
) -> dict[str, Array]:
    """Compute the angles of the legs: one may be lifted, both bend, and one knee may go to the floor."""
    kick, fold, out, stance = np.array([(one.kick, one.fold, one.out, one.stance) for one in dances]).T
    step, squat = wave("step") * (1 - kneeling), wave("squat") + 18 * np.maximum(0, -airborne)
    angles: dict[str, Array] = {}
    for side, sign in SIDES:
        lifted = smoothstep(1.3 * sign * step)
        hip = squat + (kick - squat) * lifted
        knee = 3 + 2 * squat + (fold - 2 * squat) * lifted
        ankle = np.clip(knee - hip, *ANKLE) * (1 - lifted) - 20 * lifted
        ankle = ankle - 30 * np.maximum(0, airborne)
        low = FRONT if sign > 0 else BACK
        bent = {name: value + (low[name] - value) * kneeling for name, value in
                (("hip", hip), ("knee", knee), ("ankle", np.clip(ankle, -45, ANKLE[1])))}  # fmt: skip
        angles |= {f"{side}_{name}": value for name, value in bent.items()}
        angles[f"{side}_hip"] = bent["hip"] + pitch
        angles[f"{side}_hip_out"] = (stance + out * lifted) * (1 - 0.7 * kneeling)
        angles[f"{side}_toe_out"] = 6 + 0.5 * stance
    return angles


def smoothstep(x: Array) -> Array:
    """A smooth step from 0 below 0 to 1 above 1."""
    x = np.clip(x, 0, 1)
    return x * x * (3 - 2 * x)
