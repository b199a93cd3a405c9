"""Occluders: things and people in front of a person, or a crowd around them.

numpy throughout.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import numpy as np

from sameperson.world.body.gestures import gesture_rotations, sample_posture
from sameperson.world.body.mesh import Floats
from sameperson.world.figures.figure import Figure, Prop, yaw_rotations
from sameperson.world.figures.obstacles import sample_obstacle
from sameperson.world.pictures.crop import Shot
from sameperson.world.places.camera import Camera, project
from sameperson.world.plan import WorldPlan
from sameperson.world.population import stranger

T = TypeVar("T")
TALL, WIDE = 1.7, 0.24
"""A person's height and half width, metres, for estimating what an occluder hides."""
LEAST, MOST = 0.15, 0.75
"""Share of a person's box that an occluder hides at degree 0 and at degree 1."""
BEFORE = (0.35, 2.2)
"""Metres between a person and an occluder in front: least and most."""
PEOPLE_IN_FRONT = 0.4
"""How often the occluder is a person."""
STRANGERS = 3
"""How many different strangers appear around one person."""
NEAR = (0.45, 1.7)
"""Metres between a person and others of a crowd: least and most."""
TRIES = 60


def add_occluder(plan: WorldPlan, pid: int, shot: Shot, rng: np.random.Generator) -> Shot:
    """Add a thing or a person in front; the plan's degree says how much of the person it hides."""
    wanted = LEAST + (MOST - LEAST) * np.clip(rng.normal(plan.degree, 0.18), 0, 1)
    if rng.random() < PEOPLE_IN_FRONT:
        stranger_at = stranger_factory(plan, pid, rng)
        return replace(shot, bystanders=(*shot.bystanders, place_occluder(shot, rng, wanted, stranger_at, WIDE, TALL)))
    thing = sample_obstacle(rng)
    yaw = float(np.arctan2(shot.camera.R[0, 1], shot.camera.R[0, 0]) + rng.normal(0, 0.35))

    def prop(spot: Floats) -> Prop:
        return Prop(thing, yaw, spot)

    return replace(shot, props=(*shot.props, place_occluder(shot, rng, wanted, prop, thing.size[0] / 2, thing.size[2])))


def place_occluder(
    shot: Shot, rng: np.random.Generator, wanted: float, build: Callable[[Floats], T], half: float, tall: float
) -> T:
    """Place an occluder where it hides most nearly the wanted share of the person.

    build: makes the occluder at a spot; half, tall: its half width and height, metres. Several random spots are tried.
    """
    camera, position = shot.camera, np.asarray(shot.figure.position)
    towards = camera.eye[:2] - position
    towards /= np.linalg.norm(towards)
    right = camera.R[0, :2]
    reach = half + WIDE
    spots = position + rng.uniform(*BEFORE, (TRIES, 1)) * towards + rng.uniform(-reach, reach, (TRIES, 1)) * right
    target = card_box(camera, position, WIDE, TALL)
    shares = [covered_share(target, card_box(camera, spot, half, tall)) for spot in spots]
    return build(spots[int(np.argmin(np.abs(np.array(shares) - wanted)))])


def card_box(camera: Camera, spot: Floats, half: float, tall: float) -> Floats:
    """Compute the box (left, top, right, bottom) in the full frame of an upright card that faces the camera."""
    across = half * camera.R[0, :2]
    corners = [(*(spot + side * across), height) for side in (-1, 1) for height in (0.0, tall)]
    seen = project(camera, np.array(corners))[:, :2]
    return np.concatenate([seen.min(0), seen.max(0)])


def covered_share(box: Floats, cover: Floats) -> float:
    """Compute the share of a box that another box covers."""
    width, height = np.minimum(box[2:], cover[2:]) - np.maximum(box[:2], cover[:2])
    return float(max(width, 0) * max(height, 0) / np.prod(box[2:] - box[:2]))


def stranger_factory(plan: WorldPlan, pid: int, rng: np.random.Generator) -> Callable[[Floats], Figure]:
    """Draw a stranger with a posture and a direction; returns a function that places them at a spot."""
    identity, clothed = stranger(plan, pid, int(rng.integers(STRANGERS)))
    walking = bool(rng.random() < 0.6)
    posture, phase = sample_posture(rng, walking), rng.uniform(0, 2 * np.pi, 1)
    rotations = gesture_rotations(phase, [identity.gait], [posture], np.array([walking]))[0].numpy()
    yaw = float(rng.uniform(0, 2 * np.pi))
    return lambda spot: Figure(clothed, rotations, yaw, spot)


def add_crowd(plan: WorldPlan, pid: int, shot: Shot, rng: np.random.Generator) -> Shot:
    """Add people around, more at a higher degree of the plan; most do not stand in front."""
    position, eye = np.asarray(shot.figure.position), shot.camera.eye[:2]
    spots: list[Floats] = [position]
    bystanders = list(shot.bystanders)
    for _ in range(1 + int(rng.binomial(5, 0.2 + 0.7 * plan.degree))):
        for _ in range(TRIES):
            angle = np.array([rng.uniform(0, 2 * np.pi)])
            spot = position + (yaw_rotations(angle)[0] @ np.array([rng.uniform(*NEAR), 0, 0]))[:2]
            nearer = np.linalg.norm(spot - eye) < np.linalg.norm(position - eye) - 0.1
            if min(np.linalg.norm(spot - other) for other in spots) > NEAR[0] and not (nearer and rng.random() < 0.7):
                bystanders.append(stranger_factory(plan, pid, rng)(spot))
                spots.append(spot)
                break
    return replace(shot, bystanders=tuple(bystanders))
