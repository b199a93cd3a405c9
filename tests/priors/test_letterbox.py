"""Fitting of pictures into a network's input with a margin, against a loop over pixels, and the way back."""

import numpy as np
import pytest

from sameperson.priors.letterbox import Fit, fit_to_input, fitted_picture, points_to_picture


def reflected(index: int, length: int) -> int:
    """Where the mirror image of a row of pixels beyond its ends comes from; the end itself is not repeated."""
    while not 0 <= index < length:
        index = -index if index < 0 else 2 * (length - 1) - index
    return index


@pytest.mark.parametrize("fit", ["edge", "reflect"])
@pytest.mark.parametrize("source", [(32, 16), (16, 32), (32, 32), (32, 3), (32, 1)])
def test_the_margin_is_what_a_loop_draws(fit: Fit, source: tuple[int, int]) -> None:
    """An input of 40 is 1.25 times 32, so nothing is resized."""
    picture = np.random.default_rng(1).integers(0, 256, (*source, 3)).astype(np.uint8)
    geometry = fit_to_input(source, (40, 40), fit)
    assert geometry.scaled == source
    found = fitted_picture(picture, geometry, fit)
    top, left = (40 - source[0]) // 2, (40 - source[1]) // 2
    for y in range(40):
        for x in range(40):
            row, column = y - top, x - left
            if fit == "edge":
                row, column = min(max(row, 0), source[0] - 1), min(max(column, 0), source[1] - 1)
            elif source[1] > 1:
                row, column = reflected(row, source[0]), reflected(column, source[1])
            else:
                row, column = reflected(row, source[0]), 0
            assert found[y, x].tolist() == picture[row, column].tolist()


@pytest.mark.parametrize(("source", "size"), [((256, 128), (256, 256)), ((61, 200), (256, 256)), ((50, 50), (64, 96))])
def test_the_square_is_a_quarter_larger_and_points_come_back(source: tuple[int, int], size: tuple[int, int]) -> None:
    geometry = fit_to_input(source, size, "edge")
    factor = min(size) / (1.25 * max(source))
    for axis in (0, 1):
        assert abs(geometry.scaled[axis] - factor * source[axis]) <= 0.5
        assert abs(geometry.shift[axis] + geometry.scaled[axis] / 2 - size[axis] / 2) <= 0.5
    points = np.array([[0.25 * source[1], 0.75 * source[0], 0.5], [source[1], source[0], 1], [0, 0, 1]], np.float32)
    inside = points.copy()
    for number in range(len(points)):
        for axis, column in ((1, 0), (0, 1)):
            share = points[number, column] / source[axis]
            inside[number, column] = geometry.shift[axis] + share * geometry.scaled[axis]
    assert np.allclose(points_to_picture(inside, geometry), points, atol=1e-4)
    beyond = inside + np.array([[1000, 0, 0]], np.float32)
    assert points_to_picture(beyond, geometry)[:, 2].tolist() == [0, 0, 0]
