"""The actors of a film, frame by frame: position, motion, posture and outfit of each person.

Everything follows from the plan, so any frame can be drawn by any process. numpy outside, torch inside the body.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from sameperson.world.body.gestures import gesture_rotations, sample_posture
from sameperson.world.body.model import load_body
from sameperson.world.body.pose import stride_length
from sameperson.world.figures.dress import Dressed
from sameperson.world.figures.figure import Figure
from sameperson.world.films.plan import FilmPlan, FilmStream, ground_of
from sameperson.world.films.trajectories import Floats, Paths, simulate
from sameperson.world.plan import WorldPlan
from sameperson.world.population import dressed_person, identity_of

GLANCE = (18.0, 5.0)
"""Standard deviations of the head's turn to the side and of its nod, degrees."""
GLANCE_SECONDS = 1.4
"""Seconds between two glances."""
WALKS_FROM = 0.4
"""The share of the usual pace below which a walk blends into standing."""
SHORTEST_STEP = 0.2
"""The smallest step, as a share of the usual stride."""
MOMENTARY = ("waving", "pointing")
WEIGHT_SHIFTS = 0.17
"""Cycles a second in which a standing person's weight shifts from leg to leg and back."""


@lru_cache(maxsize=128)
def leg_of(plan: WorldPlan, pid: int) -> float:
    """Measure the metres from a person's hip joints to the soles."""
    body = load_body()
    with torch.no_grad():
        rest = body.rest(torch.tensor([identity_of(plan, pid).betas]))
        hip = body.joints(rest)[0, body.bone("left_thigh"), 2]
    return float(hip - rest[0, : body.body_vertices, 2].min())


def pace_of(plan: WorldPlan, pid: int) -> float:
    """Compute a person's walking speed, metres a second."""
    gait = identity_of(plan, pid).gait
    return stride_length(leg_of(plan, pid), gait) * gait.cadence


@lru_cache(maxsize=4)
def paths_of(plan: FilmPlan) -> Paths:
    """Simulate the paths of all people of a film; person `pid` is number `pid - 1`."""
    paces = [pace_of(plan.people_plan, pid) for pid in range(1, plan.people + 1)]
    return simulate(plan.rng(FilmStream.PATHS, 1), ground_of(plan), paces, plan.frames, plan.fps)


@dataclass(frozen=True, eq=False)
class ActorMotion:
    """A person's motion in every frame.

    phases: (T, 2) of the walk and of standing, radians; step: (T,) the share of their usual stride; glances: (T, 2)
    degrees; walking, standing: names of postures.
    """

    phases: Floats
    step: Floats
    glances: Floats
    walking: str
    standing: str


@lru_cache(maxsize=128)
def motion_of(plan: FilmPlan, pid: int) -> ActorMotion:
    """Compute a person's motion along their path, without foot skating.

    The distance of one stride is one gait cycle; slow people take fewer and smaller steps.
    """
    paths, gait, rng = paths_of(plan), identity_of(plan.people_plan, pid).gait, plan.rng(FilmStream.HABITS, pid)
    pace, leg = pace_of(plan.people_plan, pid), leg_of(plan.people_plan, pid)
    step = np.sqrt(np.clip(paths.speed[:, pid - 1] / pace, SHORTEST_STEP**2, 1))
    strides = np.array([stride_length(leg, replace(gait, stride=gait.stride * share)) for share in step])
    way = np.diff(paths.walked[:, pid - 1], prepend=0.0)
    seconds = np.arange(plan.frames) / plan.fps
    knots = np.arange(0, seconds[-1] + 2 * GLANCE_SECONDS, GLANCE_SECONDS)
    looks = rng.normal(0, GLANCE, (len(knots), 2)) * (rng.random((len(knots), 1)) < 0.5)
    walk, idle = rng.uniform(0, 2 * np.pi, 2)
    return ActorMotion(
        phases=np.stack([walk + np.cumsum(2 * np.pi * way / strides), idle + 2 * np.pi * WEIGHT_SHIFTS * seconds], -1),
        step=step,
        glances=np.stack([np.interp(seconds, knots, column) for column in looks.T], -1),
        walking=lasting_posture(sample_posture(rng, walking=True)),
        standing=lasting_posture(sample_posture(rng)),
    )


def lasting_posture(posture: str) -> str:
    """Replace a posture that lasts only a moment by the plain one."""
    return "plain" if posture in MOMENTARY else posture


def figures_at(plan: FilmPlan, frame: int) -> dict[int, Figure]:
    """Pose the figures of all people who are present in a frame, by pid."""
    paths = paths_of(plan)
    here = (np.flatnonzero(paths.present[frame]) + 1).tolist()
    if not here:
        return {}
    conducts = [motion_of(plan, pid) for pid in here]
    gaits = [identity_of(plan.people_plan, pid).gait for pid in here]
    step = np.array([one.step[frame] for one in conducts])
    shorter = [replace(g, stride=g.stride * s, swing=g.swing * s) for g, s in zip(gaits, step.tolist(), strict=True)]
    phases = np.array([one.phases[frame] for one in conducts])
    glances = np.array([one.glances[frame] for one in conducts])
    walks = np.ones(len(here), bool)
    walking = gesture_rotations(phases[:, 0], shorter, [one.walking for one in conducts], walks, glances)
    standing = gesture_rotations(phases[:, 1], gaits, [one.standing for one in conducts], ~walks, glances)
    share = (step**2 - SHORTEST_STEP**2) / WALKS_FROM
    rotations = blend_rotations(standing.numpy(), walking.numpy(), np.clip(share, 0, 1))
    return {
        pid: Figure(
            dressed_actor(plan.people_plan, pid, outfit_at(plan, pid, frame)),
            rotations[k],
            float(paths.yaw[frame, pid - 1]),
            paths.position[frame, pid - 1],
        )
        for k, pid in enumerate(here)
    }


@lru_cache(maxsize=128)
def dressed_actor(plan: WorldPlan, pid: int, outfit: int) -> Dressed:
    """Dress a person in one of their outfits; the result is kept for the whole film."""
    return dressed_person(plan, pid, outfit)


def outfit_at(plan: FilmPlan, pid: int, frame: int) -> int:
    """The number of the outfit that a person wears in a frame: the next one each time they come in."""
    return int(paths_of(plan).visit[frame, pid - 1]) % plan.outfits


def blend_rotations(one: NDArray[Any], other: NDArray[Any], share: Floats) -> NDArray[np.float32]:
    """Blend rotations (B, J, 3, 3) from one to the other by `share` (B,), smoothly at both ends."""
    eased = (share * share * (3 - 2 * share))[:, None, None, None]
    left, _, right = np.linalg.svd((1 - eased) * one + eased * other)
    return (left @ right).astype(np.float32)
