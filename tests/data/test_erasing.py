import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sameperson.data.erasing import Box, erase_labels, erase_picture, erase_points, paint_for, sample_box


@settings(max_examples=200)
@given(size=st.tuples(st.integers(4, 60), st.integers(4, 60)), seed=st.integers(0, 2**32))
def test_a_box_lies_inside_and_has_the_share_and_ratio_asked_for(size: tuple[int, int], seed: int) -> None:
    box = sample_box(size, (0.1, 0.4), np.random.default_rng(seed), aspect=(0.5, 2.0))
    if box is None:
        return
    assert box.top >= 0
    assert box.left >= 0
    assert box.top + box.height <= size[0]
    assert box.left + box.width <= size[1]
    pixels = size[0] * size[1]
    slack = (box.height + box.width) / 2 + 0.25  # sides are rounded to pixels
    assert 0.1 * pixels - slack <= box.height * box.width <= 0.4 * pixels + slack


def test_boxes_reach_every_pixel_and_vary() -> None:
    rng = np.random.default_rng(0)
    covered = np.zeros((16, 8), int)
    for _ in range(300):
        box = sample_box((16, 8), (0.02, 0.4), rng)
        assert box is not None
        covered[box.top : box.top + box.height, box.left : box.left + box.width] += 1
    assert covered.min() > 0
    assert covered.max() < 300


def test_an_impossible_share_gives_no_box() -> None:
    assert sample_box((16, 8), (1.5, 2.0), np.random.default_rng(0)) is None


@pytest.mark.parametrize(("fill", "expected"), [("mean", [128, 64, 255]), ("zero", [0, 0, 0])])
def test_the_box_and_nothing_else_is_painted(fill, expected) -> None:
    before = np.random.default_rng(0).integers(1, 255, (10, 6, 3)).astype(np.uint8)
    picture, box = before.copy(), Box(2, 1, 4, 3)
    erase_picture(picture, box, paint_for(fill, box, (0.5, 0.25, 1.0), np.random.default_rng(0)))
    for row in range(10):
        for column in range(6):
            inside = 2 <= row < 6 and 1 <= column < 4
            assert picture[row, column].tolist() == (expected if inside else before[row, column].tolist())


def test_noise_differs_from_pixel_to_pixel() -> None:
    picture = np.zeros((10, 6, 3), np.uint8)
    box = Box(0, 0, 9, 5)
    erase_picture(picture, box, paint_for("noise", box, (0.5, 0.5, 0.5), np.random.default_rng(0)))
    assert len(np.unique(picture[:9, :5].reshape(-1, 3), axis=0)) > 40
    assert not picture[9:].any()


@pytest.mark.parametrize(("policy", "under"), [("background", 0), ("ignore", 255), ("keep", 7)])
def test_labels_under_the_box_at_any_resolution(policy, under: int) -> None:
    box, size = Box(3, 2, 6, 5), (12, 8)
    for grid in [(12, 8), (6, 4), (5, 3), (24, 16)]:
        labels = np.full(grid, 7, np.uint8)
        erase_labels(labels, box, size, policy)
        for row in range(grid[0]):
            for column in range(grid[1]):
                y, x = (row + 0.5) * 12 / grid[0], (column + 0.5) * 8 / grid[1]
                inside = 3 <= y < 9 and 2 <= x < 7
                assert labels[row, column] == (under if inside else 7)


def test_keypoints_under_the_box_lose_their_confidence() -> None:
    points = np.array([[2.0, 3.0, 1.0], [6.9, 8.9, 1.0], [7.0, 5.0, 1.0], [1.9, 5.0, 1.0]], np.float32)
    kept = points.copy()
    erase_points(kept, Box(3, 2, 6, 5), "keep")
    assert (kept == points).all()
    erase_points(points, Box(3, 2, 6, 5), "background")
    assert points[:, 2].tolist() == [0, 0, 1, 1]
