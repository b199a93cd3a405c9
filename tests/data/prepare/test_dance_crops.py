"""A crop shows its box and nothing beside the frame, and joints move with the pixels they lie on."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sameperson.data.prepare.crops import LEFT, RIGHT, SIZE, cut, cut_box, moved, pose_text, with_joints

EDGE = st.floats(-60, 260)


@given(st.tuples(EDGE, EDGE, EDGE, EDGE), st.tuples(st.integers(1, 200), st.integers(1, 200)))
def test_a_part_lies_in_the_frame_and_is_twice_as_high_as_wide_where_it_fits(box, frame):
    height, width = frame
    left, top, right, bottom = box
    part = cut_box(box, frame)
    seen = right > left and bottom > top and right > 0 and bottom > 0 and left < width and top < height
    assert (part is not None) == seen
    if part is None:
        return
    x, y, x1, y1 = part
    assert 0 <= x < x1 <= width and 0 <= y < y1 <= height
    tall = max(bottom - top, 2 * (right - left))
    if tall <= height and tall / 2 <= width and tall >= 1:
        assert abs((y1 - y) - tall) <= 0.5 and abs((x1 - x) - max(1, tall / 2)) <= 0.5
        if min(left, top) >= 0 and right <= width and bottom <= height:  # and then shows all of the box
            assert x - 1 <= left and right <= x1 + 1 and y - 1 <= top and bottom <= y1 + 1


@pytest.mark.parametrize(
    ("box", "part"),
    [
        ((40, 10, 60, 90), (30, 10, 70, 90)),  # grows sideways
        ((20, 40, 60, 60), (20, 10, 60, 90)),  # grows up and down
        ((0, 10, 20, 90), (0, 10, 40, 90)),  # moves in from the left edge
        ((190, 10, 200, 90), (160, 10, 200, 90)),  # and from the right one
        ((50, 0, 90, 20), (50, 0, 90, 80)),  # and down from the upper one
        ((0, 0, 200, 100), (0, 0, 200, 100)),  # is larger than the frame
    ],
)
def test_boxes_by_hand_in_a_frame_of_100_by_200(box, part):
    assert cut_box(box, (100, 200)) == part


@pytest.mark.parametrize("box", [(5, 5, 5, 9), (9, 5, 5, 9), (np.nan, 0, 5, 9), (0, 0, np.inf, 9), (300, 0, 310, 9)])
def test_what_is_no_box_or_outside_is_not_cut(box):
    assert cut_box(box, (100, 200)) is None


@pytest.mark.parametrize("part", [(10, 20, 42, 84), (0, 0, 128, 256), (7, 3, 207, 299), (3, 5, 4, 7)])
def test_joints_stay_on_the_spot_they_mark(part):
    """A frame whose colours say where each pixel is: under a moved joint the crop has the joint's own place."""
    rows, columns = np.mgrid[0:300, 0:210]
    frame = np.stack([columns, rows * 255 // 300, np.zeros_like(rows)], -1).astype(np.uint8)
    left, top, right, bottom = part
    rng = np.random.default_rng(0)
    pose = rng.uniform((left, top), (right, bottom), (17, 2))
    pose[3], pose[5] = (np.nan, np.nan), (left - 1, top + 1)
    joints, crop = moved(pose, part), cut(frame, part)
    assert crop.shape == (*SIZE, 3)
    assert (joints[[3, 5]] == -1).all()
    for (x, y), (u, v) in zip(pose, joints, strict=True):
        if u < 0:
            continue
        assert 0 <= u < SIZE[1] and 0 <= v < SIZE[0]
        assert u == pytest.approx((x - left) / (right - left) * 128)
        assert v == pytest.approx((y - top) / (bottom - top) * 256)
        red, green, _ = crop[int(v), int(u)].astype(float)
        assert abs(red - (x - 0.5)) <= 2 and abs(green - (y - 0.5) * 255 / 300) <= 2


def test_a_pose_is_17_lines_that_never_leave_the_crop():
    joints = np.full((17, 2), -1.0)
    joints[0], joints[1] = (127.9999, 255.99999), (0, 0.0004)
    lines = pose_text(joints).splitlines()
    assert lines[:3] == ["127.999 255.999", "0 0", "-1 -1"] and len(lines) == 17
    assert all(float(x) < 128 and float(y) < 256 for x, y in map(str.split, lines))


def test_a_skeleton_has_its_sides_in_two_colours_and_nothing_for_missing_joints():
    blank = np.zeros((256, 128, 3), np.uint8)
    joints = np.full((17, 2), -1.0)
    assert not with_joints(blank, joints).any()
    joints[7], joints[9] = (20, 20), (20, 60)  # left forearm
    joints[8], joints[10] = (100, 20), (100, 60)  # right forearm
    drawn = with_joints(blank, joints)
    assert drawn[40, 20].tolist() == list(LEFT) and drawn[40, 100].tolist() == list(RIGHT)
    assert not blank.any()
