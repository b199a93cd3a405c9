"""A differentiable body: shape, pose and clothes' offsets -> vertices, joints and keypoints.

torch in, torch out; gradients flow to every argument. Tables are buffers and move with `.to(device)`. It needs no
renderer.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from sameperson.checks import InputError, choose
from sameperson.world.body.model import SKIN, Body, load_body
from sameperson.world.body.pose import rotation_matrices

COARSE = Path(__file__).parent / "assets" / "coarse_v1.npz"


@dataclass(frozen=True, eq=False)
class Posed:
    """Posed bodies in the world, metres: vertices (B, V, 3), joints (B, J, 3), keypoints (B, 23, 3), COCO-17 first."""

    vertices: Tensor
    joints: Tensor
    keypoints: Tensor


class LearnableBody(nn.Module):
    """The naked body of `world.body.model`, batched and differentiable.

    mesh: "full", the skin; or "coarse", 1,230 of its vertices, for training. body: another one than the shipped.
    Buffers: triangles (F, 3) of the chosen mesh, closed and wound counter-clockwise seen from outside; index (V,) its
    vertices among the body's. InputError for an unknown mesh, or where the coarse one was made of another body.
    """

    triangles: Tensor
    index: Tensor
    mean: Tensor
    basis: Tensor
    weights: Tensor
    joint_mean: Tensor
    joint_basis: Tensor
    moment_mean: Tensor
    moment_basis: Tensor

    def __init__(self, mesh: str = "coarse", body: Body | None = None) -> None:
        super().__init__()
        self.body = load_body() if body is None else body
        index, triangles = choose("mesh", mesh, MESHES)(self.body)
        mean, basis = torch.from_numpy(self.body.mean)[None], torch.from_numpy(self.body.basis)
        weights = torch.zeros(len(self.body.template), len(self.body.bones))
        weights.scatter_add_(1, torch.from_numpy(self.body.skin_index), torch.from_numpy(self.body.skin_weight))
        tables = {
            "triangles": triangles,
            "index": index,
            "mean": mean[0, index],
            "basis": basis[:, index],
            "weights": weights[index],
            "joint_mean": self.body.joints(mean)[0],
            "joint_basis": self.body.joints(basis),
            "moment_mean": moments(self.body, mean, weights, 1.0)[0],
            "moment_basis": moments(self.body, basis, weights, 0.0),
        }
        for name, table in tables.items():
            self.register_buffer(name, table.clone(), persistent=False)

    def forward(
        self, betas: Tensor, rotations: Tensor, translation: Tensor | None = None, offsets: Tensor | None = None
    ) -> Posed:
        """Pose bodies.

        betas: (B, K), K from 1 to 32, standard normal over people. rotations: (B, J, 3, 3), each joint's turn relative
        to its parent about world axes, as `world.body.pose` makes them; or (B, J, 3), the same as rotation
        vectors in radians. The root's turn is the whole body's. translation: (B, 3) metres. offsets: (B, V, 3) metres,
        added in the rest pose, for clothes and hair: they bend with the limbs, and neither joints nor keypoints follow
        them (Chen et al., CVPR 2021). Returns a `Posed`.
        """
        if rotations.ndim == 3:
            rotations = rotation_matrices(rotations)
        rest = blend(betas, self.mean, self.basis)
        if offsets is not None:
            rest = rest + offsets
        heads = blend(betas, self.joint_mean, self.joint_basis)
        moves = self.body.joint_transforms(heads, rotations)
        skinned = torch.einsum("vj,bjk->bvk", self.weights, moves.flatten(2)).unflatten(-1, (3, 4))
        vertices = torch.einsum("bvcd,bvd->bvc", skinned[..., :3], rest) + skinned[..., 3]
        joints = torch.einsum("bjcd,bjd->bjc", moves[..., :3], heads) + moves[..., 3]
        keypoints = torch.einsum("bjcd,bkjd->bkc", moves, blend(betas, self.moment_mean, self.moment_basis))
        shift = 0.0 if translation is None else translation[:, None]
        return Posed(vertices + shift, joints + shift, keypoints + shift)


def blend(betas: Tensor, mean: Tensor, basis: Tensor) -> Tensor:
    """Evaluate betas (B, K) in a linear shape space: mean (...), basis (32, ...) -> (B, ...)."""
    return mean + torch.tensordot(betas, basis[: betas.shape[1]], 1)


def moments(body: Body, rest: Tensor, weights: Tensor, one: float) -> Tensor:
    """Compute keypoint moments (N, 23, J, 4) of rest vertices (N, V, 3).

    The sum over joints of transform (3, 4) @ moment is a keypoint: the keypoint regressor is linear in posed vertices,
    and these in their place at rest, so only the sums are kept.
    """
    index = torch.from_numpy(body.keypoint_index)
    corners = rest[:, index]
    corners = torch.cat([corners, corners.new_full((*corners.shape[:-1], 1), one)], -1)
    return torch.einsum("kp,kpj,nkpd->nkjd", torch.from_numpy(body.keypoint_weight), weights[index], corners)


def full_skin(body: Body) -> tuple[Tensor, Tensor]:
    """All vertices (V,) of the skin and its triangles (F, 3)."""
    return torch.arange(body.body_vertices), torch.from_numpy(body.triangles[body.layers == SKIN]).long()


def coarse_skin(body: Body) -> tuple[Tensor, Tensor]:
    """The vertices (V,) among the body's and the triangles (F, 3) that `tools/coarsen_body.py` kept."""
    with np.load(COARSE, allow_pickle=False) as file:
        index, triangles, of = file["index"], file["triangles"], int(file["of"])
    if of != body.body_vertices:
        raise InputError(
            f"{COARSE.name}: thinned from a skin of {of} vertices",
            f"{body.body_vertices}, the body's",
            "run tools/coarsen_body.py, or use mesh='full'",
        )
    return torch.from_numpy(index).long(), torch.from_numpy(triangles).long()


MESHES = {"full": full_skin, "coarse": coarse_skin}
"""Name of a mesh -> function that gives its vertices and triangles."""
