"""Tracklets: several shots of one person before one camera, of a walk or of a dance among others.

numpy throughout.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from sameperson.world.body.gestures import gesture_rotations, sample_posture
from sameperson.world.body.mesh import Floats
from sameperson.world.body.pose import stride_length
from sameperson.world.figures.dress import Dressed
from sameperson.world.figures.figure import Figure
from sameperson.world.pictures.crop import Shot, sample_spot, sees_whole_person
from sameperson.world.pictures.group_dance import FRAMES_PER_SECOND, sample_group_dance
from sameperson.world.places.camera import Camera
from sameperson.world.plan import Stream, WorldPlan
from sameperson.world.population import dressed_person, identity_of

PAUSE = (8, 20)
"""Frames between two shots of a walk."""
TURN = 0.35
"""Radians by which a walk bends from shot to shot (standard deviation)."""
LEG = 0.85
"""Metres from hip to floor, from which a gait's pace is computed."""
GLANCE = (15.0, 5.0)
"""Standard deviations of the head's turn to the side and of its nod, degrees."""
STANDING_SHARE = 0.12
"""How often a person stands instead of walking."""
STEP = 5
"""Frames from one picture of a dance to the next, as in DanceReID."""
ENCORE = 2
"""How many pictures of a dance are taken after the interval."""
PULLS = 8
"""How many spots are tried on the way back into view."""


@dataclass(frozen=True, eq=False)
class Tracklet:
    """A tracklet of one person in one outfit: shots in the order of their frames.

    camid: the camera's number or, in a dance, the moment's; track: the same for tracklets that belong together.
    after_interval: whether it was filmed after the interval of a dance.
    """

    outfit: int
    camid: int
    track: int
    shots: Sequence[Shot]
    frames: Sequence[int]
    after_interval: bool = False


def walk_tracklets(plan: WorldPlan, pid: int, cameras: Sequence[Camera]) -> Iterator[Tracklet]:
    """Draw the walks of one person: each outfit past each camera."""
    for outfit in range(plan.outfits):
        for number in plan.cameras_of(pid):
            if outfit not in plan.outfits_in(number):
                continue
            who = dressed_person(plan, pid, outfit)
            frames, shots = sample_walk(plan, (pid, outfit, number), who, cameras[number])
            track = ((pid - 1) * plan.outfits + outfit) * plan.cameras + number
            yield Tracklet(outfit, number, track, shots, frames)


def sample_walk(
    plan: WorldPlan, which: tuple[int, int, int], who: Dressed, camera: Camera
) -> tuple[list[int], list[Shot]]:
    """Draw the frames and shots of one walk, sometimes of a standing person; which: person, outfit, camera."""
    rng = plan.rng(Stream.TRACK, *which)
    gait = identity_of(plan, which[0]).gait
    frames = rng.integers(1, 9000) + np.cumsum(rng.integers(*PAUSE, plan.shots, endpoint=True))
    seconds = (frames - frames[0]) / FRAMES_PER_SECOND
    walking = bool(rng.random() > STANDING_SHARE)
    phases = rng.uniform(0, 2 * np.pi) + 2 * np.pi * gait.cadence * seconds
    yaws = rng.uniform(0, 2 * np.pi) + np.cumsum(rng.normal(0, TURN, plan.shots))
    steps = walking * stride_length(LEG, gait) * gait.cadence * np.diff(seconds, prepend=0.0)
    path = np.cumsum(steps[:, None] * np.stack([np.sin(yaws), -np.cos(yaws)], axis=1), axis=0)
    # The middle of the walk is where the camera sees best; who would leave its view stays nearer to it.
    middle = sample_spot(rng, camera)
    positions = [pull_into_view(camera, middle, middle + step) for step in path - path.mean(axis=0)]
    glances = rng.normal(0, GLANCE, (plan.shots, 2))
    postures = [sample_posture(rng, walking)] * plan.shots
    rotations = gesture_rotations(phases, [gait] * plan.shots, postures, np.full(plan.shots, walking), glances).numpy()
    figures = [Figure(who, rotations[k], float(yaws[k]), positions[k]) for k in range(plan.shots)]
    return frames.tolist(), [Shot(figure, camera, plan.rng(Stream.SHOT, *which, k)) for k, figure in enumerate(figures)]


def pull_into_view(camera: Camera, middle: Floats, spot: Floats) -> Floats:
    """Return a spot (2,), or if it is out of view the furthest spot in view on the way to it from the middle."""
    for share in np.linspace(1, 0, PULLS, endpoint=False):
        nearer = middle + share * (spot - middle)
        if sees_whole_person(camera, nearer):
            return nearer
    return middle


def dance_tracklets(plan: WorldPlan, pid: int) -> Iterator[Tracklet]:
    """Draw the tracklets of one person in the dance of their group: one shot for each moment.

    The other dancers are in the picture too. A moment counts as a camera, as in DanceReID, since pictures of one moment
    cannot be matched.
    """
    video, members = plan.group_of(pid)
    show = sample_group_dance(plan, video, members)
    frames = show.first + STEP * np.arange(plan.shots) + show.interval * (np.arange(plan.shots) >= plan.shots - ENCORE)
    for moment, frame in enumerate(frames.tolist()):
        figures = show.figures(frame)
        others = tuple(figure for member, figure in figures.items() if member != pid)
        shot = Shot(figures[pid], show.camera, plan.rng(Stream.SHOT, pid, moment), others)
        yield Tracklet(0, moment, pid - 1, [shot], [frame], after_interval=moment >= plan.shots - ENCORE)
