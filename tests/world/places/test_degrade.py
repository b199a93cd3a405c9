"""Degraded cameras: nothing at degree 0, then worse and worse, each in its own way."""

import cv2
import numpy as np
import pytest

from sameperson.checks import InputError
from sameperson.world.places.camera import Camera, develop, sample_camera
from sameperson.world.places.degrade import DEGRADATIONS, degrade

CAMERAS = [sample_camera(np.random.default_rng([4, k])) for k in range(6)]


def picture() -> np.ndarray:
    """Linear light with structure of all sizes."""
    rng = np.random.default_rng(0)
    layers = [cv2.resize(rng.uniform(0, 0.25, (256 // k, 128 // k, 3)), (128, 256)) for k in (1, 4, 16, 64)]
    return np.sum(layers, 0).astype(np.float32)


def recorded(camera: Camera, linear: np.ndarray | None = None, seed: int = 1) -> np.ndarray:
    linear = picture() if linear is None else linear
    return develop(linear, camera, np.random.default_rng(seed)).astype(float)


@pytest.mark.parametrize("what", DEGRADATIONS)
def test_degree_none_changes_nothing(what: str) -> None:
    assert degrade(CAMERAS[0], what, 0) is CAMERAS[0]


@pytest.mark.parametrize("what", DEGRADATIONS)
def test_a_higher_degree_shows_less_of_the_scene(what: str) -> None:
    for camera in CAMERAS:
        plain = recorded(camera)

        def likeness(degree: float, camera: Camera = camera, plain: np.ndarray = plain) -> float:
            worse = recorded(degrade(camera, what, degree), seed=2)
            return float(np.corrcoef(plain.ravel(), worse.ravel())[0, 1])

        shades = [likeness(degree) for degree in (0.0, 0.5, 1.0)]
        assert shades[0] > shades[1] > shades[2]


def test_few_pixels_have_little_detail() -> None:
    for camera in CAMERAS:
        details = [np.abs(np.diff(recorded(degrade(camera, "lowres", d)), axis=0)).mean() for d in (0.0, 0.5, 1.0)]
        assert details[0] > details[1] > details[2]
        assert degrade(camera, "lowres", 1.0).resolution == pytest.approx(0.12)


def test_little_light_is_darker_grainier_and_yellow() -> None:
    grey = np.full((256, 128, 3), 0.3, np.float32)
    for camera in CAMERAS:
        day, night = recorded(camera, grey), recorded(degrade(camera, "lowlight", 1.0), grey)
        assert night.mean() < 0.7 * day.mean()
        assert night.std(axis=(0, 1)).mean() / night.mean() > day.std(axis=(0, 1)).mean() / day.mean()
        assert night[..., 2].mean() / night[..., 0].mean() < day[..., 2].mean() / day[..., 0].mean()


def test_a_smear_takes_the_uprights_and_spares_the_levels() -> None:
    uprights = np.zeros((256, 128, 3), np.float32)
    uprights[:, ::16] = uprights[:, 1::16] = 1
    levels = np.zeros((256, 128, 3), np.float32)
    levels[::16] = levels[1::16] = 1
    for camera in CAMERAS:
        worse = degrade(camera, "blur", 0.5)
        left = [recorded(worse, stripes).std() / recorded(camera, stripes).std() for stripes in (uprights, levels)]
        assert left[0] < left[1] < 1.05


@pytest.mark.parametrize(("what", "degree"), [("fog", 0.5), ("blur", -0.1), ("blur", 1.2), ("blur", float("nan"))])
def test_what_is_not_a_degradation_is_refused(what: str, degree: float) -> None:
    with pytest.raises(InputError):
        degrade(CAMERAS[0], what, degree)
