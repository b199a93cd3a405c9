"""Poses of the body: joint angles of walking and standing, and the rotation of each joint.

Angles are numpy and in degrees, where 0 is upright with limbs straight down; rotations are torch. All people of a batch
turn at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sameperson.world.body.model import Body, load_body

Array = NDArray[np.float64]
SIDES = (("left", 1.0), ("right", -1.0))
X, Y, Z = np.eye(3)
PALM = 20.0
"""Degrees by which forearms turn so that palms face the thighs."""


@dataclass(frozen=True)
class Gait:
    """A person's gait: degrees, and `cadence` in cycles (two steps) a second.

    stride: hip swing to either side; swing: arm swing; elbow: its flexion, left and right; arm_down: 90 hangs straight;
    hip_out: legs apart; toe_out; lean: forward; twist: shoulders against hips; sway: hips from side to side; nod: head
    down.
    """

    stride: float = 22.0
    swing: float = 20.0
    elbow_left: float = 20.0
    elbow_right: float = 20.0
    arm_down: float = 80.0
    hip_out: float = 1.0
    toe_out: float = 6.0
    lean: float = 3.0
    twist: float = 6.0
    sway: float = 2.5
    nod: float = 3.0
    cadence: float = 0.95


def busy_side(gait: Gait) -> str:
    """The side of the arm that gestures: the one whose elbow bends more, else the right one."""
    return "left" if gait.elbow_left > gait.elbow_right else "right"


def sample_gait(rng: np.random.Generator) -> Gait:
    """Draw a random gait: short or long steps, stiff or swinging arms, upright or bent."""
    elbow = rng.uniform(5, 30)
    carries = rng.random() < 0.15  # one forearm held up, as with a phone or a bag over it
    left, right = (
        elbow + (rng.uniform(35, 60) if carries and side else 0.0) for side in rng.permutation([True, False])
    )
    return Gait(
        stride=float(rng.uniform(15, 27)),
        swing=float(rng.uniform(8, 32)),
        elbow_left=float(left),
        elbow_right=float(right),
        arm_down=float(rng.uniform(74, 86)),
        hip_out=float(rng.uniform(-1.5, 4)),
        toe_out=float(rng.uniform(-3, 15)),
        lean=float(rng.uniform(-1, 9)),
        twist=float(rng.uniform(3, 11)),
        sway=float(rng.uniform(1, 4)),
        nod=float(rng.uniform(-4, 12)),
        cadence=float(rng.uniform(0.8, 1.1)),
    )


def walk(phases: Array, gaits: Sequence[Gait], glances: Array | None = None) -> Tensor:
    """Compute the joint rotations (B, J, 3, 3) of moments of a walk, for `Body.skin`.

    phases: (B,) radians, a cycle of two steps is 2 pi, the left leg is foremost at pi / 2. glances: (B, 2) degrees the
    head turns to the left and down, beyond the gait's own nod.
    """
    return rotations(walk_angles(phases, gaits) | constant_angles(gait_columns(gaits), glances))


def walk_angles(phases: Array, gaits: Sequence[Gait]) -> dict[str, Array]:
    """Compute the angles of a walk that change with the phase, each (B,), by the names of `rotations`."""
    style = gait_columns(gaits)
    angles: dict[str, Array] = {}
    for (side, _), phase in zip(SIDES, (phases, phases + np.pi), strict=True):
        lift = np.maximum(0, np.cos(phase + 0.15)) ** 1.7  # the knee bends most just before the leg passes the other
        landing = np.maximum(0, np.cos(phase - np.pi / 2 - 0.5)) ** 4
        push = np.maximum(0, np.cos(phase + 1.2)) ** 4
        angles[f"{side}_hip"] = style["stride"] * np.sin(phase) + 0.12 * style["stride"] + 0.2 * style["lean"]
        angles[f"{side}_knee"] = 4 + (8 + 2.0 * style["stride"]) * lift + 10 * landing
        angles[f"{side}_ankle"] = 3 + 5 * np.sin(phase - 0.4) - 14 * push
        elbow = style[f"elbow_{side}"]
        swing = style["swing"] * np.clip(1.4 - elbow / 50, 0.2, 1)  # an arm that carries something is held still
        angles[f"{side}_swing"] = swing * (0.15 - np.sin(phase))
        angles[f"{side}_elbow"] = elbow + 0.4 * swing * np.maximum(0, -np.sin(phase))
    angles["twist"] = style["twist"] * np.sin(phases)
    angles["turn"] = -0.7 * style["twist"] * np.sin(phases)
    angles["roll"] = style["sway"] * np.cos(phases)
    return angles


def stand(phases: Array, gaits: Sequence[Gait], glances: Array | None = None) -> Tensor:
    """Compute the joint rotations (B, J, 3, 3) of people who stand.

    Their weight shifts from leg to leg with the phase (B,). Other arguments as in `walk`.
    """
    return rotations(stand_angles(phases, gaits) | constant_angles(gait_columns(gaits), glances))


def stand_angles(phases: Array, gaits: Sequence[Gait]) -> dict[str, Array]:
    """Compute the angles of standing that change with the phase, each (B,), by the names of `rotations`."""
    style = gait_columns(gaits)
    shift = np.sin(phases)
    angles: dict[str, Array] = {"roll": 2.5 * shift, "bend": -3.0 * shift, "twist": 3.0 * np.cos(phases)}
    for side, sign in SIDES:
        idle = np.maximum(0, sign * shift)  # the leg that carries less
        angles[f"{side}_hip"] = 7 * idle
        angles[f"{side}_knee"] = 3 + 14 * idle
        angles[f"{side}_swing"] = 4 + 3 * np.cos(phases + sign)
        angles[f"{side}_elbow"] = style[f"elbow_{side}"]
    return angles


def stride_length(leg: float, gait: Gait) -> float:
    """The metres of one gait cycle (two steps) of someone whose hip joints are `leg` metres above the floor."""
    return float(4 * leg * np.sin(np.radians(gait.stride)))


def gait_columns(gaits: Sequence[Gait]) -> dict[str, Array]:
    """Stack gaits into one array (B,) per field."""
    return {item.name: np.array([getattr(gait, item.name) for gait in gaits], np.float64) for item in fields(Gait)}


def constant_angles(style: Mapping[str, Array], glances: Array | None) -> dict[str, Array]:
    """Compute the angles of a gait that do not change with the phase."""
    looks, nods = (0.0, 0.0) if glances is None else np.asarray(glances, np.float64).T
    angles: dict[str, Array] = {"lean": style["lean"], "nod": style["nod"] + nods, "look": looks + 0 * style["nod"]}
    for side, _ in SIDES:
        angles |= {f"{side}_{name}": style[name] for name in ("arm_down", "hip_out", "toe_out")}
    return angles


def rotations(angles: Mapping[str, Array]) -> Tensor:
    """Convert named angles (B,) in degrees to joint rotations (B, J, 3, 3).

    Each rotation is relative to its parent, about world axes.
    Per side: arm_down, swing (forward), inward (the upper arm about itself, a bent forearm across the body), elbow, hip
    (forward), hip_out, toe_out, knee, ankle (toes up); for the trunk: lean (forward), bend (to the left), twist (to the
    left), nod (down), look (to the left); for the whole: turn, roll, pitch (forward). Those left out are 0, arms and
    legs hanging straight.
    """
    body = load_body()
    rest = rest_angles(body)
    count = len(next(iter(angles.values())))
    parts = np.zeros((3, count, len(body.bones), 3))  # rotation vectors, applied last to first
    zero = np.zeros(count)

    def put(bone: str, *turns: tuple[Array, Array]) -> None:
        for part, (axis, angle) in zip(parts, turns, strict=False):
            part[:, body.bone(bone)] = np.outer(angle, axis)

    def get(name: str, default: float = 0.0) -> Array:
        return angles.get(name, zero + default)

    for side, sign in SIDES:
        lower = get(f"{side}_arm_down", 85.0) - rest[f"{side}_arm_down"]
        out = get(f"{side}_hip_out") - rest[f"{side}_hip_out"]
        put(f"{side}_collar", (sign * Y, np.clip(0.15 * (lower - 30), -25, 8)))
        inward = (sign * rest[f"{side}_upper"], get(f"{side}_inward"))
        put(f"{side}_upper_arm", (-X, get(f"{side}_swing")), (sign * Y, lower), inward)
        put(f"{side}_forearm", (rest[f"{side}_hinge"], get(f"{side}_elbow", 15.0) - rest[f"{side}_elbow"]))
        put(f"{side}_forearm_roll", (sign * rest[f"{side}_lower"], zero + PALM))
        put(f"{side}_thigh", (-X, get(f"{side}_hip")), (-sign * Y, out), (sign * Z, get(f"{side}_toe_out")))
        put(f"{side}_shin", (X, get(f"{side}_knee")))
        put(f"{side}_foot", (-X, get(f"{side}_ankle")), (sign * Y, out))
    trunk = np.stack([get("lean"), get("bend"), get("twist")], -1)
    for bone in ("spine_low", "spine_mid", "spine_top"):
        parts[0, :, body.bone(bone)] = trunk / 3
    # eyes stay on the way ahead, as far as a neck reaches
    nod, look = get("nod") - np.clip(0.6 * get("lean"), -25, 25), get("look")
    put("neck", (Z, look / 2), (X, nod / 2))
    put("head", (Z, look / 2), (X, nod / 2))
    put("root", (Z, get("turn")), (Y, get("roll")), (X, get("pitch")))
    turned = rotation_matrices(torch.from_numpy(np.radians(parts)).float())
    return turned[0] @ turned[1] @ turned[2]


def rotation_matrices(vectors: Tensor) -> Tensor:
    """Convert rotation vectors (..., 3) in radians to matrices (..., 3, 3), by Rodrigues' formula."""
    angle = vectors.norm(dim=-1, keepdim=True)[..., None]
    x, y, z = (vectors / angle[..., 0].clamp_min(1e-12)).unbind(-1)
    zero = torch.zeros_like(x)
    cross = torch.stack([zero, -z, y, z, zero, -x, -y, x, zero], -1).unflatten(-1, (3, 3))
    return torch.eye(3).to(vectors) + torch.sin(angle) * cross + (1 - torch.cos(angle)) * (cross @ cross)


@lru_cache(maxsize=2)
def rest_angles(body: Body) -> dict[str, Array]:
    """Measure the angles of the rest pose, degrees.

    Returns them with the axes (3,) of the elbows and the directions (3,) of upper arms and forearms.
    """
    joints = body.joints(torch.from_numpy(body.mean)[None])[0].numpy().astype(np.float64)
    at = dict(zip(body.bones, joints, strict=True))
    rest: dict[str, Array] = {}
    for side, sign in SIDES:
        upper = at[f"{side}_forearm"] - at[f"{side}_upper_arm"]
        lower = at[f"{side}_hand"] - at[f"{side}_forearm"]
        thigh = at[f"{side}_shin"] - at[f"{side}_thigh"]
        hinge = np.cross(upper, lower)
        rest[f"{side}_upper"] = upper / np.linalg.norm(upper)
        rest[f"{side}_lower"] = lower / np.linalg.norm(lower)
        rest[f"{side}_hinge"] = hinge / np.linalg.norm(hinge)
        cosine = upper @ lower / np.linalg.norm(upper) / np.linalg.norm(lower)
        rest[f"{side}_elbow"] = np.degrees(np.arccos(cosine))
        rest[f"{side}_arm_down"] = np.degrees(np.arctan2(-upper[2], sign * upper[0]))
        rest[f"{side}_hip_out"] = np.degrees(np.arctan2(sign * thigh[0], -thigh[2]))
    return rest
