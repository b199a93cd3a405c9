"""Gestures: postures of the arms of someone who walks or stands, such as holding a phone or waving.

Angles are numpy and in degrees, under the names of `world.body.pose.rotations`; rotations are torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from sameperson.world.body.pose import (
    SIDES,
    Array,
    Gait,
    busy_side,
    constant_angles,
    gait_columns,
    rotations,
    stand_angles,
    walk_angles,
)

ARM_ANGLES = ("arm_down", "swing", "inward", "elbow")
Arm = tuple[float, float, float, float]
BUSY_ARM_SWING = 0.15
"""Share of its swing that a busy arm keeps while the person walks."""


@dataclass(frozen=True)
class Posture:
    """Angles of one arm or both in a gesture.

    busy_arm, other_arm: degrees in the order of ARM_ANGLES; None leaves an arm to the gait. nod: degrees by which the
    head bends down. strolls: whether people also walk in this posture. waves: degrees by which elbow and upper arm
    swing to and fro.
    """

    busy_arm: Arm | None
    other_arm: Arm | None = None
    nod: float = 0.0
    strolls: bool = True
    waves: float = 0.0


POSTURES: dict[str, Posture] = {
    "plain": Posture(None),
    "phone": Posture((80, 22, 38, 105), nod=20),
    "typing": Posture((78, 24, 48, 100), (78, 24, 48, 100), nod=22),
    "call": Posture((52, 38, -8, 138)),
    "pockets": Posture((74, -16, 32, 42), (74, -16, 32, 42)),
    "one_pocket": Posture((74, -16, 32, 42)),
    "crossed": Posture((75, 28, 88, 98), (75, 20, 84, 104), strolls=False),
    "clasped": Posture((80, 14, 52, 48), (80, 14, 52, 48), strolls=False),
    "behind": Posture((76, -34, 62, 38), (76, -34, 62, 38)),
    "akimbo": Posture((46, -22, 58, 88), (46, -22, 58, 88), strolls=False),
    "carrying": Posture((82, 12, 6, 92)),
    "waving": Posture((-20, 0, -78, 62), waves=22),
    "pointing": Posture((80, 78, 0, 8), strolls=False),
    "thinking": Posture((78, 34, 34, 132), (78, 18, 78, 95), nod=8, strolls=False),
}
"""Name -> posture; "plain" leaves both arms to the gait."""
STANDING = (0.2, 0.14, 0.06, 0.06, 0.1, 0.08, 0.1, 0.06, 0.04, 0.05, 0.03, 0.03, 0.02, 0.03)
WALKING = (0.62, 0.1, 0.03, 0.04, 0.06, 0.05, 0.0, 0.0, 0.02, 0.0, 0.06, 0.02, 0.0, 0.0)
"""How often each posture is seen, in the order of POSTURES."""


def sample_posture(rng: np.random.Generator, walking: bool = False) -> str:
    """Draw the name of a posture, as often as it is seen among people who walk or who stand."""
    return str(rng.choice(list(POSTURES), p=WALKING if walking else STANDING))


def gesture_rotations(
    phases: Array,
    gaits: Sequence[Gait],
    postures: Sequence[str],
    walking: NDArray[np.bool_] | None = None,
    glances: Array | None = None,
) -> Tensor:
    """Compute the joint rotations (B, J, 3, 3) of people with gestures.

    phases, gaits, glances: as for `world.body.pose.walk`; postures: names of POSTURES, the busy hand is the one
    whose elbow the gait bends more; walking: (B,) who walks, nobody if left out.
    """
    legs, moving = stand_angles(phases, gaits), walk_angles(phases, gaits)
    walks = np.zeros(len(phases), bool) if walking is None else walking
    names = sorted({*legs, *moving})
    none = np.zeros(len(phases))
    angles = {name: np.where(walks, moving.get(name, none), legs.get(name, none)) for name in names}
    angles |= {name: value.copy() for name, value in constant_angles(gait_columns(gaits), glances).items()}
    angles |= {f"{side}_inward": none.copy() for side, _ in SIDES}
    for k, name in enumerate(postures):
        posture = POSTURES[name]
        busy = busy_side(gaits[k])
        for side, _ in SIDES:
            arm = posture.busy_arm if side == busy else posture.other_arm
            if arm is not None:
                drift = BUSY_ARM_SWING * angles[f"{side}_swing"][k] if walks[k] else 0.0
                for part, value in zip(ARM_ANGLES, arm, strict=True):
                    angles[f"{side}_{part}"][k] = value
                angles[f"{side}_swing"][k] += drift
        if posture.waves:
            sweep = posture.waves * np.sin(4 * phases[k])
            angles[f"{busy}_elbow"][k] += sweep
            angles[f"{busy}_arm_down"][k] += 0.3 * sweep
        angles["nod"][k] += posture.nod
    return rotations(angles)
