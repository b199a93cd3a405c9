"""Figures and props in a place: the transforms of their bones and accessories, and the keypoints.

numpy outside, torch inside the body's kinematics.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from sameperson.world.body.mesh import Floats
from sameperson.world.body.model import KEYPOINTS, Body
from sameperson.world.figures.dress import Dressed
from sameperson.world.figures.obstacles import Obstacle


@dataclass(frozen=True, eq=False)
class Figure:
    """A dressed person with a pose and a position.

    rotations: (J, 3, 3) as `Body.skin` takes them; yaw: radians, 0 faces -Y; position: (2,) metres; lift: metres
    between the floor and the lowest point, as in a jump.
    """

    dressed: Dressed
    rotations: Floats
    yaw: float
    position: NDArray[np.floating]
    lift: float = 0.0


@dataclass(frozen=True, eq=False)
class Prop:
    """A thing with a position; fields as in `Figure`."""

    obstacle: Obstacle
    yaw: float
    position: NDArray[np.floating]
    lift: float = 0.0


def yaw_rotations(yaw: Floats) -> Floats:
    """Compute rotations (B, 3, 3) about the vertical, counter-clockwise, from yaws (B,) in radians."""
    c, s, zero, one = np.cos(yaw), np.sin(yaw), np.zeros_like(yaw), np.ones_like(yaw)
    return np.stack([np.stack([c, -s, zero], -1), np.stack([s, c, zero], -1), np.stack([zero, zero, one], -1)], -2)


def upright_rotation(rotation: Floats) -> Floats:
    """Keep only a rotation's (3, 3) turn about the vertical."""
    return yaw_rotations(np.array([np.arctan2(-rotation[0, 1], rotation[1, 1])]))[0]


def bone_transforms(body: Body, figures: Sequence[Figure], props: Sequence[Prop] = ()) -> NDArray[np.float32]:
    """Compute bone transforms (F + P, B, 4, 4) from the rest pose to the world, not yet put on the floor.

    A figure's are its joints', then its attachments'; a prop has one. Unused ones are the identity.
    """
    count = len(body.bones) + max((len(one.dressed.attachments) for one in figures), default=0)
    local = np.tile(np.eye(4), (len(figures) + len(props), count, 1, 1))
    if figures:
        joints = torch.from_numpy(np.stack([one.dressed.joints for one in figures]))
        rotations = np.stack([one.rotations for one in figures]).astype(np.float32)
        with torch.no_grad():
            moves = body.joint_transforms(joints, torch.from_numpy(rotations)).numpy()
        local[: len(figures), : len(body.bones), :3] = moves
    for bones, figure in zip(local, figures, strict=False):
        for k, attachment in enumerate(figure.dressed.attachments, start=len(body.bones)):
            turn, shift = bones[attachment.joint, :3, :3], bones[attachment.joint, :3, 3]
            bones[k, :3, :3] = upright_rotation(turn) if attachment.upright else turn
            bones[k, :3, 3] = turn @ attachment.anchor + shift
    world = np.tile(np.eye(4), (len(local), 1, 1))
    everything = (*figures, *props)
    world[:, :3, :3] = yaw_rotations(np.array([one.yaw for one in everything], np.float64))
    world[:, :2, 3] = [one.position for one in everything]
    return (world[:, None] @ local).astype(np.float32)


def world_keypoints(figures: Sequence[Figure], bones: Floats, ground: Floats) -> Floats:
    """Compute the world keypoints (F, 23, 3) of the bodies inside the clothes.

    bones: (F or more, B, 4, 4) of `bone_transforms`; ground: (F or more,) height of the lowest point, which is put
    on the floor and then lifted.
    """
    if not figures:
        return np.zeros((0, len(KEYPOINTS), 3))
    moments = np.stack([one.dressed.keypoint_moments for one in figures])
    moves = bones[: len(figures), : moments.shape[2], :3]
    points = np.einsum("fjcd,fkjd->fkc", moves, moments, optimize=True)
    lifts = np.array([one.lift for one in figures])
    points[..., 2] += (lifts - ground[: len(figures)])[:, None]
    return points
