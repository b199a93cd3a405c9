"""A dressed person in a pose and a place: where each bone and each carried thing goes, and the keypoints.

numpy outside, torch inside the body's kinematics.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from sameperson.world.body import Body
from sameperson.world.dress import Dressed
from sameperson.world.mesh import Floats


def heading(yaw: Floats) -> Floats:
    """Rotations (B, 3, 3) about the vertical, counter-clockwise."""
    c, s, zero, one = np.cos(yaw), np.sin(yaw), np.zeros_like(yaw), np.ones_like(yaw)
    return np.stack([np.stack([c, -s, zero], -1), np.stack([s, c, zero], -1), np.stack([zero, zero, one], -1)], -2)


def upright(rotation: Floats) -> Floats:
    """What is left of a rotation (3, 3) when only the turn about the vertical is kept."""
    return heading(np.array([np.arctan2(-rotation[0, 1], rotation[1, 1])]))[0]


def bone_moves(
    body: Body, dressed: Sequence[Dressed], rotations: Floats, yaw: Floats, position: Floats
) -> NDArray[np.float32]:
    """Transforms (F, B, 4, 4) from the rest pose to the world, for joints, then attachments; unused ones do nothing.

    rotations: (F, J, 3, 3); yaw: (F,) radians; position: (F, 2) metres. Heights are as the pose leaves them.
    """
    joints = torch.from_numpy(np.stack([one.joints for one in dressed]))
    with torch.no_grad():
        moves = body.moves(joints, torch.from_numpy(np.asarray(rotations, np.float32))).numpy()
    count, most = moves.shape[1], max(len(one.attachments) for one in dressed)
    local = np.tile(np.eye(4), (len(dressed), count + most, 1, 1))
    local[:, :count, :3] = moves
    for figure, one in zip(local, dressed, strict=True):
        for k, attachment in enumerate(one.attachments):
            turn, shift = figure[attachment.joint, :3, :3], figure[attachment.joint, :3, 3]
            figure[count + k, :3, :3] = upright(turn) if attachment.upright else turn
            figure[count + k, :3, 3] = turn @ attachment.anchor + shift
    world = np.tile(np.eye(4), (len(dressed), 1, 1))
    world[:, :3, :3] = heading(np.asarray(yaw, np.float64))
    world[:, :2, 3] = position
    return (world[:, None] @ local).astype(np.float32)


def keypoints(dressed: Sequence[Dressed], bones: Floats, ground: Floats) -> Floats:
    """World keypoints (F, 23, 3) of the bodies inside the clothes; ground: (F,) height that is set to 0."""
    moments = np.stack([one.keypoint_moments for one in dressed])
    points = np.einsum("fjcd,fkjd->fkc", bones[:, : moments.shape[2], :3], moments, optimize=True)
    points[..., 2] -= ground[:, None]
    return points
