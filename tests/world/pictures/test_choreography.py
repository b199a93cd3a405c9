import json
from dataclasses import asdict, replace

import numpy as np
import torch

from sameperson.world.body.model import load_body
from sameperson.world.pictures.choreography import Dance, Wave, dance_poses, sample_dance

BODY = load_body()
REST = BODY.joints(torch.from_numpy(BODY.mean)[None])
MANY = [sample_dance(np.random.default_rng([7, k])) for k in range(40)]
MOMENTS = np.linspace(0, 30, 60)
FRAME = 1 / 25


def places(rotations: torch.Tensor) -> dict[str, np.ndarray]:
    """Where the joints of the average body are, by name, each (B, 3)."""
    found = BODY.forward_kinematics(REST.expand(len(rotations), -1, -1), rotations)[1].numpy()
    return {name: found[:, j] for j, name in enumerate(BODY.bones)}


def bend(at: dict[str, np.ndarray], *names: str) -> np.ndarray:
    """Degrees by which a limb bends at the second of three joints."""
    before, after = at[names[1]] - at[names[0]], at[names[2]] - at[names[1]]
    cosine = (before * after).sum(1) / np.linalg.norm(before, axis=1) / np.linalg.norm(after, axis=1)
    return np.degrees(np.arccos(np.clip(cosine, -1, 1)))


def test_the_same_seed_is_the_same_dance_and_it_survives_json() -> None:
    again = sample_dance(np.random.default_rng([7, 0]))
    assert again == MANY[0] != MANY[1]
    assert json.loads(json.dumps(asdict(again)))["tempo"] == again.tempo
    assert len({again, MANY[0], MANY[1]}) == 2


def test_a_moment_is_rotations_turns_and_lifts() -> None:
    moves = dance_poses(MOMENTS[:5], MANY[:5])
    assert moves.rotations.shape == (5, len(BODY.bones), 3, 3)
    assert moves.turns.shape == moves.lifts.shape == (5,)
    eye = torch.eye(3).expand_as(moves.rotations)
    torch.testing.assert_close(moves.rotations @ moves.rotations.mT, eye, atol=1e-5, rtol=0)


def test_those_who_share_a_choreography_dance_it_together_whoever_is_beside_them() -> None:
    crowd = [MANY[0], MANY[1], MANY[0]]
    moves = dance_poses(np.array([3.0, 3.0, 3.0]), crowd)
    torch.testing.assert_close(moves.rotations[0], moves.rotations[2])
    assert (moves.rotations[0] - moves.rotations[1]).abs().max() > 0.05
    alone = dance_poses(np.array([3.0]), [MANY[1]])
    torch.testing.assert_close(alone.rotations[0], moves.rotations[1])
    np.testing.assert_allclose(alone.turns[0], moves.turns[1])


def test_no_joint_jumps_from_one_frame_to_the_next() -> None:
    for one in MANY:
        here, soon = dance_poses(MOMENTS, [one] * 60), dance_poses(MOMENTS + FRAME, [one] * 60)
        before, after = places(here.rotations), places(soon.rotations)
        for name in BODY.bones:
            assert np.linalg.norm(after[name] - before[name], axis=1).max() < 0.25, name  # 6 m/s
        assert np.abs(soon.turns - here.turns).max() < 0.7
        assert np.abs(soon.lifts - here.lifts).max() < 0.12


def test_limbs_keep_within_their_nature_and_use_it() -> None:
    turns = torch.cat([dance_poses(MOMENTS, [one] * 60).rotations for one in MANY])
    at = places(turns)
    for side in ("left", "right"):
        knee = bend(at, f"{side}_thigh", f"{side}_shin", f"{side}_foot")
        elbow = bend(at, f"{side}_upper_arm", f"{side}_forearm", f"{side}_hand")
        assert 85 < knee.max() < 120
        assert 100 < elbow.max() < 130
        overhead = at[f"{side}_hand"][:, 2] - at["head"][:, 2]
        assert 0.05 < (overhead > 0.1).mean() < 0.6
    tilt = np.degrees(np.arccos((at["neck"] - at["root"])[:, 2] / np.linalg.norm(at["neck"] - at["root"], axis=1)))
    assert 40 < tilt.max() < 90


def test_a_wave_of_one_sine_follows_it_and_lingers_at_its_ends() -> None:
    still = {name: Wave(0.0, 0.0, ((1.0, 1.0, 0.0),) * 3) for name in MANY[0].waves}
    bends = Wave(10.0, 50.0, ((1.0, 0.5, 0.25), (0.0, 1.0, 0.0), (0.0, 1.0, 0.0)))
    still |= {"left_elbow": bends, "left_arm_down": Wave(80.0, 80.0, ((1.0, 1.0, 0.0),) * 3)}
    one = Dance(2.0, still, 0, 0, 0, 0, jump=0, kneel=0, drift=0, spin=0)
    seconds = np.array([0.0, 0.7, 2.0, 3.3])
    at = places(dance_poses(seconds, [one] * 4).rotations)
    sine = np.sin(2 * np.pi * (0.5 * seconds * 2.0 / 4 + 0.25))
    expected = 30 + 20 * (1.5 * sine - 0.5 * sine**3)
    np.testing.assert_allclose(bend(at, "left_upper_arm", "left_forearm", "left_hand"), expected, atol=0.1)
    calm = places(dance_poses(seconds, [one] * 4, vigour=np.full(4, 0.5)).rotations)
    np.testing.assert_allclose(bend(calm, "left_upper_arm", "left_forearm", "left_hand"), (expected + 30) / 2, atol=0.1)


def test_jumps_and_knees_on_the_floor_happen_only_where_the_dance_has_them() -> None:
    plain = replace(MANY[0], jump=0.0, kneel=0.0)
    jumping, kneeling = replace(plain, jump=0.2), replace(plain, kneel=0.25)
    assert not dance_poses(MOMENTS, [plain] * 60).lifts.any()
    lifts = dance_poses(MOMENTS, [jumping] * 60).lifts
    assert lifts.min() == 0
    assert 0.15 < lifts.max() <= 0.2
    middle = np.array([0.4 * 16 / plain.tempo])  # of a phrase of 16 beats
    at = places(dance_poses(middle, [kneeling]).rotations)
    assert at["right_shin"][0, 2] < at["left_foot"][0, 2] + 0.08  # the knee as low as the other ankle
    assert places(dance_poses(middle, [plain]).rotations)["right_shin"][0, 2] > at["left_foot"][0, 2] + 0.1


def test_a_spin_is_whole_turns_so_that_phrases_join() -> None:
    one = replace(MANY[0], spin=1, drift=0.0)
    phrases = np.array([0.0, 1.0, 2.0]) * 16 / one.tempo
    np.testing.assert_allclose(dance_poses(phrases, [one] * 3).turns, 2 * np.pi * np.arange(3), atol=1e-6)
