"""What networks say, decoded against naive loops over every cell."""

import numpy as np
import pytest

from sameperson.checks import InputError
from sameperson.priors.joints import joints_of
from sameperson.priors.label_sets import ATR, LIP, PASCAL
from sameperson.priors.letterbox import fit_to_input, pixels_on_grid, points_to_picture
from sameperson.priors.segments import labels_to_picture, parsing_output
from sameperson.priors.skeletons import COCO, OPENPOSE


def naive_heatmap(heatmap: np.ndarray, size: tuple[int, int]) -> list[float]:
    height, width = heatmap.shape
    best, where = -np.inf, (0, 0)
    for row in range(height):
        for column in range(width):
            if heatmap[row, column] > best:
                best, where = heatmap[row, column], (row, column)
    row, column = where
    x, y = column + 0.5, row + 0.5
    if 0 < column < width - 1:
        x += 0.25 * np.sign(heatmap[row, column + 1] - heatmap[row, column - 1])
    if 0 < row < height - 1:
        y += 0.25 * np.sign(heatmap[row + 1, column] - heatmap[row - 1, column])
    return [x / width * size[1], y / height * size[0], min(max(best, 0), 1)]


@pytest.mark.parametrize("joints", [17, 18])
def test_heatmaps(joints: int) -> None:
    heatmaps = np.random.default_rng(joints).uniform(-0.2, 1.2, (3, joints, 8, 6)).astype(np.float32)
    other = np.zeros((3, 7), np.float32)
    points, skeleton = joints_of([other, heatmaps], (64, 48))
    assert skeleton is (COCO if joints == 17 else OPENPOSE)
    naive = [[naive_heatmap(heatmaps[b, j], (64, 48)) for j in range(joints)] for b in range(3)]
    np.testing.assert_allclose(points, naive, atol=1e-4)


def test_a_gaussian_is_found_to_a_quarter_of_a_cell() -> None:
    rng = np.random.default_rng(0)
    rows, columns = np.mgrid[:16, :12] + 0.5
    for x, y in rng.uniform((4, 4), (44, 60), (20, 2)):
        one = np.exp(-((columns * 4 - x) ** 2 + (rows * 4 - y) ** 2) / (2 * 8**2))
        points, _ = joints_of([np.repeat(one[None, None], 17, 1)], (64, 48))
        assert np.abs(points[0, 0, :2] - (x, y)).max() <= 1.0 + 1e-6  # a quarter of four pixels


@pytest.mark.parametrize("swapped", [False, True])
def test_simcc(swapped: bool) -> None:
    rng = np.random.default_rng(1)
    across, down = rng.uniform(0, 1, (2, 17, 96)), rng.uniform(0, 1, (2, 17, 128))
    points, skeleton = joints_of([down, across] if swapped else [across, down], (64, 48))
    assert skeleton is COCO
    for picture in range(2):
        for joint in range(17):
            x, y = list(across[picture, joint]), list(down[picture, joint])
            expected = [(x.index(max(x)) + 0.5) / 2, (y.index(max(y)) + 0.5) / 2, min(max(x), max(y))]
            assert points[picture, joint].tolist() == pytest.approx(expected, rel=1e-5)


def test_more_joints_than_wanted() -> None:
    heatmaps = np.zeros((1, 133, 4, 4))
    heatmaps[0, :, 2, 1] = np.linspace(0, 1, 133)
    points, skeleton = joints_of([heatmaps], (16, 16))
    assert skeleton is COCO
    assert points.shape == (1, 17, 3)
    assert points[0, 16, 2] == pytest.approx(16 / 132)


@pytest.mark.parametrize(
    ("outputs", "says"),
    [
        ([np.zeros((1, 5, 8, 8))], r"outputs of shape \(1, 5, 8, 8\); expected heatmaps"),
        ([np.zeros((1, 17, 8))], r"outputs of shape \(1, 17, 8\)"),
        ([np.zeros((1, 17, 48)), np.zeros((1, 17, 50))], "lines of 48 and 50 bins for pictures of 64x48"),
        ([np.full((1, 17, 8, 8), np.nan)], "NaN"),
    ],
)
def test_a_network_without_joints_is_named(outputs: list, says: str) -> None:
    with pytest.raises(InputError, match=says):
        joints_of(outputs, (64, 48))


def test_padded_pictures_keep_their_shape() -> None:
    geometry = fit_to_input((100, 50), (64, 48), "pad")
    assert (geometry.scaled, geometry.shift) == ((64, 32), (0, 8))
    assert fit_to_input((10, 50), (64, 48), "pad").shift == (27, 0)
    stretched = fit_to_input((100, 50), (64, 48), "stretch")
    assert (stretched.scaled, stretched.shift) == ((64, 48), (0, 0))
    # there and back again
    points = np.random.default_rng(0).uniform(1, 49, (17, 3)).astype(np.float32).clip(0, 49)
    points[:, 2] = 0.5
    for fit in (geometry, stretched):
        np.testing.assert_allclose(points_to_picture(fit.points(points), fit), points, atol=1e-4)
    beyond = points_to_picture(np.array([[4, 10, 0.9], [44, 10, 0.9], [24, 10, 0.9]], np.float32), geometry)
    assert beyond[:, 0].tolist() == [0, 50, 25]
    assert beyond[:, 2].tolist() == pytest.approx([0, 0, 0.9])


def test_labels_lie_back_on_the_picture() -> None:
    rng = np.random.default_rng(2)
    for fit, source in (("pad", (10, 7)), ("stretch", (10, 7)), ("pad", (3, 20))):
        geometry = fit_to_input(source, (16, 12), fit)
        grid = rng.integers(0, 20, (8, 6)).astype(np.uint8)
        back = labels_to_picture(grid, geometry)
        assert back.shape == source
        for row in range(source[0]):
            for column in range(source[1]):
                y = (row + 0.5) * geometry.scaled[0] / source[0] + geometry.shift[0]
                x = (column + 0.5) * geometry.scaled[1] / source[1] + geometry.shift[1]
                assert back[row, column] == grid[int(y / 2), int(x / 2)]


def test_scores_are_read_between_cells_before_the_highest_wins() -> None:
    rng = np.random.default_rng(3)
    scores = rng.normal(size=(5, 4, 3)).astype(np.float32)
    geometry = fit_to_input((9, 8), (16, 12), "pad")
    rows, columns = pixels_on_grid((4, 3), geometry)
    back = labels_to_picture(scores, geometry)
    for row, y in enumerate(rows):
        for column, x in enumerate(columns):
            y0, x0 = np.clip(y - 0.5, 0, 3), np.clip(x - 0.5, 0, 2)
            top, left = min(int(y0), 2), min(int(x0), 1)
            down, across = y0 - top, x0 - left
            blend = (
                scores[:, top, left] * (1 - down) * (1 - across) + scores[:, top + 1, left] * down * (1 - across)
                + scores[:, top, left + 1] * (1 - down) * across + scores[:, top + 1, left + 1] * down * across
            )  # fmt: skip
            best = np.sort(blend)
            if best[-1] - best[-2] > 1e-4:
                assert back[row, column] == blend.argmax()


def test_the_parsing_among_outputs() -> None:
    edges, scores = np.zeros((2, 2, 8, 8), np.float32), np.zeros((2, 20, 4, 4), np.float32)
    assert parsing_output([edges, scores], LIP) is scores
    labels = np.random.default_rng(4).integers(0, 18, (2, 1, 4, 4))
    assert (parsing_output([labels.astype(np.float32)], ATR) == labels[:, 0]).all()
    assert (parsing_output([labels[:, 0]], LIP) == labels[:, 0]).all()
    with pytest.raises(InputError, match=r"label 17; expected pascal's 0 to 6"):
        parsing_output([np.full((1, 4, 4), 17)], PASCAL)
    with pytest.raises(InputError, match=r"shape \(2, 20, 4, 4\); expected scores \(pictures, 18, h, w\)"):
        parsing_output([scores], ATR)
    with pytest.raises(InputError, match="NaN"):
        parsing_output([scores * np.nan], LIP)
