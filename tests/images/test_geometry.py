"""Everything that lies on a picture must go where the picture goes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from sameperson.images.geometry import Geometry, resize
from sameperson.priors.label_sets import LIP
from sameperson.priors.skeletons import COCO
from sameperson.types import Size

RNG = np.random.default_rng(0)
LIP_SWAP = LIP.swap
sizes = st.tuples(st.integers(8, 40), st.integers(8, 40))


@st.composite
def geometries(draw: st.DrawFn, source: Size, least: float = 1.0) -> Geometry:
    """Resize by `least` to 3, shift by up to half the sample either way, perhaps mirror."""
    height, width = (int(draw(st.floats(least, 3.0)) * side + 0.999) for side in source)
    size = draw(sizes)
    shift = tuple(draw(st.integers(-side // 2, side // 2)) for side in size)
    return Geometry(source, size, (height, width), shift, draw(st.booleans()))


@st.composite
def chains(draw: st.DrawFn) -> list[Geometry]:
    source = draw(sizes)
    chain = []
    for _ in range(draw(st.integers(1, 4))):
        chain.append(draw(geometries(source)))
        source = chain[-1].size
    return chain


@settings(max_examples=200)
@given(chain=chains(), where=st.tuples(st.floats(0, 1, exclude_max=True), st.floats(0, 1, exclude_max=True)))
def test_a_keypoint_stays_on_its_pixel_through_any_chain(chain: list[Geometry], where: tuple[float, float]) -> None:
    height, width = chain[0].source
    row, column = int(where[0] * height), int(where[1] * width)
    # Labels say which column they came from; red and green which column and row, blue how much of it is picture.
    labels = np.tile(np.arange(width, dtype=np.uint8), (height, 1))
    picture = np.full((height, width, 3), 200, np.uint8)
    picture[..., 0], picture[..., 1] = 5 * np.arange(width), 5 * np.arange(height)[:, None]
    point = np.array([[column + 0.5, row + 0.5, 1.0]], np.float32)
    for step in chain:
        labels, point = step.labels(labels, step.size, outside=255), step.points(point)
        picture = step.picture(picture)
        if point[0, 2] == 0:
            return  # it left the sample
    x, y, _ = point[0]
    drift = len(chain) / 2  # each step may round a place to half a pixel
    if labels[int(y), int(x)] != 255:
        assert abs(int(labels[int(y), int(x)]) - column) <= drift
    red, green, blue = picture[int(y), int(x)].astype(float)
    if blue > 100:
        assert abs(red / blue * 200 / 5 - column) < drift + 0.75
        assert abs(green / blue * 200 / 5 - row) < drift + 0.75


@settings(max_examples=100)
@given(data=st.data())
def test_labels_equal_a_loop_over_cells(data: st.DataObject) -> None:
    geometry = data.draw(geometries(data.draw(sizes), least=0.3))
    shape, grid = data.draw(sizes), data.draw(sizes)
    labels = RNG.integers(0, 20, shape).astype(np.uint8)
    seen = geometry.labels(labels, grid, LIP_SWAP, outside=99)
    for row in range(grid[0]):
        for column in range(grid[1]):
            y = (row + 0.5) * geometry.size[0] / grid[0]
            x = (column + 0.5) * geometry.size[1] / grid[1]
            x = geometry.size[1] - x if geometry.mirrored else x
            y, x = y - geometry.shift[0], x - geometry.shift[1]
            if not (0 <= y < geometry.scaled[0] and 0 <= x < geometry.scaled[1]):
                assert seen[row, column] == 99
                continue
            label = labels[int(y * shape[0] / geometry.scaled[0]), int(x * shape[1] / geometry.scaled[1])]
            assert seen[row, column] == (LIP_SWAP[label] if geometry.mirrored else label)


@settings(max_examples=50)
@given(data=st.data(), grid=st.tuples(st.integers(2, 16), st.integers(2, 16)))
def test_a_label_grid_is_the_downsampled_transformed_map(data: st.DataObject, grid: Size) -> None:
    source = data.draw(sizes)
    size = (grid[0] * 3, grid[1] * 3)  # an odd factor: the middle of a cell is the middle of a pixel
    shift = (data.draw(st.integers(-5, 5)), data.draw(st.integers(-5, 5)))
    geometry = Geometry(source, size, size, shift, data.draw(st.booleans()))
    labels = RNG.integers(0, 20, source).astype(np.uint8)
    full = geometry.labels(labels, size, LIP_SWAP)
    assert (geometry.labels(labels, grid, LIP_SWAP) == full[1::3, 1::3]).all()


def test_mirroring_twice_is_the_identity() -> None:
    size = (11, 7)
    mirror = Geometry(size, size, size, mirrored=True)
    picture = RNG.integers(0, 256, (*size, 3)).astype(np.uint8)
    labels = RNG.integers(0, 20, size).astype(np.uint8)
    points = np.column_stack([RNG.uniform(0, 7, 17), RNG.uniform(0, 11, 17), RNG.uniform(0, 1, 17)]).astype(np.float32)
    assert (mirror.picture(mirror.picture(picture)) == picture).all()
    assert (mirror.labels(mirror.labels(labels, size, LIP_SWAP), size, LIP_SWAP) == labels).all()
    np.testing.assert_allclose(mirror.points(mirror.points(points, COCO.swap), COCO.swap), points, atol=1e-5)


def test_in_the_mirror_left_and_right_change_names() -> None:
    size = (4, 10)
    mirror = Geometry(size, size, size, mirrored=True)
    points = np.zeros((17, 3), np.float32)
    points[9] = 2.0, 1.0, 0.9  # the left wrist, at the picture's left
    moved = mirror.points(points, COCO.swap)
    np.testing.assert_allclose(moved[10], [8.0, 1.0, 0.9])
    labels = np.zeros(size, np.uint8)
    labels[1, 2] = 14  # left arm
    moved_labels = mirror.labels(labels, size, LIP_SWAP)
    assert moved_labels[1, 7] == 15
    assert np.count_nonzero(moved_labels) == 1


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("shift", [(0, 0), (3, -2), (-4, 4), (20, 0)])
def test_a_shift_is_pad_and_crop(shift: tuple[int, int], mirrored: bool) -> None:
    size, pad = (12, 6), 20
    picture = RNG.integers(0, 256, (*size, 3)).astype(np.uint8)
    padded = np.pad(picture, ((pad, pad), (pad, pad), (0, 0)))
    top, left = pad - shift[0], pad - shift[1]
    expected = padded[top : top + size[0], left : left + size[1]]
    expected = expected[:, ::-1] if mirrored else expected
    assert (Geometry(size, size, size, shift, mirrored).picture(picture) == expected).all()


@pytest.mark.parametrize("size", [(64, 32), (41, 37), (20, 10), (12, 40), (32, 16)])
def test_resize_is_pillows_antialiased_bilinear(size: Size) -> None:
    picture = RNG.integers(0, 256, (32, 16, 3)).astype(np.uint8)
    expected = Image.fromarray(picture).resize(size[::-1], Image.Resampling.BILINEAR)
    assert np.abs(resize(picture, size).astype(int) - np.asarray(expected)).max() <= 1


def test_outside_the_sample_a_joint_loses_its_confidence_only() -> None:
    geometry = Geometry((10, 10), (10, 10), (20, 20))
    moved = geometry.points(np.array([[4, 4, 0.8], [6, 4, 0.8], [5, 0, 0.8]], np.float32))
    np.testing.assert_allclose(moved, [[8, 8, 0.8], [12, 8, 0], [10, 0, 0]])
