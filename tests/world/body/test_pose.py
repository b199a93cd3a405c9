from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation
from torch import Tensor

from sameperson.world.body.model import load_body
from sameperson.world.body.pose import Gait, rotation_matrices, rotations, sample_gait, stand, stride_length, walk

BODY = load_body()
REST = BODY.joints(torch.from_numpy(BODY.mean)[None])
GAIT = Gait()


def places(turns: Tensor) -> dict[str, np.ndarray]:
    """Where the joints of the average body are, by name, each (B, 3)."""
    found = BODY.forward_kinematics(REST.expand(len(turns), -1, -1), turns)[1].numpy()
    return {name: found[:, j] for j, name in enumerate(BODY.bones)}


def angle(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Degrees between vectors (B, 3)."""
    cosine = (u * v).sum(1) / np.linalg.norm(u, axis=1) / np.linalg.norm(v, axis=1)
    return np.degrees(np.arccos(np.clip(cosine, -1, 1)))


def test_rotation_vectors_become_the_matrices_scipy_makes() -> None:
    vectors = np.random.default_rng(0).normal(0, 2, (50, 3))
    vectors[0] = 0
    expected = Rotation.from_rotvec(vectors).as_matrix()
    np.testing.assert_allclose(rotation_matrices(torch.from_numpy(vectors)).numpy(), expected, atol=1e-9)


def test_every_joint_only_turns() -> None:
    rng = np.random.default_rng(1)
    turns = walk(rng.uniform(0, 6, 5), [sample_gait(rng) for _ in range(5)], rng.normal(0, 20, (5, 2)))
    assert turns.shape == (5, len(BODY.bones), 3, 3)
    eye = torch.eye(3).expand_as(turns)
    torch.testing.assert_close(turns @ turns.mT, eye, atol=1e-5, rtol=0)
    torch.testing.assert_close(torch.linalg.det(turns), torch.ones(turns.shape[:2]), atol=1e-5, rtol=0)


def test_upright_means_limbs_straight_down() -> None:
    zero = np.zeros(1)
    at = places(rotations({f"{side}_{name}": zero + value for side in ("left", "right") for name, value in
                           (("arm_down", 90.0), ("elbow", 0.0), ("hip", 0.0))}))  # fmt: skip
    for side in ("left", "right"):
        arm = at[f"{side}_hand"] - at[f"{side}_upper_arm"]
        assert angle(arm, np.array([[0, 0, -1.0]])) < 12
        assert abs(at[f"{side}_shin"][0, 0] - at[f"{side}_thigh"][0, 0]) < 0.01
        assert angle(at[f"{side}_foot"] - at[f"{side}_thigh"], np.array([[0, 0, -1.0]])) < 6


@pytest.mark.parametrize("side", ["left", "right"])
def test_an_elbow_bends_by_the_angle_asked_for(side: str) -> None:
    asked = np.array([0.0, 30.0, 90.0, 120.0])
    at = places(rotations({f"{side}_elbow": asked, f"{side}_arm_down": np.full(4, 80.0)}))
    upper = at[f"{side}_forearm"] - at[f"{side}_upper_arm"]
    lower = at[f"{side}_hand"] - at[f"{side}_forearm"]
    np.testing.assert_allclose(angle(upper, lower), asked, atol=2.0)
    assert (np.diff(at[f"{side}_hand"][:3, 1]) < -0.1).all()  # the hand comes forward, up to a right angle


def test_a_knee_bends_backwards_and_a_hip_forwards() -> None:
    bent = np.array([0.0, 60.0])
    at = places(rotations({"left_knee": bent}))
    thigh, shin = at["left_shin"] - at["left_thigh"], at["left_foot"] - at["left_shin"]
    np.testing.assert_allclose(np.diff(angle(thigh, shin)), 60, atol=10)
    assert at["left_foot"][1, 1] > at["left_foot"][0, 1] + 0.2
    at = places(rotations({"left_hip": bent}))
    assert at["left_shin"][1, 1] < at["left_shin"][0, 1] - 0.2
    np.testing.assert_allclose(at["right_shin"][0], at["right_shin"][1], atol=1e-6)


def test_a_glance_turns_the_face() -> None:
    turns = walk(np.zeros(3), [GAIT] * 3, np.array([[0.0, 0.0], [40.0, 0.0], [0.0, 30.0]]))
    facing = BODY.forward_kinematics(REST.expand(3, -1, -1), turns)[0][:, BODY.bone("head")] @ torch.tensor(
        [0.0, -1.0, 0.0]
    )
    ahead, left, down = facing.numpy()
    assert left[0] > ahead[0] + 0.4  # the person's left is +X
    assert down[2] < ahead[2] - 0.3


def test_a_walk_comes_around_and_its_halves_mirror_each_other() -> None:
    phases = np.linspace(0, 2 * np.pi, 7)
    gait = replace(GAIT, elbow_left=25.0, elbow_right=25.0)
    here = places(walk(phases, [gait] * 7))
    again = places(walk(phases + 2 * np.pi, [gait] * 7))
    half = places(walk(phases + np.pi, [gait] * 7))
    for name, place in here.items():
        np.testing.assert_allclose(again[name], place, atol=1e-5)
        other = name.replace("left", "?").replace("right", "left").replace("?", "right")
        np.testing.assert_allclose(half[other] * [-1, 1, 1], place, atol=0.02, err_msg=name)


def test_legs_and_arms_swing_against_each_other() -> None:
    at = places(walk(np.array([np.pi / 2]), [GAIT]))
    assert at["left_foot"][0, 1] < at["right_foot"][0, 1] - 0.3  # the left foot is ahead (-Y)
    assert at["left_hand"][0, 1] > at["right_hand"][0, 1] + 0.2  # the left hand is behind


def test_one_knee_bends_while_the_other_leg_carries() -> None:
    phases = np.linspace(0, 2 * np.pi, 40)
    at = places(walk(phases, [GAIT] * 40))
    bends = [angle(at[f"{s}_shin"] - at[f"{s}_thigh"], at[f"{s}_foot"] - at[f"{s}_shin"]) for s in ("left", "right")]
    assert max(bend.max() for bend in bends) > 40
    assert np.minimum(*bends).max() < 30  # never both


def test_gaits_are_walked_side_by_side_as_alone() -> None:
    rng = np.random.default_rng(4)
    gaits, phases, glances = [sample_gait(rng) for _ in range(4)], rng.uniform(0, 6, 4), rng.normal(0, 9, (4, 2))
    for pose in (walk, stand):
        together = pose(phases, gaits, glances)
        for i in range(4):
            alone = pose(phases[i : i + 1], gaits[i : i + 1], glances[i : i + 1])
            torch.testing.assert_close(alone[0], together[i])


def test_gaits_differ_from_person_to_person_but_not_from_seed_to_seed() -> None:
    assert sample_gait(np.random.default_rng(5)) == sample_gait(np.random.default_rng(5))
    many = [sample_gait(rng) for rng in map(np.random.default_rng, range(200))]
    turns = walk(np.full(200, 1.0), many)
    hands = places(turns)["left_hand"]
    assert (hands.std(0) > 0.02).all()
    raised = np.array([max(gait.elbow_left, gait.elbow_right) > 48 for gait in many])
    assert 0.05 < raised.mean() < 0.3


def test_those_who_stand_keep_both_feet_together() -> None:
    at = places(stand(np.linspace(0, 6, 9), [GAIT] * 9))
    assert (np.abs(at["left_foot"][:, 1] - at["right_foot"][:, 1]) < 0.15).all()
    assert np.ptp(at["left_thigh"][:, 2] - at["right_thigh"][:, 2]) > 0.01  # but shift their weight


def test_a_stride_covers_what_the_legs_open() -> None:
    leg = 0.9
    assert stride_length(leg, replace(GAIT, stride=30.0)) == pytest.approx(4 * leg * 0.5)
