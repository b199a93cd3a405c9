"""The body of the built-in world: a shape space, a skeleton, linear blend skinning, and keypoints.

Read from an asset that `tools/bake_body.py` made; nothing is downloaded. Tables are numpy; the methods take and return
torch tensors, batched and differentiable. Metres, Z up; the rest pose (arms about 45 degrees down) faces -Y, so X is
the person's left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sameperson.checks import InputError, nearest

ASSET = Path(__file__).parent / "assets" / "body_v2.npz"
SKIN, TIGHTS, SKIRT, HAIR, EYES = 0, 1, 2, 3, 5
"""Layers of the mesh: the skin, three shells that wardrobe and hair are cut from, and the eyes."""

FACE = ("nose", "left_eye", "right_eye", "left_ear", "right_ear")
LIMB_POINTS = ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
FOOT_POINTS = ("big_toe", "small_toe", "heel")
KEYPOINTS = (
    *FACE,
    *(f"{side}_{point}" for point in LIMB_POINTS for side in ("left", "right")),
    *(f"{side}_{point}" for side in ("left", "right") for point in FOOT_POINTS),
)
"""COCO-17 in COCO's order, then six points of the feet in COCO-WholeBody's."""

MACROS = ("femininity", "age", "muscle", "weight", "stature", "proportions", "bust", "firmness")
HINGES = (
    ("age", 1 / 3),
    ("age", 2 / 3),
    *((name, 0.5) for name in ("muscle", "weight", "stature", "proportions", "bust")),
)
"""(axis, value) where the source model changes slope along an axis: at its middle sculpts."""
AVERAGE = {"age": 0.7, "stature": 0.36, "features_a": 1 / 3, "features_b": 1 / 3, "features_c": 1 / 3}


def shape_terms(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Compute the terms (N, T) in which the shape regression is linear.

    values: (N, P) in the order of `Body.shape_names`. The source model blends sculpted extremes piecewise linearly and
    multiplies its axes, hence hinges and products.
    """
    macros, mix, details = values[:, :8], values[:, 8:11], values[:, 11:]
    hinges = np.abs(np.stack([macros[:, MACROS.index(name)] - kink for name, kink in HINGES], 1))
    main = np.concatenate([macros - 0.5, hinges, mix], 1)
    pairs = np.einsum("ni,nj->nij", main, main)[:, *np.triu_indices(main.shape[1])]
    return np.concatenate([np.ones((len(values), 1)), main, pairs, details, np.abs(details)], 1)


@dataclass(frozen=True, eq=False)
class Body:
    """A parametric body and the tables that go with it; V vertices, F triangles, J joints.

    triangles: (F, 3) int32; layers: (F,) int32, one of SKIN, TIGHTS, SKIRT, HAIR, EYES.
    template: (V, 3) the same for everyone: coordinates in which garments are cut.
    arm, head: (V,) how much of the vertex moves with an arm, with the head, in [0, 1].
    arm_t: (V,) place along the arm: 0 shoulder, 0.5 elbow, 1 wrist, up to 1.5 beyond the fingertips.
    bones: J names, parents before children; parents: (J,) int64, -1 for the root.
    skin_index, skin_weight: (V, 4) the joints a vertex follows, and how much.
    mean: (V, 3) and basis: (32, V, 3) the shape space; betas are standard normal over the people it was fitted to.
    body_vertices: the first so many vertices are the skin.
    """

    triangles: NDArray[np.int32]
    layers: NDArray[np.int32]
    template: NDArray[np.float32]
    arm: NDArray[np.float32]
    arm_t: NDArray[np.float32]
    head: NDArray[np.float32]
    bones: tuple[str, ...]
    parents: NDArray[np.int64]
    skin_index: NDArray[np.int64]
    skin_weight: NDArray[np.float32]
    mean: NDArray[np.float32]
    basis: NDArray[np.float32]
    joint_index: NDArray[np.int64]
    joint_weight: NDArray[np.float32]
    keypoint_index: NDArray[np.int64]
    keypoint_weight: NDArray[np.float32]
    shape_names: tuple[str, ...]
    shape_regressor: NDArray[np.float32]
    body_vertices: int
    _tensors: dict[tuple[str, torch.device], Tensor] = field(default_factory=dict, repr=False)

    def bone(self, name: str) -> int:
        """The index of a joint by its name."""
        return self.bones.index(name)

    def betas_of(self, shape: Mapping[str, float]) -> NDArray[np.float32]:
        """Convert named shape parameters to betas (32,).

        Names left out are average. Raises InputError for an unknown name.
        `MACROS` and the three `features_` weights lie in [0, 1] (age 0.2 is five years, 0.33 ten, 0.5 a teenager, 0.67
        a young adult, 1 old; stature 0.36 is common), the others around 0 with a spread of 0.4. Vertices land 6 mm from
        the source model's on average (`tools/bake_body.py` prints it).
        """
        for name in shape:
            if name not in self.shape_names:
                raise InputError(f"shape parameter {name!r}", "a known name", nearest(name, self.shape_names))
        average = {name: AVERAGE.get(name, 0.5 if name in MACROS else 0.0) for name in self.shape_names}
        values = np.array([[shape.get(name, average[name]) for name in self.shape_names]], np.float64)
        return (shape_terms(values) @ self.shape_regressor)[0].astype(np.float32)

    def rest(self, betas: Tensor) -> Tensor:
        """Compute the vertices (B, V, 3) in the rest pose from betas (B, K <= 32)."""
        basis = self._constant("basis", betas.device)[: betas.shape[1]]
        return self._constant("mean", betas.device) + torch.einsum("bk,kvd->bvd", betas, basis)

    def joints(self, rest: Tensor) -> Tensor:
        """Regress the joint heads (B, J, 3) from undressed rest vertices (B, V, 3)."""
        return self._average("joint", rest)

    def keypoints(self, posed: Tensor) -> Tensor:
        """Regress the 23 keypoints of `KEYPOINTS`, (B, 23, 3), from posed vertices (B, V or more, 3)."""
        return self._average("keypoint", posed)

    def skin(self, rest: Tensor, joints: Tensor, rotations: Tensor, extra: Tensor | None = None) -> Tensor:
        """Pose vertices by linear blend skinning about the joint heads.

        rest: (B, V + E, 3), where E vertices of rigid accessories may follow the body's own; extra: (E,) int64 the
        joint each of those is bound to. joints: (B, J, 3). rotations: (B, J, 3, 3), each turns its joint relative to
        its parent about the WORLD axes of the rest pose, so that no bone orientation is needed (Loper et al. 2015,
        eqs. 2 to 4). Returns (B, V + E, 3).
        """
        moves = self.joint_transforms(joints, rotations).flatten(2)
        own = torch.einsum("vj,bjk->bvk", self._constant("weights", rest.device), moves)
        if extra is not None:
            own = torch.cat([own, moves[:, extra]], 1)
        own = own.unflatten(-1, (3, 4))
        return torch.einsum("bvcd,bvd->bvc", own[..., :3], rest) + own[..., 3]

    def joint_transforms(self, joints: Tensor, rotations: Tensor) -> Tensor:
        """Compute each joint's transform (B, J, 3, 4) of rest points: posed = transform @ [rest; 1]."""
        turns, places = self.forward_kinematics(joints, rotations)
        shift = places - torch.einsum("bjcd,bjd->bjc", turns, joints)
        return torch.cat([turns, shift[..., None]], -1)

    def forward_kinematics(self, joints: Tensor, rotations: Tensor) -> tuple[Tensor, Tensor]:
        """Run forward kinematics: world rotations (B, J, 3, 3) and positions (B, J, 3) of the joints.

        Arguments as in `skin`.
        """
        turns, places = rotations[:, :1], joints[:, :1]
        for level in self._levels():
            above = [int(self.parents[j]) for j in level]
            placed = torch.einsum("bjcd,bjd->bjc", turns[:, above], joints[:, level] - joints[:, above])
            places = torch.cat([places, places[:, above] + placed], 1)
            turns = torch.cat([turns, turns[:, above] @ rotations[:, level]], 1)
        return turns, places

    def _levels(self) -> list[list[int]]:
        """The joints below the root, grouped by depth; breadth-first order makes each level a run."""
        depth = [0] * len(self.parents)
        for j in range(1, len(depth)):
            depth[j] = depth[self.parents[j]] + 1
        return [[j for j, d in enumerate(depth) if d == level] for level in range(1, max(depth) + 1)]

    def _average(self, what: str, vertices: Tensor) -> Tensor:
        index, weight = (self._constant(f"{what}_{part}", vertices.device) for part in ("index", "weight"))
        return torch.einsum("kp,bkpd->bkd", weight, vertices[:, index])

    def _constant(self, name: str, device: torch.device) -> Tensor:
        """A table as a tensor on a device, converted once."""
        if (name, device) not in self._tensors:
            table = self._skin_matrix() if name == "weights" else getattr(self, name)
            self._tensors[name, device] = torch.from_numpy(table).to(device)
        return self._tensors[name, device]

    def _skin_matrix(self) -> NDArray[np.float32]:
        """The dense skin weights (V, J), with which one matrix product beats gathering four joints a vertex."""
        dense = np.zeros((len(self.template), len(self.bones)), np.float32)
        np.add.at(dense, (np.arange(len(dense))[:, None], self.skin_index), self.skin_weight)
        return dense


@lru_cache(maxsize=2)
def load_body(path: Path = ASSET) -> Body:
    """Load the body from its asset, once; the asset holds plain arrays only (no pickles)."""
    with np.load(path, allow_pickle=False) as file:
        stored = {name: file[name] for name in file.files}
    names: dict[str, Any] = {name: tuple(stored.pop(name).tolist()) for name in ("bones", "shape_names")}
    wide: dict[str, Any] = {"triangles": np.int32, "layers": np.int32}
    wide |= dict.fromkeys(("parents", "skin_index", "joint_index", "keypoint_index"), np.int64)
    tables: dict[str, Any] = {name: table.astype(wide.get(name, np.float32)) for name, table in stored.items()}
    return Body(**tables, **names, body_vertices=int(tables["triangles"][tables["layers"] == SKIN].max()) + 1)
