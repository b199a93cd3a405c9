"""Each measure of one picture, on pictures, maps and bodies made by hand."""

import numpy as np
import pytest

from sameperson.evaluation.failures.body_pose import unusual_pose, viewpoint
from sameperson.evaluation.failures.clothes import below_head, clothes_brightness, clothes_of
from sameperson.evaluation.failures.low_light import white_level
from sameperson.evaluation.failures.low_resolution import detail_rows
from sameperson.evaluation.failures.occluded_share import (
    LIMBS,
    STANDING,
    STEPS,
    hidden_body,
    hidden_limbs,
    unseen_joints,
)
from sameperson.evaluation.failures.several_people import HEAD_TO_BODY, beside_main, outside, patches
from sameperson.priors.label_sets import LIP, STUDY_7
from sameperson.priors.skeletons import COCO

PLACE = {name: number for number, name in enumerate(COCO.joints)}


def standing(height=128, width=64):
    """A person seen from the front: COCO's joints, all sure."""
    at = {
        "nose": (32, 12), "left_eye": (34, 10), "right_eye": (30, 10), "left_ear": (37, 11), "right_ear": (27, 11),
        "left_shoulder": (44, 28), "right_shoulder": (20, 28), "left_elbow": (47, 44), "right_elbow": (17, 44),
        "left_wrist": (47, 60), "right_wrist": (17, 60), "left_hip": (39, 64), "right_hip": (25, 64),
        "left_knee": (39, 92), "right_knee": (25, 92), "left_ankle": (39, 120), "right_ankle": (25, 120),
    }  # fmt: skip
    points = np.array([(*at[name], 1) for name in COCO.joints], np.float32)
    return points * np.array([width / 64, height / 128, 1], np.float32)


def grey(level, shape=(64, 32)):
    return np.full((*shape, 3), level, np.uint8)


def wave(cycles, height=128, width=64, contrast=60):
    """A picture whose rows go up and down: `cycles` a pixel."""
    rows = 128 + contrast * np.cos(2 * np.pi * cycles * np.arange(height))
    return np.repeat(np.repeat(np.rint(rows)[:, None, None], width, 1), 3, 2).astype(np.uint8)


def test_the_white_level_is_that_of_bright_spots_without_their_colour():
    picture = grey(40)
    picture[10:30, 5:25] = (250, 204, 102)
    assert white_level(picture) == pytest.approx(102 / 255, abs=0.01)
    assert white_level(grey(0)) == 0 and white_level(grey(255)) == 1


def test_single_bright_pixels_do_not_make_a_picture_bright():
    picture = grey(40)
    picture[::16, ::16] = 255
    assert white_level(picture) < (40 + 2 * 215 / 25) / 255


@pytest.mark.parametrize("cycles", [1 / 32, 1 / 16, 1 / 10])
def test_a_wave_needs_two_rows_a_cycle(cycles):
    assert detail_rows(wave(cycles)) == pytest.approx(2 * cycles * 128, rel=0.1)


def test_detail_does_not_depend_on_contrast_and_is_never_more_than_the_picture():
    assert detail_rows(wave(1 / 16, contrast=20)) == pytest.approx(detail_rows(wave(1 / 16, contrast=100)), rel=0.05)
    noise = np.random.default_rng(0).integers(0, 256, (64, 32, 3), np.uint8)
    assert detail_rows(noise) == 64
    assert detail_rows(grey(90)) == 0


def test_an_enlarged_picture_holds_no_more_detail():
    rng = np.random.default_rng(1)
    small = np.cumsum(np.cumsum(rng.normal(0, 1, (32, 16)), 0), 1)
    small = np.interp(small, (small.min(), small.max()), (20, 230))
    rows = np.linspace(0, 31, 128)
    columns = np.linspace(0, 15, 64)
    tall = np.stack([np.interp(rows, range(32), small[:, k]) for k in range(16)], 1)
    large = np.stack([np.interp(columns, range(16), tall[k]) for k in range(128)], 0)
    picture = np.repeat(large[..., None], 3, 2).astype(np.uint8)
    assert detail_rows(picture) < 64 < 128


def test_hidden_limbs_are_those_outside_the_person():
    joints, person = standing(), np.zeros((128, 64), bool)
    person[:70] = True  # nothing below the hips can be seen
    inside = total = 0
    for one, other in LIMBS:
        for step in range(STEPS):
            share = step / (STEPS - 1)
            x, y = (joints[one, axis] * (1 - share) + joints[other, axis] * share for axis in (0, 1))
            inside += bool(person[int(y), int(x)])
            total += 1
    assert hidden_limbs(joints, person) == pytest.approx(1 - inside / total)
    assert hidden_limbs(joints, np.ones((128, 64), bool)) == 0
    assert hidden_limbs(joints, np.zeros((128, 64), bool)) == 1
    assert 0.2 < hidden_limbs(joints, person) < 0.5


def test_limbs_beyond_the_picture_are_hidden_and_unknown_joints_have_none():
    joints = standing()
    joints[:, 1] += 64  # the legs hang out of the picture
    assert hidden_limbs(joints, np.ones((128, 64), bool)) > 0.3
    joints[:, 2] = 0
    assert hidden_limbs(joints, np.ones((128, 64), bool)) is None


def test_a_body_is_compared_with_a_standing_one_band_by_band():
    person = np.zeros((160, 1000), bool)
    for band, share in enumerate(STANDING):
        person[10 * band : 10 * band + 10, : round(1000 * share)] = True
    assert hidden_body(person) == pytest.approx(0, abs=1e-6)
    half = person.copy()
    half[80:] = False
    assert hidden_body(half) == pytest.approx(sum(STANDING[8:]) / sum(STANDING), abs=1e-6)
    wide = half.copy()
    wide[:80] = True  # a broad upper body does not make up for legs that are not there
    assert hidden_body(wide) == pytest.approx(hidden_body(half), abs=1e-6)
    assert hidden_body(np.zeros((4, 2), bool)) == 1


def test_unseen_joints_are_those_below_the_neck():
    joints = standing()
    joints[:5, 2] = 0
    assert unseen_joints(joints) == 0
    joints[5:11, 2] = 0.5
    assert unseen_joints(joints) == pytest.approx(0.25)


def test_others_are_what_a_map_of_everybody_shows_outside_the_mask():
    everybody, person = np.zeros((2, 100, 50), bool)
    person[10:90, 10:30] = True
    everybody[8:92, 8:32] = True  # the same person, two pixels wider: outlines differ
    assert outside(everybody, person) == 0
    everybody[20:60, 40:50] = True
    assert outside(everybody, person) == pytest.approx(400 / 5000)
    everybody[0, 0] = True  # noise
    assert outside(everybody, person) == pytest.approx(400 / 5000)
    assert patches(np.zeros((10, 10), bool)) == 0


def test_others_stand_apart_or_show_another_head():
    labels = np.zeros((100, 50), np.uint8)
    labels[20:90, 10:30] = 2
    labels[10:20, 15:25] = 1
    parts = tuple(range(1, 7))
    assert beside_main(labels, parts, (1,)) == 0
    apart = labels.copy()
    apart[30:70, 40:50] = 2
    assert beside_main(apart, parts, (1,)) == pytest.approx(400 / 5000)
    behind = labels.copy()
    behind[5:19, 27:32] = 1  # a head that touches nothing but the shoulder
    behind[19:22, 27:32] = 2
    assert beside_main(behind, parts, (1,)) == pytest.approx(HEAD_TO_BODY * 70 / 5000)
    assert beside_main(np.zeros((10, 10), np.uint8), parts, (1,)) == 0


def test_clothes_are_named_by_each_set():
    assert [STUDY_7.labels[number] for number in clothes_of(STUDY_7)] == ["clothes"]
    assert {LIP.labels[number] for number in clothes_of(LIP)} >= {"coat", "pants", "skirt", "dress"}
    assert "hair" not in {LIP.labels[number] for number in clothes_of(LIP)}


def test_the_brightness_of_clothes_is_the_median_of_their_brightest_channel():
    picture, clothes = grey(200, (20, 10)), np.zeros((20, 10), bool)
    assert clothes_brightness(picture, clothes) is None
    clothes[5:10] = True
    picture[5:10] = (10, 51, 5)
    assert clothes_brightness(picture, clothes) == pytest.approx(0.2)


def test_below_the_head_is_the_lower_four_fifths():
    person = np.zeros((60, 10), bool)
    person[5:55] = True
    assert below_head(person).sum() == 400 and not below_head(person)[:15].any()
    assert not below_head(np.zeros((5, 5), bool)).any()


def test_left_shoulders_on_the_right_are_seen_from_the_front():
    joints = standing()
    assert viewpoint(joints) == "front"
    mirrored = joints.copy()
    mirrored[:, 0] = 64 - mirrored[:, 0]
    assert viewpoint(mirrored) == "back"
    thin = joints.copy()
    thin[:, 0] = 32 + (thin[:, 0] - 32) * 0.2
    assert viewpoint(thin) == "side"
    joints[PLACE["left_hip"], 2] = 0.1
    assert viewpoint(joints) is None


def test_poses():
    upright = standing()
    assert unusual_pose(upright) == 0
    waving = upright.copy()
    waving[PLACE["left_wrist"], 1] = 10  # half a torso above the shoulder
    assert unusual_pose(waving) == pytest.approx(0.5)
    lying = upright[:, [1, 0, 2]]
    assert unusual_pose(lying) == 1
    sitting = upright.copy()
    for side in ("left", "right"):
        sitting[PLACE[f"{side}_knee"], :2] = sitting[PLACE[f"{side}_hip"], :2] + (20, 2)
    assert unusual_pose(sitting) == 1
    walking = upright.copy()
    walking[PLACE["left_knee"], 0] += 12  # 23 degrees
    assert unusual_pose(walking) == 0
    unknown = upright.copy()
    unknown[:, 2] = 0
    assert unusual_pose(unknown) is None
