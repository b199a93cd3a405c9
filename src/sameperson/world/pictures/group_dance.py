"""Group dances before one camera: where each dancer stands, and everyone's pose at any frame.

numpy throughout.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from sameperson.world.body.mesh import Floats
from sameperson.world.body.pose import Array
from sameperson.world.figures.figure import Figure
from sameperson.world.pictures.choreography import Dance, dance_poses, sample_dance
from sameperson.world.pictures.crop import sample_spot, sees_whole_person
from sameperson.world.places.camera import Camera, sample_camera
from sameperson.world.plan import Stream, WorldPlan
from sameperson.world.population import dressed_person

FRAMES_PER_SECOND = 25
INTERVAL = (80, 200)
"""Frames between the first and the last pictures of a dance: least and most."""
STAGES = 40
"""How many places for a dance are tried."""
SPACING = 1.0
"""Metres between dancers."""


@dataclass(frozen=True, eq=False)
class GroupDance:
    """A dance of a group before its camera.

    members: their pids; places: (M, 2) where they stand, metres; lag: (M,) seconds that each is ahead; vigour: (M,) how
    far each goes; towards: radians that face the camera; yaw: by which all look past it at the first frame; first: its
    number; interval: in frames.
    """

    plan: WorldPlan
    members: Sequence[int]
    camera: Camera
    choreography: Dance
    places: Floats
    lag: Array
    vigour: Array
    towards: float
    yaw: float
    first: int
    interval: int

    def figures(self, frame: int) -> dict[int, Figure]:
        """The figures of all dancers at a frame, by pid."""
        everyone = [self.choreography] * len(self.members)
        before = dance_poses(np.array([self.first / FRAMES_PER_SECOND]), [self.choreography]).turns[0]
        moves = dance_poses(frame / FRAMES_PER_SECOND + self.lag, everyone, self.vigour)
        rotations, turns = moves.rotations.numpy(), moves.turns - before + self.yaw + self.towards
        return {
            member: Figure(
                dressed_person(self.plan, member, 0),
                rotations[k],
                float(turns[k]),
                self.places[k],
                float(moves.lifts[k]),
            )
            for k, member in enumerate(self.members)
        }


def sample_group_dance(plan: WorldPlan, video: int, members: Sequence[int]) -> GroupDance:
    """Draw the dance of a group from the plan and the group's number `video`."""
    rng = plan.rng(Stream.VIDEO, video)
    # a video camera does not flicker from frame to frame
    camera, choreography = replace(sample_camera(rng), unsteadiness=0.0), sample_dance(rng)
    spot, formation = stand_in_formation(rng, camera, len(members))
    first, interval = int(rng.integers(1, 2000)), int(rng.integers(*INTERVAL))
    lag, vigour, yaw = rng.normal(0, 0.06, len(members)), rng.uniform(0.8, 1.1, len(members)), rng.uniform(-0.3, 0.3)
    towards = np.arctan2(*(np.array([1, -1]) * (camera.eye[:2] - spot)))
    return GroupDance(
        plan=plan,
        members=tuple(members),
        camera=camera,
        choreography=choreography,
        places=spot + formation,
        lag=lag,
        vigour=vigour,
        towards=float(towards),
        yaw=float(yaw),
        first=first,
        interval=interval,
    )


def stand_in_formation(rng: np.random.Generator, camera: Camera, count: int) -> tuple[Floats, Floats]:
    """Draw the middle of a dance (2,) and the dancers' places (count, 2), metres; all are in view if they fit.

    They stand in rows across the view, those behind in the gaps.
    """
    wide = max(2, -(-count // 2))
    row, column = np.divmod(np.arange(count), wide)
    across = (column + 0.5 * (row % 2) - (wide - 1) / 2) * SPACING
    away = (row - (row.max() / 2)) * SPACING * 0.9
    right, forward = camera.R[0, :2], camera.R[2, :2] / np.linalg.norm(camera.R[2, :2])
    around = across[:, None] * right + away[:, None] * forward + rng.normal(0, 0.12, (count, 2))
    spots = (sample_spot(rng, camera) for _ in range(STAGES))
    spot = max(spots, key=lambda spot: sum(sees_whole_person(camera, spot + step) for step in around))
    return spot, around
