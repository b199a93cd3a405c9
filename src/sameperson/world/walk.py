"""Someone walks past a camera: a few moments of one walk, each a shot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from sameperson.world.body import load_body
from sameperson.world.camera import Camera
from sameperson.world.crop import Shot, place
from sameperson.world.dress import Dressed, dress
from sameperson.world.figure import Figure
from sameperson.world.identity import Identity, sample_identity
from sameperson.world.plan import Stream, WorldPlan
from sameperson.world.pose import stride_length, walk
from sameperson.world.wardrobe import sample_outfit

FRAMES_PER_SECOND = 25
PAUSE = (8, 20)
"""Frames between two shots."""
TURN = 0.35
"""Radians by which a walk bends from shot to shot (standard deviation)."""
LEG = 0.85
"""Metres from hip to floor, to tell the pace of a gait."""
GLANCE = (15.0, 5.0)
"""Degrees by which a head turns to the side and nods (standard deviations)."""


@dataclass(frozen=True, eq=False)
class Walk:
    """One person in one outfit past one camera: shots in the order of their frames."""

    outfit: int
    camera: int
    shots: Sequence[Shot]
    frames: Sequence[int]


def walk_past(plan: WorldPlan, pid: int, cameras: Sequence[Camera]) -> Iterator[Walk]:
    """Every walk of one person: each outfit past each camera."""
    identity = sample_identity(plan.rng(Stream.IDENTITY, pid))
    for outfit in range(plan.outfits):
        clothes = sample_outfit(plan.rng(Stream.OUTFIT, pid, outfit), identity)
        dressed = dress(load_body(), identity, clothes)
        for number, camera in enumerate(cameras):
            which = (pid, outfit, number)
            frames, shots = moments(plan, which, identity, dressed, camera)
            yield Walk(outfit, number, shots, frames)


def moments(
    plan: WorldPlan, which: tuple[int, int, int], identity: Identity, dressed: Dressed, camera: Camera
) -> tuple[list[int], list[Shot]]:
    """Frames and shots of one walk; which: person, outfit, camera."""
    rng = plan.rng(Stream.TRACK, *which)
    gait = identity.gait
    frames = rng.integers(1, 9000) + np.cumsum(rng.integers(*PAUSE, plan.shots, endpoint=True))
    seconds = (frames - frames[0]) / FRAMES_PER_SECOND
    phases = rng.uniform(0, 2 * np.pi) + 2 * np.pi * gait.cadence * seconds
    yaws = rng.uniform(0, 2 * np.pi) + np.cumsum(rng.normal(0, TURN, plan.shots))
    glances = rng.normal(0, GLANCE, (plan.shots, 2))
    steps = stride_length(LEG, gait) * gait.cadence * np.diff(seconds, prepend=0.0)
    path = np.cumsum(steps[:, None] * np.stack([np.sin(yaws), -np.cos(yaws)], axis=1), axis=0)
    # The middle of the walk is where the camera sees best.
    positions = place(rng, camera) + path - path.mean(axis=0)
    rotations = walk(phases, [gait] * plan.shots, glances).numpy()
    shots = [
        Shot(Figure(dressed, rotations[k], float(yaws[k]), positions[k]), camera, plan.rng(Stream.SHOT, *which, k))
        for k in range(plan.shots)
    ]
    return frames.tolist(), shots
