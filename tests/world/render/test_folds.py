"""The relief of cloth against finite differences, and tilted normals against a hand-made triangle."""

import numpy as np
import pytest
import warp as wp

from sameperson.world.render.device import launch, start_warp, to_device
from sameperson.world.render.kernels.folds import Relief, relief, rough, tilted
from sameperson.world.render.kernels.noise import noise
from sameperson.world.render.kernels.surface import fabric
from sameperson.world.render.kernels.tables import FigureRow, Figures, Meshes

SEED = 5


@wp.kernel(module="unique", enable_backward=False)
def ask_rough(points: wp.array[wp.vec3], seed: int, found: wp.array[wp.vec4], plain: wp.array[float]):
    i = wp.tid()
    found[i] = rough(points[i], seed)
    plain[i] = noise(points[i], seed)


@wp.kernel(module="unique", enable_backward=False)
def ask_relief(
    points: wp.array[wp.vec3],
    limbs: wp.array[wp.vec4],
    how: wp.vec3,
    seed: int,
    slope: wp.array[wp.vec3],
    shade: wp.array[wp.vec2],
):
    i = wp.tid()
    surface = fabric(1, wp.vec3(1.0, 1.0, 1.0), how[0])
    surface.quilt = how[1]
    surface.flutes = how[2]
    found = relief(surface, points[i], limbs[i], seed)
    slope[i] = found.slope
    shade[i] = wp.vec2(found.shade, found.along)


@wp.kernel(module="unique", enable_backward=False)
def ask_tilted(meshes: Meshes, figures: Figures, slope: wp.vec3, along: float, normal: wp.vec3, out: wp.array[wp.vec3]):
    crease = Relief()
    crease.slope = slope
    crease.along = along
    crease.shade = 1.0
    out[0] = tilted(meshes, figures, 0, wp.vec3i(0, 1, 2), crease, normal)


def asked(points, seed=SEED):
    start_warp()
    found, plain = wp.zeros(len(points), wp.vec4, device="cpu"), wp.zeros(len(points), float, device="cpu")
    launch(ask_rough, (len(points),), [to_device(points, wp.vec3, "cpu"), seed, found, plain], "cpu")
    return found.numpy(), plain.numpy()


def folded(points, limb, how):
    start_warp()
    count = len(points)
    slope, shade = wp.zeros(count, wp.vec3, device="cpu"), wp.zeros(count, wp.vec2, device="cpu")
    limbs = np.tile(np.asarray(limb, np.float32), (count, 1)) if np.ndim(limb) == 1 else limb
    inputs = [to_device(points, wp.vec3, "cpu"), to_device(limbs, wp.vec4, "cpu"), wp.vec3(*how), SEED, slope, shade]
    launch(ask_relief, (count,), inputs, "cpu")
    return slope.numpy(), *shade.numpy().T


def test_slopes_of_the_noise_are_its_derivatives():
    points = np.random.default_rng(0).uniform(-8, 8, (400, 3)).astype(np.float32)
    points = points[np.all(np.abs(points - np.round(points)) > 0.02, axis=1)]
    found, plain = asked(points)
    np.testing.assert_allclose(found[:, 0], plain, atol=2e-5)
    for axis in range(3):
        step = np.zeros(3, np.float32)
        step[axis] = 0.01
        difference = (asked(points + step)[1] - asked(points - step)[1]) / 0.02
        np.testing.assert_allclose(found[:, 1 + axis], difference, atol=6e-3)


def test_stiff_cloth_has_no_folds_and_soft_cloth_has():
    points = np.random.default_rng(1).uniform((-0.15, -0.1, -0.7), (0.15, 0.1, 0.5), (300, 3)).astype(np.float32)
    for limb in ((0, 0, 0, 1), (1, 0.4, 0, 1)):
        slope, shade, along = folded(points, limb, (0.0, 0.0, 0.0))
        assert not slope.any() and not along.any() and np.all(shade == 1)
        slope, shade, along = folded(points, limb, (1.0, 0.0, 0.0))
        steep = np.hypot(np.linalg.norm(slope, axis=1), np.abs(along) / 0.52)
        assert 0.1 < np.median(steep) < 0.8
        assert 0.6 < shade.min() < shade.max() < 1.3


def test_folds_are_deepest_where_joints_bend():
    z = np.linspace(-0.7, -0.1, 400, dtype=np.float32)
    rng = np.random.default_rng(2)
    points = np.stack([rng.uniform(0.05, 0.15, 400), rng.uniform(-0.08, 0.08, 400), z], 1).astype(np.float32)
    steep = np.linalg.norm(folded(points, (0, 0, 0, 1), (1.0, 0.0, 0.0))[0], axis=1)
    knee, shin = np.abs(z + 0.36) < 0.05, np.abs(z + 0.56) < 0.03
    assert steep[knee].mean() > 1.3 * steep[shin].mean()


def test_a_quilted_garment_bulges_between_its_seams():
    z = np.linspace(0.1, 0.4, 200, dtype=np.float32)
    points = np.stack([0 * z, 0 * z - 0.1, z], 1)
    slope, shade, _ = folded(points, (0, 0, 0, 1), (0.0, 0.5, 0.0))
    seam = np.abs(np.sin(50 * z)) < 0.1
    assert shade[seam].mean() < shade[~seam].mean() - 0.1
    below = np.sin(50 * z) * np.cos(50 * z) > 0  # rising from a seam to the top of a tube
    np.testing.assert_array_equal(slope[:, 2] > 0, below)


def test_a_skirt_falls_in_upright_folds():
    angle = np.linspace(0.3, 2.8, 300)
    points = np.stack([0.16 * np.sin(angle), -0.16 * np.cos(angle) - 0.01, 0 * angle - 0.4], 1).astype(np.float32)
    slope = folded(points, (0, 0, 0, 1), (0.7, 0.0, 1.0))[0]
    around = slope[:, 0] * np.cos(angle) + slope[:, 1] * np.sin(angle)
    turns = np.count_nonzero(np.diff(np.sign(around)))
    assert 8 <= turns <= 20  # 15 folds around, two turns each, over 2.5 of 6.3 radians
    assert np.abs(around).mean() > 3 * np.abs(slope[:, 2]).mean()


@pytest.mark.parametrize("seed", range(4))
def test_a_normal_turns_against_the_slope(seed):
    rng = np.random.default_rng(seed)
    turn = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    turn *= np.sign(np.linalg.det(turn))
    place = rng.normal(size=(3, 3)) * 0.02
    along = np.array([0.2, 0.21, 0.19])
    slope, by_arm = rng.normal(size=3) * 0.2, 0.1
    meshes, figures = Meshes(), Figures()
    meshes.place = to_device(place.astype(np.float32), wp.vec3, "cpu")
    limb = np.stack([0 * along, along, 0 * along, 0 * along], 1)
    meshes.limb = to_device(limb.astype(np.float32), wp.vec4, "cpu")
    row = np.zeros(1, FigureRow.numpy_dtype())
    figures.rows = to_device(row, FigureRow, "cpu")
    figures.points = to_device((place @ turn.T)[None].astype(np.float32), wp.vec3, "cpu")
    # the gradient of the height in the plane of the triangle, by least squares over its edges
    edges = np.array([place[1] - place[0], place[2] - place[0]])
    rise = edges @ slope + by_arm * (along[1:] - along[0])
    gradient = np.linalg.lstsq(edges, rise, rcond=None)[0]
    gradient *= min(1, 0.9 / np.linalg.norm(gradient))
    normal = np.cross(*edges)
    normal /= np.linalg.norm(normal)
    expected = turn @ (normal - gradient)
    out = wp.zeros(1, wp.vec3, device="cpu")
    start_warp()
    inputs = [meshes, figures, wp.vec3(*slope), by_arm, wp.vec3(*(turn @ normal)), out]
    launch(ask_tilted, (1,), inputs, "cpu")
    np.testing.assert_allclose(out.numpy()[0], expected / np.linalg.norm(expected), atol=2e-4)
