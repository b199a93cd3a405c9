"""BlazePose's outputs by hand: which landmark is which joint, confidence from logits, and the pose flag."""

import math

import numpy as np
import pytest

from sameperson.checks import InputError
from sameperson.priors.blazepose import is_blazepose, landmark_joints, mask_logits, present
from sameperson.priors.joints import joints_of
from sameperson.priors.skeletons import COCO

# MediaPipe's drawing of the 33 landmarks gives these numbers.
NUMBERS = {
    "nose": 0, "left_eye": 2, "right_eye": 5, "left_ear": 7, "right_ear": 8, "left_shoulder": 11, "right_shoulder": 12,
    "left_elbow": 13, "right_elbow": 14, "left_wrist": 15, "right_wrist": 16, "left_hip": 23, "right_hip": 24,
    "left_knee": 25, "right_knee": 26, "left_ankle": 27, "right_ankle": 28,
}  # fmt: skip


def outputs(flags: tuple[float, ...] = (0.9, 0.1, 0.5)) -> list[np.ndarray]:
    """Landmark n of input b lies at (n, 100 b + n), its visibility is the logit n / 10 - 1 and its presence -9."""
    points = np.zeros((len(flags), 39, 5), np.float32)
    for b in range(len(flags)):
        for n in range(39):
            points[b, n] = n, 100 * b + n, 7, n / 10 - 1, -9
    mask = np.arange(len(flags) * 16, dtype=np.float32).reshape(-1, 4, 4, 1) - 8
    others = [np.zeros((len(flags), 64, 64, 39), np.float32), np.zeros((len(flags), 117), np.float32)]
    flag = np.array(flags, np.float32)[:, None]
    return [others[0], points.reshape(-1, 195), others[1], mask, flag]


def test_each_joint_is_its_landmark() -> None:
    found, skeleton = joints_of(outputs(), (256, 256))
    assert skeleton is COCO and found.shape == (3, 17, 3) and found.dtype == np.float32
    for number, joint in enumerate(COCO.joints):
        landmark = NUMBERS[joint]
        for b in (0, 2):
            assert found[b, number, :2].tolist() == [landmark, 100 * b + landmark]
            assert found[b, number, 2] == pytest.approx(1 / (1 + math.exp(1 - landmark / 10)), abs=1e-6)


def test_who_is_not_there_has_no_body() -> None:
    assert present(outputs()).tolist() == [True, False, True]
    assert not landmark_joints(outputs())[1].any()


def test_large_logits_are_sure_and_no_overflow() -> None:
    made = outputs((1.0,))
    made[1].reshape(1, 39, 5)[0, 0, 3] = -1e30
    made[1].reshape(1, 39, 5)[0, 2, 3] = 1e30
    with np.errstate(all="raise"):
        found = landmark_joints(made)
    assert found[0, 0, 2] == pytest.approx(0) and found[0, 1, 2] == pytest.approx(1)


def test_masks_are_logits() -> None:
    assert mask_logits(outputs((1.0,)))[0].ravel().tolist() == list(range(-8, 8))
    broken = outputs((1.0,))
    broken[3][0, 0, 0, 0] = np.nan
    with pytest.raises(InputError, match="no numbers"):
        mask_logits(broken)
    with pytest.raises(InputError, match="expected BlazePose, which gives a mask; make parsing instead"):
        mask_logits([np.zeros((1, 17, 64, 48), np.float32)])


def test_a_network_is_told_by_its_outputs() -> None:
    shapes = [output.shape for output in outputs()]
    assert is_blazepose(shapes) and is_blazepose([(None, *shape[1:]) for shape in shapes])
    assert not is_blazepose(shapes[:3])
    assert not is_blazepose([(1, 17, 64, 48)])
