"""Skeletons: which joints a body has in which order, COCO's 17 and OpenPose's 18, and their conversion.

numpy only.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Skeleton:
    """A skeleton: the order of a body's joints, and the limbs between them.

    joints: their names in order; left and right are the person's own. limbs: pairs of joints that are one bone.
    """

    name: str
    joints: tuple[str, ...]
    limbs: tuple[tuple[int, int], ...]

    @property
    def swap(self) -> tuple[int, ...]:
        """For each joint, the joint that takes its place in the mirror.

        >>> COCO.swap[:5]
        (0, 2, 1, 4, 3)
        """
        other = {"left": "right", "right": "left"}
        place = {joint: number for number, joint in enumerate(self.joints)}
        return tuple(place["_".join(other.get(word, word) for word in joint.split("_"))] for joint in self.joints)

    def __len__(self) -> int:
        return len(self.joints)


def _skeleton(name: str, joints: str, chains: tuple[str, ...]) -> Skeleton:
    names = tuple(joints.split())
    place = {joint: number for number, joint in enumerate(names)}
    limbs = [(place[one], place[two]) for chain in chains for one, two in pairwise(chain.split())]
    return Skeleton(name, names, tuple(limbs))


COCO = _skeleton(
    "coco",
    "nose left_eye right_eye left_ear right_ear left_shoulder right_shoulder left_elbow right_elbow left_wrist "
    "right_wrist left_hip right_hip left_knee right_knee left_ankle right_ankle",
    (
        "left_ear left_eye nose right_eye right_ear",
        "left_wrist left_elbow left_shoulder right_shoulder right_elbow right_wrist",
        "left_ankle left_knee left_hip right_hip right_knee right_ankle",
        "left_shoulder left_hip",
        "right_shoulder right_hip",
    ),
)
"""COCO-17 (Lin et al., ECCV 2014), as AlphaPose and most networks give it."""
OPENPOSE = _skeleton(
    "openpose",
    "nose neck right_shoulder right_elbow right_wrist left_shoulder left_elbow left_wrist right_hip right_knee "
    "right_ankle left_hip left_knee left_ankle right_eye left_eye right_ear left_ear",
    (
        "left_ear left_eye nose right_eye right_ear",
        "nose neck",
        "neck left_shoulder left_elbow left_wrist",
        "neck right_shoulder right_elbow right_wrist",
        "neck left_hip left_knee left_ankle",
        "neck right_hip right_knee right_ankle",
    ),
)
"""OpenPose-18 (Cao et al., CVPR 2017), which FD-GAN uses."""
BODY_25 = (0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18)
"""Where each joint of OPENPOSE lies among OpenPose's 25, which add the middle of the hips and the feet."""
SKELETONS: dict[str, Skeleton] = {skeleton.name: skeleton for skeleton in (COCO, OPENPOSE)}


def converted(points: NDArray[np.float32], source: Skeleton, target: Skeleton) -> NDArray[np.float32]:
    """Convert points (..., len(source), 3) of x, y, confidence to (..., len(target), 3).

    A neck that the source lacks is the middle of the shoulders, with the lower of their confidences; any other joint
    that it lacks is all zeros.
    """
    if source is target:
        return points
    made = np.zeros((*points.shape[:-2], len(target), 3), np.float32)
    for number, joint in enumerate(target.joints):
        if joint in source.joints:
            made[..., number, :] = points[..., source.joints.index(joint), :]
        elif joint == "neck":
            left, right = (points[..., source.joints.index(f"{side}_shoulder"), :] for side in ("left", "right"))
            confidence = np.minimum(left[..., 2], right[..., 2])
            neck = np.concatenate([(left[..., :2] + right[..., :2]) / 2, confidence[..., None]], axis=-1)
            made[..., number, :] = np.where(confidence[..., None] > 0, neck, 0)
    return made
