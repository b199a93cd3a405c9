"""A rotated and scaled picture, its labels and its keypoints go to the same places, those that a loop computes."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sameperson.images.affine import Affine
from sameperson.images.geometry import Geometry
from sameperson.priors.label_sets import LIP
from sameperson.priors.skeletons import COCO
from sameperson.types import Size

RNG = np.random.default_rng(0)
LIP_SWAP = LIP.swap
sizes = st.tuples(st.integers(8, 40), st.integers(8, 40))


@st.composite
def affines(draw: st.DrawFn) -> Affine:
    source, size, scaled = draw(sizes), draw(sizes), draw(sizes)
    shift = tuple(draw(st.integers(-side // 3, side // 3)) for side in size)
    plain = Geometry(source, size, scaled, shift, draw(st.booleans()))
    return Affine(plain, draw(st.floats(-90, 90)), draw(st.floats(0.5, 2)))


def by_hand(affine: Affine, x: float, y: float) -> tuple[float, float]:
    """Where a point of the picture goes, step by step: rotate and scale, resize, move, mirror."""
    height, width = affine.source
    angle = math.radians(affine.degrees)
    right, down = x - width / 2, y - height / 2
    right, down = (
        affine.zoom * (right * math.cos(angle) - down * math.sin(angle)),
        affine.zoom * (right * math.sin(angle) + down * math.cos(angle)),
    )
    x = (right + width / 2) * affine.plain.scaled[1] / width + affine.plain.shift[1]
    y = (down + height / 2) * affine.plain.scaled[0] / height + affine.plain.shift[0]
    return (affine.size[1] - x if affine.mirrored else x), y


@settings(max_examples=100)
@given(affine=affines(), where=st.tuples(st.floats(0, 1), st.floats(0, 1)))
def test_points_go_where_the_steps_lead(affine: Affine, where: tuple[float, float]) -> None:
    x, y = where[1] * affine.source[1], where[0] * affine.source[0]
    moved = affine.points(np.array([[x, y, 0.5]], np.float32))[0]
    expected = by_hand(affine, x, y)
    np.testing.assert_allclose(moved[:2], expected, atol=1e-3)
    assert moved[2] in (0.0, 0.5)
    if all(1e-3 < place < side - 1e-3 for place, side in zip(expected, affine.size[::-1])):
        assert moved[2] == 0.5


@settings(max_examples=50)
@given(affine=affines(), shape=sizes, grid=sizes)
def test_labels_equal_a_loop_over_cells(affine: Affine, shape: Size, grid: Size) -> None:
    """Each cell has the label of a place that goes there: the nearest middle of a fine lattice over the picture."""
    labels = RNG.integers(0, 20, shape).astype(np.uint8)
    seen = affine.labels(labels, grid, LIP_SWAP, outside=99)
    inverse = np.linalg.inv(np.vstack([affine.matrix, [0, 0, 1]]))
    for row in range(grid[0]):
        for column in range(grid[1]):
            target = (column + 0.5) * affine.size[1] / grid[1], (row + 0.5) * affine.size[0] / grid[0]
            x, y, _ = inverse @ [*target, 1]
            np.testing.assert_allclose(by_hand(affine, x, y), target, atol=1e-6)
            y_label, x_label = y * shape[0] / affine.source[0], x * shape[1] / affine.source[1]
            if min(abs(place - round(place)) for place in (x, y, x_label, y_label)) < 1e-6:
                continue  # on an edge, where the last bit decides
            if not (0 <= y < affine.source[0] and 0 <= x < affine.source[1]):
                assert seen[row, column] == 99
                continue
            label = labels[int(y_label), int(x_label)]
            assert seen[row, column] == (LIP_SWAP[label] if affine.mirrored else label)


@settings(max_examples=50)
@given(affine=affines())
def test_a_picture_equals_a_loop_over_pixels(affine: Affine) -> None:
    """At the picture's own resolution each pixel is bilinear between four of the picture or of its border."""
    plain = affine.plain
    affine = Affine(Geometry(plain.source, plain.size, plain.source, plain.shift, plain.mirrored), affine.degrees, 1.3)
    height, width = affine.source
    rows, columns = np.mgrid[:height, :width]
    picture = np.stack([3 * rows + 40, 3 * columns + 40, 200 + 0 * rows], axis=-1).astype(np.uint8)
    border = (7, 9, 11)
    seen = affine.picture(picture, border).astype(float)
    inverse = np.linalg.inv(np.vstack([affine.matrix, [0, 0, 1]]))
    for row in range(0, affine.size[0], 3):
        for column in range(0, affine.size[1], 3):
            x, y, _ = inverse @ [column + 0.5, row + 0.5, 1] - 0.5
            left, top = math.floor(x), math.floor(y)
            expected = np.zeros(3)
            for down in (0, 1):
                for right in (0, 1):
                    inside = 0 <= top + down < height and 0 <= left + right < width
                    colour = picture[top + down, left + right] if inside else np.array(border)
                    part = (y - top if down else 1 - y + top) * (x - left if right else 1 - x + left)
                    expected += part * colour
            # OpenCV knows places to a 32nd of a pixel, where the border is far from the picture's colours.
            assert np.abs(seen[row, column] - expected).max() < 9


def test_nothing_turned_is_the_plain_geometry() -> None:
    for mirrored in (False, True):
        plain = Geometry((24, 12), (30, 20), (36, 18), (-3, 2), mirrored)
        picture = RNG.integers(0, 256, (24, 12, 3)).astype(np.uint8)
        labels = RNG.integers(0, 20, (48, 24)).astype(np.uint8)
        points = np.column_stack([RNG.uniform(0, 12, 17), RNG.uniform(0, 24, 17), np.ones(17)]).astype(np.float32)
        still = Affine(plain)
        assert np.abs(still.picture(picture).astype(int) - plain.picture(picture)).max() <= 1
        assert (still.labels(labels, (30, 20), LIP_SWAP, 255) == plain.labels(labels, (30, 20), LIP_SWAP, 255)).all()
        np.testing.assert_allclose(still.points(points, COCO.swap), plain.points(points, COCO.swap), atol=1e-4)


def test_a_quarter_turn_by_hand() -> None:
    """What is at the top goes to the right."""
    affine = Affine(Geometry((4, 4), (4, 4), (4, 4)), 90)
    labels = np.zeros((4, 4), np.uint8)
    labels[0] = 1, 2, 3, 4
    assert affine.labels(labels, (4, 4))[:, 3].tolist() == [1, 2, 3, 4]
    assert affine.labels(labels, (4, 4))[:, :3].max() == 0


@pytest.mark.parametrize(("zoom", "inside"), [(0.5, 16), (2.0, 64)])
def test_a_scale_shows_the_border_or_cuts(zoom: float, inside: int) -> None:
    affine = Affine(Geometry((8, 8), (8, 8), (8, 8)), 0, zoom)
    seen = affine.labels(np.ones((8, 8), np.uint8), (8, 8), outside=255)
    assert (seen == 1).sum() == inside and (seen == 255).sum() == 64 - inside


def test_left_and_right_change_names_where_it_is_mirrored() -> None:
    affine = Affine(Geometry((4, 10), (4, 10), (4, 10), mirrored=True), 0)
    labels = np.zeros((4, 10), np.uint8)
    labels[1, 2] = 14
    assert affine.labels(labels, (4, 10), LIP_SWAP)[1, 7] == 15
