from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import torch

from sameperson.world.body.gestures import POSTURES, gesture_rotations, sample_posture
from sameperson.world.body.model import load_body
from sameperson.world.body.pose import Gait, stand, walk
from sameperson.world.clothes.outfit import Bag
from sameperson.world.clothes.random_outfit import sample_outfit
from sameperson.world.figures.dress import dress
from sameperson.world.people.identity import sample_identity

BODY = load_body()
REST = BODY.joints(torch.from_numpy(BODY.mean)[None])
RIGHT_HANDED = Gait(elbow_left=10, elbow_right=12)


def places(turns: torch.Tensor) -> dict[str, np.ndarray]:
    """Where the joints of the average body are, by name, each (B, 3)."""
    found = BODY.forward_kinematics(REST.expand(len(turns), -1, -1), turns)[1].numpy()
    return {name: found[:, j] for j, name in enumerate(BODY.bones)}


def struck(name: str, gait: Gait = RIGHT_HANDED) -> dict[str, np.ndarray]:
    """Joints (3,) of someone who stands like this."""
    return {bone: place[0] for bone, place in places(gesture_rotations(np.array([0.3]), [gait], [name])).items()}


def test_without_a_posture_the_gait_is_left_alone() -> None:
    phases, gaits, glances = np.array([0.2, 1.0]), [Gait(), Gait(stride=15)], np.array([[10.0, 0.0], [0.0, 5.0]])
    walking = np.array([True, False])
    turns = gesture_rotations(phases, gaits, ["plain"] * 2, walking, glances)
    torch.testing.assert_close(turns[0], walk(phases, gaits, glances)[0])
    torch.testing.assert_close(turns[1], stand(phases, gaits, glances)[1])


@pytest.mark.parametrize("name", [name for name in POSTURES if name != "plain"])
def test_a_posture_moves_the_arms_of_its_own_person_only(name: str) -> None:
    phases, gaits = np.array([0.2, 0.2]), [RIGHT_HANDED] * 2
    turns = gesture_rotations(phases, gaits, [name, "plain"])
    plain = stand(phases, gaits)
    torch.testing.assert_close(turns[1], plain[1])
    moved = [bone for j, bone in enumerate(BODY.bones) if not torch.allclose(turns[0, j], plain[0, j], atol=1e-6)]
    assert {"right_upper_arm", "right_forearm"} <= set(moved)
    assert all("arm" in bone or "collar" in bone or bone in ("head", "neck") for bone in moved)
    if POSTURES[name].other_arm is None:
        assert not any(bone.startswith("left") for bone in moved)
        lefty = gesture_rotations(phases[:1], [Gait(elbow_left=12, elbow_right=10)], [name])
        assert not torch.allclose(lefty[0, BODY.bone("left_forearm")], plain[0, BODY.bone("left_forearm")])


def test_hands_are_where_the_posture_has_them() -> None:
    at = struck("call")
    assert np.linalg.norm(at["right_hand"] - at["head"]) < 0.3
    at = struck("waving")
    assert at["right_hand"][2] > at["head"][2] > at["left_hand"][2]
    at = struck("behind")
    assert min(at["right_hand"][1], at["left_hand"][1]) > at["root"][1] + 0.05  # the back is +Y
    at = struck("typing")
    assert np.linalg.norm(at["right_hand"] - at["left_hand"]) < 0.3
    assert max(at["right_hand"][1], at["left_hand"][1]) < at["root"][1] - 0.15
    at = struck("crossed")
    assert np.linalg.norm(at["right_hand"] - at["left_hand"]) < 0.15  # wrist over wrist before the chest
    assert at["spine_low"][2] < at["right_hand"][2] < at["neck"][2]
    at = struck("akimbo")
    assert abs(at["right_hand"][2] - at["right_thigh"][2]) < 0.25
    assert at["right_forearm"][0] < at["right_hand"][0]  # the elbow is further out


def test_a_handbag_is_in_the_hand_that_is_free() -> None:
    someone = sample_identity(np.random.default_rng(0))
    clothes = replace(sample_outfit(np.random.default_rng(0), someone), bag=Bag("handbag", 1.0, (0.1, 0.1, 0.1)))
    for gait, hand in ((RIGHT_HANDED, "left_hand"), (Gait(elbow_left=30, elbow_right=10), "right_hand")):
        dressed = dress(BODY, replace(someone, gait=gait, hair_style="short"), clothes)
        bag = dressed.attachments[0]
        assert BODY.bones[bag.joint] == hand
        assert np.linalg.norm(bag.anchor - dressed.joints[bag.joint]) < 0.2


def test_whoever_walks_swings_the_busy_arm_a_little() -> None:
    phases = np.linspace(0, 6, 8)
    at = places(gesture_rotations(phases, [RIGHT_HANDED] * 8, ["phone"] * 8, np.ones(8, bool)))
    hands = {side: np.ptp(at[f"{side}_hand"][:, 1] - at["spine_top"][:, 1]) for side in ("left", "right")}
    assert 0.002 < hands["right"] < 0.5 * hands["left"]


def test_postures_are_drawn_as_often_as_they_are_seen() -> None:
    rng = np.random.default_rng(0)
    walking = Counter(sample_posture(rng, walking=True) for _ in range(800))
    standing = Counter(sample_posture(rng) for _ in range(800))
    assert set(standing) == set(POSTURES)
    assert all(POSTURES[name].strolls for name in walking)
    assert walking["plain"] > 400 > standing["plain"]
