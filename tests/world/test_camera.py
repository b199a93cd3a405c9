from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sameperson.world.camera import Camera, crop_intrinsics, develop, look_at, project, sample_camera

CAMERAS = [sample_camera(np.random.default_rng([2, k])) for k in range(40)]
NEUTRAL = replace(
    CAMERAS[0], colour=np.eye(3), exposure=1.0, gamma=1.0, noise=0.0, blur=0.0, resolution=2.0
)  # resolves more than there is


def scene(height: int = 64, width: int = 32) -> np.ndarray:
    """A linear picture with fine detail."""
    return np.random.default_rng(0).uniform(0, 1, (height, width, 3)).astype(np.float32)


def test_a_camera_sees_its_target_in_the_middle_and_up_above() -> None:
    eye, target = np.array([3.0, -5.0, 2.5]), np.array([0.5, 1.0, 0.9])
    rotation, shift = look_at(eye, target)
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(3), atol=1e-12)
    assert np.linalg.det(rotation) == pytest.approx(1)
    camera = replace(CAMERAS[0], R=rotation, T=shift)
    np.testing.assert_allclose(camera.eye, eye, atol=1e-12)
    middle, above, beside = project(camera, target + np.array([[0, 0, 0], [0, 0, 0.5], 0.5 * rotation[0]]))
    np.testing.assert_allclose(middle, [480, 360, np.linalg.norm(target - eye)], atol=1e-9)
    assert above[1] < 359
    assert abs(above[0] - 480) < 1e-6
    assert beside[0] > 481


def test_projection_equals_a_pinhole_by_hand() -> None:
    camera = CAMERAS[1]
    for point in np.random.default_rng(1).uniform(-2, 2, (20, 3)):
        x, y, z = camera.R @ (point - camera.eye)
        expected = [camera.f * x / z + camera.size[0] / 2, camera.f * y / z + camera.size[1] / 2, z]
        np.testing.assert_allclose(project(camera, point), expected, atol=1e-9)


box = st.tuples(st.floats(-50, 900), st.floats(-50, 600), st.floats(5, 400), st.floats(5, 600))


@settings(max_examples=50, deadline=None)
@given(box=box, size=st.tuples(st.integers(16, 384), st.integers(8, 192)), seed=st.integers(0, 99))
def test_a_point_lies_at_the_same_place_of_the_crop_as_of_the_box(
    box: tuple[float, float, float, float], size: tuple[int, int], seed: int
) -> None:
    left, top, width, height = box
    camera = CAMERAS[seed % len(CAMERAS)]
    point = np.random.default_rng(seed).uniform([-2, -2, 0], [2, 2, 2])
    u, v, _ = project(camera, point)
    fx, fy, cx, cy = crop_intrinsics(camera, np.array([left, top, left + width, top + height]), size)
    x, y, z = camera.R @ point + camera.T
    assert (fx * x / z + cx) / size[1] == pytest.approx((u - left) / width, abs=1e-6)
    assert (fy * y / z + cy) / size[0] == pytest.approx((v - top) / height, abs=1e-6)


def test_cameras_hang_inside_their_rooms_and_look_across_them() -> None:
    for camera in CAMERAS:
        x, y, z = camera.eye
        assert abs(x) < camera.room.half_x
        assert abs(y) < camera.room.half_y
        assert 1.8 < z < 4.1
        u, _, depth = project(camera, np.array([0, 0, 1.0]))
        assert depth > 3
        assert -100 < u < 1060
        assert np.linalg.norm(camera.light) == pytest.approx(1)
        assert camera.light[2] > 0


def test_the_same_seed_hangs_the_same_camera_and_others_differ() -> None:
    again = sample_camera(np.random.default_rng([2, 0]))
    np.testing.assert_array_equal(again.R, CAMERAS[0].R)
    np.testing.assert_array_equal(again.colour, CAMERAS[0].colour)
    assert (again.room, again.f, again.jpeg_quality) == (CAMERAS[0].room, CAMERAS[0].f, CAMERAS[0].jpeg_quality)
    grey = np.full((8, 4, 3), 0.3, np.float32)
    shades = np.array([develop(grey, replace(c, noise=0.0), np.random.default_rng(0)).mean((0, 1)) for c in CAMERAS])
    assert (shades.std(0) > 8).all()  # of 255: white balance and exposure differ visibly
    assert ((shades[:, 0] - shades[:, 2]).std()) > 4


def test_a_neutral_camera_only_tones() -> None:
    picture = scene()
    expected = np.round(255 * picture ** (1 / 1.7))
    developed = develop(picture, NEUTRAL, np.random.default_rng(0))
    assert developed.dtype == np.uint8
    assert np.abs(developed - expected).max() <= 1


def test_colours_go_through_the_matrix() -> None:
    colour = np.array([[0.9, 0.1, 0.0], [0.0, 0.8, 0.1], [0.05, 0.0, 0.7]])
    red = np.broadcast_to(np.float32([0.5, 0.1, 0.2]), (16, 8, 3)).astype(np.float32)
    developed = develop(red, replace(NEUTRAL, colour=colour, exposure=1.1), np.random.default_rng(0))
    expected = 255 * (1.1 * colour @ [0.5, 0.1, 0.2]) ** (1 / 1.7)
    np.testing.assert_allclose(developed[3, 3], expected, atol=1)


def test_developing_depends_on_the_generator_alone_and_leaves_its_input() -> None:
    picture = scene()
    before = picture.copy()
    first, same, other = (develop(picture, CAMERAS[3], np.random.default_rng(seed)) for seed in (7, 7, 8))
    np.testing.assert_array_equal(first, same)
    assert (first != other).any()
    np.testing.assert_array_equal(picture, before)


def detail(camera: Camera) -> float:
    """How much neighbouring pixels differ after developing."""
    return float(np.abs(np.diff(develop(scene(), camera, np.random.default_rng(1)).astype(float), axis=1)).mean())


def test_noise_blur_and_poor_resolution_show() -> None:
    flat = np.full((128, 64, 3), 0.4, np.float32)
    noisy = develop(flat, replace(NEUTRAL, noise=0.02), np.random.default_rng(0))
    assert noisy.std() == pytest.approx(0.02 * 255, rel=0.1)
    assert detail(replace(NEUTRAL, blur=20.0)) < 0.6 * detail(NEUTRAL)
    assert detail(replace(NEUTRAL, resolution=0.5)) < 0.6 * detail(NEUTRAL)
