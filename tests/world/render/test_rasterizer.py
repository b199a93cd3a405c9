"""The z-buffer against a plain numpy one that visits every pixel of every triangle."""

from itertools import pairwise

import numpy as np
import pytest

from sameperson.world.clothes.pieces import Layer
from sameperson.world.places.place import sample_room
from sameperson.world.render.device import row_type
from sameperson.world.render.kernels.look import LookRow
from sameperson.world.render.kernels.zbuffer import TWO_SIDED
from sameperson.world.render.labels import Label
from sameperson.world.render.rasterizer import Rasterizer, SkinnedMesh, View

SIZE = (48, 40)
LEFT, RIGHT = (0.3, 0.0, -0.3), (-0.3, 0.0, -0.3)  # places on the template: skin of the left and of the right leg


def soup(corners, place=LEFT, flags=int(Layer.BODY)):
    """A mesh of separate triangles (T, 3, 3) that all follow one bone."""
    points = np.asarray(corners, np.float32).reshape(-1, 3)
    count = len(points)
    skin_weight = np.zeros((count, 4), np.float32)
    skin_weight[:, 0] = 1
    look = np.zeros(1, row_type(LookRow))
    look["skin"], look["feet"]["sock_top"] = 0.5, -1.0
    place = np.broadcast_to(np.asarray(place, np.float32), (count // 3, 3)).repeat(3, 0)
    return SkinnedMesh(
        points=points,
        normals=np.tile(np.array([0, -1, 0], np.float32), (count, 1)),
        place=np.ascontiguousarray(place),
        limb=np.tile(np.array([0, 0, 0, 1], np.float32), (count, 1)),
        skin_index=np.zeros((count, 4), np.int32),
        skin_weight=skin_weight,
        triangles=np.arange(count, dtype=np.int32).reshape(-1, 3),
        flags=np.full(count // 3, flags, np.int32),
        look=look,
    )


def front_view(**changes):
    """A camera 4 m in front of the origin and 1 m up, looking along +Y."""
    rotation = np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]], float)
    eye = np.array([0.0, -4.0, 1.0])
    fields = {
        "rotation": rotation,
        "translation": -rotation @ eye,
        "focal": (70.0, 60.0),
        "centre": (SIZE[1] / 2, SIZE[0] / 2),
        "room": sample_room(np.random.default_rng(0)),
        "light": (0.0, 0.0, 1.0),
        "ambient": 0.6,
        "diffuse": 0.4,
        "blobs": np.array([(0.0, 0.0, 1.0, 0.0)]),
    }
    return View(**fields | changes)


def draw(meshes, view=None, size=SIZE, supersample=1, bones=None):
    """Every mesh as a figure in one picture."""
    stage = Rasterizer(meshes, range(len(meshes)), [0] * len(meshes), identity(len(meshes)) if bones is None else bones)
    view = view or front_view()
    stage.stand_on_floor([view])
    return stage.draw([view], size, supersample)


def identity(count):
    return np.tile(np.eye(4, dtype=np.float32), (count, 1, 1, 1))


def projected(points, view):
    """Pinhole camera, written out."""
    out = []
    for point in np.asarray(points, float).reshape(-1, 3):
        x, y, z = view.rotation @ point + view.translation
        out.append((view.focal[0] * x / z + view.centre[0], view.focal[1] * y / z + view.centre[1], 1 / z))
    return np.array(out)


def naive_zbuffer(corners, view, size):
    """(H, W) greatest inverse distance, and the triangle that has it, and where an edge is too near to tell."""
    nearness, owner, unsure = np.zeros(size), np.full(size, -1), np.zeros(size, bool)
    for t, triangle in enumerate(corners):
        a, b, c = projected(triangle, view)
        area = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
        if area >= 0:
            continue
        for row in range(size[0]):
            for column in range(size[1]):
                x, y = column + 0.5, row + 0.5
                second = ((x - a[0]) * (c[1] - a[1]) - (y - a[1]) * (c[0] - a[0])) / area
                third = ((b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0])) / area
                weights = np.array([1 - second - third, second, third])
                unsure[row, column] |= abs(weights.min()) < 1e-3
                near = weights @ (a[2], b[2], c[2])
                if weights.min() >= 0 and near >= nearness[row, column]:
                    nearness[row, column], owner[row, column] = near, t
    return nearness, owner, unsure


def chessboard(grid):
    """Which of grid x grid sub-samples are looked at within one piece, (grid * grid,)."""
    row, column = np.divmod(np.arange(grid * grid), grid)
    return (row + column) % 2 == 0


def random_soup(seed, count=30):
    """Triangles of all sizes around the origin, the lowest point on the floor."""
    rng = np.random.default_rng(seed)
    middle = rng.uniform((-0.7, -1, 0.5), (0.7, 1, 1.6), (count, 1, 3))
    corners = middle + rng.normal(0, rng.choice([0.05, 0.5], (count, 1, 1)), (count, 3, 3))
    corners[..., 2] -= corners[..., 2].min()
    return corners.astype(np.float32)


def test_bounds_are_those_of_the_pinhole_formula():
    corners, view = random_soup(1), front_view()
    stage = Rasterizer([soup(corners)], [0], [0], identity(1))
    expected = projected(corners, view)[:, :2]
    np.testing.assert_allclose(stage.stand_on_floor([view])[0], [*expected.min(0), *expected.max(0)], rtol=1e-4)


@pytest.mark.parametrize("seed", range(3))
def test_a_soup_of_triangles_equals_a_naive_zbuffer(seed):
    corners, view = random_soup(seed), front_view()
    places = np.where(np.arange(len(corners))[:, None] % 2, LEFT, RIGHT)
    layers = draw([soup(corners, places)], view)
    nearness, owner, unsure = naive_zbuffer(corners, view, SIZE)
    assert (owner >= 0).sum() > 200 and (owner == -1).sum() > 50
    expected = np.where(owner < 0, Label.BACKGROUND, np.where(owner % 2, Label.LEFT_LEG, Label.RIGHT_LEG))
    np.testing.assert_array_equal(layers.labels[0][~unsure], expected[~unsure])
    sure = ~unsure & (owner >= 0)
    np.testing.assert_allclose(layers.nearness[0][sure], nearness[sure], rtol=1e-4)
    np.testing.assert_array_equal(layers.figures[0] == 0, layers.labels[0] > 0)


def test_of_two_triangles_in_one_place_the_later_wins_whatever_the_order_of_figures():
    triangle = [[(-1, 0, 0), (1, 0, 0), (0, 0, 2)]]
    twice = soup(triangle * 2, [LEFT, RIGHT])
    labels = draw([twice]).labels
    assert set(np.unique(labels)) == {Label.BACKGROUND, Label.RIGHT_LEG}
    figures = draw([soup(triangle, LEFT), soup(triangle, RIGHT)]).labels
    np.testing.assert_array_equal(figures, labels)


def test_a_back_is_drawn_only_where_it_can_be_seen():
    back = [[(1, 0, 0), (-1, 0, 0), (0, 0, 2)]]
    assert not draw([soup(back)]).labels.any()
    assert draw([soup(back, flags=int(Layer.BODY) | TWO_SIDED)]).labels.any()


def test_what_reaches_behind_the_camera_is_left_out():
    assert not draw([soup([[(-1, -9, 0), (1, -9, 0), (0, 2, 2)]])]).labels.any()


def test_bones_move_vertices_by_their_weights():
    mesh = soup([[(-0.5, 0, 0), (0.5, 0, 0), (0, 0, 1)]])
    mesh.skin_index[2], mesh.skin_weight[2] = (1, 0, 0, 0), (0.25, 0.75, 0, 0)
    bones = np.tile(np.eye(4, dtype=np.float32), (1, 2, 1, 1))
    bones[0, 1, :3, 3] = (0.4, 0, 0.8)  # the tip follows this bone by a quarter
    stage, view = Rasterizer([mesh], [0], [0], bones), front_view()
    expected = projected([(-0.5, 0, 0), (0.5, 0, 0), (0.1, 0, 1.2)], view)[:, :2]
    np.testing.assert_allclose(stage.stand_on_floor([view])[0], [*expected.min(0), *expected.max(0)], rtol=1e-5)
    assert stage.lowest_points() == [0]


def test_a_lifted_figure_floats():
    triangle = [[(-0.5, 0, 0), (0.5, 0, 0), (0, 0, 1)]]
    stage, view = Rasterizer([soup(triangle)], [0], [0], identity(1), lifts=[0.25]), front_view()
    raised = np.add(triangle[0], (0, 0, 0.25))
    expected = projected(raised, view)[:, :2]
    np.testing.assert_allclose(stage.stand_on_floor([view])[0], [*expected.min(0), *expected.max(0)], rtol=1e-5)


def test_an_outline_is_what_would_show_if_a_figure_stood_alone():
    one, two = soup(random_soup(1)), soup(random_soup(2))
    view = front_view()
    stage = Rasterizer([one, two], [0, 1], [0, 0], identity(2))
    stage.stand_on_floor([view])
    together = stage.draw([view], SIZE, 1)
    outlines = stage.outlines([1, 0], [view, view], SIZE, 1)
    for figure, outline in ((1, outlines[0]), (0, outlines[1])):
        np.testing.assert_array_equal(outline, draw([(one, two)[figure]], view).labels[0] > 0)
        assert not ((together.figures[0] == figure) & ~outline).any()
    both = outlines.all(0)
    assert both.any()
    near = np.stack([draw([mesh], view).nearness[0] for mesh in (one, two)])
    apart = both & (np.abs(near[0] - near[1]) > 1e-6)
    np.testing.assert_array_equal(together.figures[0][apart], near.argmax(0)[apart])


def test_what_no_figure_hides_is_as_far_as_the_place():
    far = soup([[(-0.01, 5, 0), (0.01, 5, 0), (0, 5, 0.01)]])
    view = front_view(centre=(SIZE[1] / 2, 0.0))  # looks at the floor: y = focal * height / depth
    layers = draw([far], view)
    row = SIZE[0] - 1
    depth = view.focal[1] * 1.0 / (row + 0.5)
    empty = layers.figures[0, row] < 0
    assert empty.all()
    np.testing.assert_allclose(1 / layers.nearness[0, row], depth, rtol=1e-4)


def test_figures_stand_on_the_floor():
    high = soup([[(-0.5, 0, 3), (0.5, 0, 3), (0, 0, 4)]])
    low = soup([[(-0.5, 0, 0), (0.5, 0, 0), (0, 0, 1)]])
    np.testing.assert_array_equal(draw([high]).labels, draw([low]).labels)


def test_a_pixel_takes_the_commonest_label_of_its_subsamples():
    corners = random_soup(5)
    places = np.where(np.arange(len(corners))[:, None] % 2, LEFT, RIGHT)
    mesh, view = soup(corners, places), front_view()
    grid = 4
    wide = front_view(focal=tuple(grid * f for f in view.focal), centre=tuple(grid * c for c in view.centre))
    fine = draw([mesh], wide, (SIZE[0] * grid, SIZE[1] * grid)).labels[0]
    coarse = draw([mesh], view, supersample=grid).labels[0]
    blocks = fine.reshape(SIZE[0], grid, SIZE[1], grid).swapaxes(1, 2).reshape(*SIZE, -1)
    board = chessboard(grid)
    for row, column in np.ndindex(*SIZE):
        samples = blocks[row, column]
        counts = np.bincount(samples[board] if samples.all() else samples, minlength=32)
        assert counts[coarse[row, column]] == counts.max()


def test_an_image_is_the_mean_of_its_subsamples():
    mesh, view, grid = soup(random_soup(6)), front_view(), 3
    wide = front_view(focal=tuple(grid * f for f in view.focal), centre=tuple(grid * c for c in view.centre))
    fine = draw([mesh], wide, (SIZE[0] * grid, SIZE[1] * grid))
    coarse = draw([mesh], view, supersample=grid)
    blocks = fine.image[0].reshape(SIZE[0], grid, SIZE[1], grid, 3).swapaxes(1, 2).reshape(*SIZE, -1, 3)
    blocks = blocks[:, :, chessboard(grid)].mean(2)
    whole = fine.labels[0].reshape(SIZE[0], grid, SIZE[1], grid).min((1, 3)) > 0
    assert whole.sum() > 100
    np.testing.assert_allclose(coarse.image[0][whole], blocks[whole], atol=2e-4)


def test_a_picture_is_the_same_alone_and_in_company():
    meshes = [soup(random_soup(seed)) for seed in range(3)]
    view = front_view()
    together = Rasterizer(meshes, [2, 0, 1, 0], range(4), identity(4))
    together.stand_on_floor([view] * 4)
    layers = together.draw([view] * 4, SIZE)
    for picture, mesh in enumerate((2, 0, 1, 0)):
        alone = draw([meshes[mesh]], view, supersample=2)
        for name in ("image", "labels", "nearness"):
            np.testing.assert_array_equal(getattr(layers, name)[picture], getattr(alone, name)[0])


def test_a_room_is_lit_and_varies_with_its_numbers():
    pictures = [draw([soup(random_soup(0))], front_view(room=sample_room(np.random.default_rng(s)))) for s in range(4)]
    for layers in pictures:
        bare = layers.image[0][layers.labels[0] == 0]
        assert bare.min() >= 0 and bare.max() < 2.5 and bare.std() > 0.01
    for one, two in pairwise(pictures):
        assert np.abs(one.image - two.image).mean() > 0.01


def test_floor_shadows_darken_the_floor():
    far = soup([[(-0.01, 5, 0), (0.01, 5, 0), (0, 5, 0.01)]])
    lit = draw([far], front_view()).image[0]
    dark = draw([far], front_view(blobs=np.array([[0.0, 0.0, 0.5, 0.9]] * 2))).image[0]
    x, y, _ = projected([(0, 0, 0)], front_view())[0]
    spot = (int(y), int(x))
    np.testing.assert_allclose(dark[spot], 0.1 * lit[spot], atol=0.03)
    np.testing.assert_array_equal(dark[0], lit[0])


def test_too_many_triangles_for_a_key_are_refused():
    mesh = soup([[(-1, 0, 0), (1, 0, 0), (0, 0, 2)]])
    with pytest.raises(ValueError, match="70000 triangles"):
        SkinnedMesh(**{**vars(mesh), "triangles": np.zeros((70000, 3), np.int32)})
    with pytest.raises(ValueError, match="supersample 5"):
        draw([mesh], supersample=5)
