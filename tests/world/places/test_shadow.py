"""Shadows on the ground: dark spots under feet, and limbs thrown away from the sun."""

from dataclasses import replace

import numpy as np
import pytest

from sameperson.world.body.model import KEYPOINTS
from sameperson.world.places.camera import sample_camera
from sameperson.world.places.place import sample_hall, sample_square
from sameperson.world.places.shadow import LIMBS, SHADOWS, shadow_blobs

RNG = np.random.default_rng(0)
SQUARE, HALL = sample_square(RNG), sample_hall(RNG)
CAMERA = sample_camera(np.random.default_rng(1))
POINTS = np.random.default_rng(2).uniform([-0.3, -0.3, 0.0], [0.3, 0.3, 1.8], (len(KEYPOINTS), 3))


def thrown(light=(0.0, 0.0, 1.0), points=POINTS, room=SQUARE, diffuse=1.2):
    """Shadows (SHADOWS / 2, 2, 4): start and end, each x, y, radius, strength."""
    camera = replace(CAMERA, room=room, light=light, diffuse=diffuse, ambient=0.5)
    rows = shadow_blobs(camera, points)
    assert rows.shape == (SHADOWS, 4)
    assert (rows[:, 2] > 0).all()
    return rows.reshape(-1, 2, 4)


def test_each_foot_darkens_the_ground_under_it_until_it_lifts() -> None:
    low, high = POINTS.copy(), POINTS.copy()
    ankle = KEYPOINTS.index("left_ankle")
    low[ankle, 2], high[ankle, 2] = 0.08, 0.4
    near, far = thrown(points=low)[0], thrown(points=high)[0]
    for row in (*near, *far):
        np.testing.assert_allclose(row[:2], POINTS[ankle, :2], atol=1e-6)
    assert near[0, 3] > far[0, 3] > 0
    assert near[0, 2] < far[0, 2]


@pytest.mark.parametrize("light", [(0.0, 0.0, 1.0), (0.6, 0.0, 0.8), (-0.48, 0.64, 0.6)])
def test_the_sun_throws_every_limb_along_its_rays(light: tuple[float, float, float]) -> None:
    rows = thrown(light)[2:-1]
    assert (rows[..., 3] < 0).all()
    for (start, end, radius), row in zip(LIMBS, rows, strict=True):
        for name, got in ((start, row[0]), (end, row[1])):
            x, y, z = POINTS[KEYPOINTS.index(name)]
            np.testing.assert_allclose(got[:2], [x - z * light[0] / light[2], y - z * light[1] / light[2]], atol=1e-5)
            assert got[2] == pytest.approx(1.2 * radius)


def test_lamps_and_clouds_throw_no_limbs() -> None:
    assert (thrown(room=HALL)[..., 3] >= 0).all()
    assert (thrown(diffuse=0.2)[..., 3] >= 0).all()
    assert (thrown(room=HALL)[2:-1, :, 3] == 0).all()
