import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sameperson.world.places.camera import (
    Camera,
    calibration,
    crop_intrinsics,
    develop,
    look_at,
    motion_blur,
    project,
    sample_camera,
    sample_cameras,
)
from sameperson.world.places.place import sample_room

CAMERAS = [sample_camera(np.random.default_rng([2, k])) for k in range(40)]
NEUTRAL = replace(
    CAMERAS[0],
    colour=np.eye(3),
    exposure=1.0,
    gamma=1.0,
    noise=0.0,
    blur=0.0,
    resolution=2.0,  # resolves more than there is
    veil=0.0,
    contrast=1.0,
    sharpening=0.0,
    motion=(0.0, 0.0),
    photon_noise=0.0,
    stream_quality=0,
    unsteadiness=0.0,
)


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


@settings(max_examples=50)
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
        assert 2.2 <= z <= 6
        down = camera.R[2]  # the optical axis meets the ground inside the room, some way off
        reach = -camera.eye[2] / down[2]
        assert down[2] < 0
        assert reach > 3
        assert np.linalg.norm(camera.light) == pytest.approx(1)
        assert camera.light[2] > 0


def test_a_calibration_projects_as_the_camera_does() -> None:
    for camera in CAMERAS[:5]:
        told = json.loads(json.dumps(calibration(camera)))
        points = np.random.default_rng(3).uniform([-2, -2, 0], [2, 2, 2], (20, 3))
        seen = points @ np.array(told["R"]).T + told["T"]
        u, v, w = np.array(told["K"]) @ seen.T
        np.testing.assert_allclose(np.stack([u / w, v / w, w], 1), project(camera, points), atol=1e-6)
        np.testing.assert_allclose(np.array(told["R"]) @ told["eye"] + told["T"], 0, atol=1e-9)
        assert told["size"] == list(camera.size)


def sees(camera: Camera, spot: np.ndarray) -> bool:
    """Whether someone's middle at a spot shows in the picture."""
    u, v, depth = project(camera, np.array([*spot, 0.9]))
    return bool(depth > 1 and 0 < u < camera.size[0] and 0 < v < camera.size[1])


@pytest.mark.parametrize("seed", range(8))
def test_of_cameras_in_one_place_two_share_a_view_and_a_third_does_not(seed: int) -> None:
    room = sample_room(np.random.default_rng([9, seed]))
    cameras = sample_cameras(np.random.default_rng(seed), 4, room)
    assert all(camera.room is room and camera.light == cameras[0].light for camera in cameras)
    spots = np.random.default_rng(0).uniform([-room.half_x, -room.half_y], [room.half_x, room.half_y], (2000, 2))
    first, second, third, _ = (np.array([sees(camera, spot) for spot in spots]) for camera in cameras)
    assert (first & second).sum() > 0.2 * min(first.sum(), second.sum())
    assert (first & third).sum() < 0.1 * min(first.sum(), third.sum())
    assert third.sum() > 20


def test_a_place_is_found_where_none_is_given() -> None:
    first, second = sample_cameras(np.random.default_rng(5), 2)
    assert first.room is second.room
    assert sample_cameras(np.random.default_rng(5), 0) == ()


def test_the_same_seed_hangs_the_same_camera_and_others_differ() -> None:
    again = sample_camera(np.random.default_rng([2, 0]))
    np.testing.assert_array_equal(again.R, CAMERAS[0].R)
    np.testing.assert_array_equal(again.colour, CAMERAS[0].colour)
    assert (again.room, again.f, again.jpeg_quality) == (CAMERAS[0].room, CAMERAS[0].f, CAMERAS[0].jpeg_quality)
    grey = np.full((8, 4, 3), 0.3, np.float32)
    shades = np.array(
        [
            develop(grey, replace(c, noise=0.0, photon_noise=0.0, unsteadiness=0.0), np.random.default_rng(0)).mean(
                (0, 1)
            )
            for c in CAMERAS
        ]
    )
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
    assert detail(replace(NEUTRAL, resolution=0.12)) < 0.6 * detail(NEUTRAL)
    assert detail(replace(NEUTRAL, motion=(40.0, 0.0))) < 0.7 * detail(NEUTRAL)
    assert detail(replace(NEUTRAL, stream_quality=10)) < 0.95 * detail(NEUTRAL)
    assert detail(replace(NEUTRAL, sharpening=0.8, blur=15.0)) > 1.1 * detail(replace(NEUTRAL, blur=15.0))


def test_photon_noise_grows_with_the_root_of_the_light() -> None:
    camera = replace(NEUTRAL, photon_noise=0.05, gamma=1.7)  # gamma 1.7 records linear values
    spread = []
    for light in (0.1, 0.4):
        flat = np.full((128, 64, 3), light, np.float32)
        spread.append(develop(flat, camera, np.random.default_rng(0)).std() / 255)
    np.testing.assert_allclose(spread, 0.05 * np.sqrt([0.1, 0.4]), rtol=0.05)


def test_a_veil_lifts_black_and_contrast_turns_about_middle_grey() -> None:
    black = np.zeros((16, 8, 3), np.float32)
    veiled = develop(black, replace(NEUTRAL, veil=0.02), np.random.default_rng(0))
    assert veiled[3, 3, 0] == round(255 * 0.02 ** (1 / 1.7))
    for value, expected in ((0.45, 0.45), (0.65, 0.55), (0.05, 0.25)):
        flat = np.full((16, 8, 3), value, np.float32)
        soft = develop(flat, replace(NEUTRAL, gamma=1.7, contrast=0.5), np.random.default_rng(0))
        assert soft[3, 3, 1] == pytest.approx(255 * expected, abs=1)


def test_a_smear_keeps_the_light_and_spreads_it_along_its_way() -> None:
    point = np.zeros((21, 21, 3), np.float32)
    point[10, 10] = 1
    across = motion_blur(point, (4.0, 0.0))[..., 0]
    assert across.sum() == pytest.approx(1, abs=1e-5)
    assert np.flatnonzero(across.sum(0) > 0.01).tolist() == [8, 9, 10, 11, 12]
    assert np.flatnonzero(across.sum(1) > 0.01).tolist() == [10]
    slanting = motion_blur(point, (4.0, 4.0))[..., 0]
    rows, columns = np.nonzero(slanting > 0.05)
    np.testing.assert_array_equal(rows, columns)
    np.testing.assert_array_equal(motion_blur(point, (0.0, 0.0)), point)


def test_an_unsteady_camera_hunts_about_its_settings_and_a_steady_one_does_not() -> None:
    flat = np.full((16, 8, 3), 0.2, np.float32)
    steady = [develop(flat, NEUTRAL, np.random.default_rng(seed))[4, 4] for seed in range(40)]
    assert len(np.unique(steady, axis=0)) == 1
    hunting = replace(NEUTRAL, unsteadiness=1.0, gamma=1.7)  # gamma 1.7 records linear values
    shades = np.array([develop(flat, hunting, np.random.default_rng(seed))[4, 4] for seed in range(200)]) / 255
    stops = np.log2(shades[:, 1] / 0.2)
    assert abs(stops.mean()) < 0.06
    assert stops.std() == pytest.approx(0.2, abs=0.04)
    assert np.log(shades[:, 0] / shades[:, 2]).std() == pytest.approx(2.2 * 0.03, abs=0.015)
