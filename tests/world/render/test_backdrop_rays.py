"""Single rays into places, against a plain search for the nearest surface."""

from dataclasses import replace

import numpy as np
import pytest
import warp as wp

from sameperson.world.places.place import Room, Sky, Wall, sample_room, sample_square
from sameperson.world.render.device import from_device, launch, to_device, zeros
from sameperson.world.render.kernels.room import background
from sameperson.world.render.kernels.tables import Scenery
from sameperson.world.render.rasterizer import View, scenery_tables

EYE = np.array([0.5, -1.0, 2.5])
FRONTS = (Wall.FACADE, Wall.SHOPS, Wall.FENCE, Wall.FACADE)  # these have even tops
DAY = Sky((0.8, 0.9, 1.0), (0.3, 0.5, 0.9), 0.3)
SQUARE = replace(sample_square(np.random.default_rng(0)), walls=FRONTS, sky=DAY, half_x=10.0, half_y=8.0, verge=0.0)


@wp.kernel
def look(places: Scenery, ways: wp.array[wp.vec3], light: wp.array[wp.vec3], nearness: wp.array[float]):
    i = wp.tid()
    behind = background(places, 0, ways[i])
    light[i] = behind.light
    nearness[i] = behind.nearness


def looks(room: Room, ways: np.ndarray, towards=(0.0, 0.0, 1.0), eye: np.ndarray = EYE):
    """Light (N, 3) and nearness (N,) along ways (N, 3) from `eye`."""
    axes = np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]], float)
    view = View(
        rotation=axes,
        translation=-axes @ eye,
        focal=(1.0, 1.0),  # pixels so wide that all furniture lies in the picture
        centre=(500.0, 500.0),
        room=room,
        light=towards,
        ambient=0.5,
        diffuse=1.0,
        blobs=np.array([[0, 0, 1, 0]] * 2),
    )
    light, nearness = zeros(len(ways), wp.vec3, "cpu"), zeros(len(ways), float, "cpu")
    inputs = [scenery_tables([view], (1000, 1000), "cpu"), to_device(ways.astype(np.float32), wp.vec3, "cpu")]
    launch(look, len(ways), [*inputs, light, nearness], "cpu")
    return from_device(light), from_device(nearness)


def naive(room: Room, way: np.ndarray, eye: np.ndarray) -> float:
    """1 over the distance, in lengths of `way`, to the nearest of ground, sides, ceiling and boxes; 0 for the sky."""
    side, reached = 0, np.inf
    for number, (axis, limit) in enumerate(((0, room.half_x), (0, -room.half_x), (1, room.half_y), (1, -room.half_y))):
        if way[axis] * np.sign(limit) > 0 and (limit - eye[axis]) / way[axis] < reached:
            side, reached = number, (limit - eye[axis]) / way[axis]
    ground = -eye[2] / way[2] if way[2] < 0 else np.inf
    ceiling = (room.tops[0] - eye[2]) / way[2] if way[2] > 0 and room.sky is None else np.inf
    over = eye[2] + reached * way[2] > room.tops[side]
    distance = min(ground, ceiling, np.inf if over else reached)
    for box in room.furniture:
        low = np.array([*np.subtract(box.centre, box.half), box.base])
        high = np.array([*np.add(box.centre, box.half), box.height])
        one, two = (low - eye) / way, (high - eye) / way
        enters, leaves = np.minimum(one, two).max(), np.maximum(one, two).min()
        if 0 < enters <= leaves:
            distance = min(distance, enters)
    return 1 / distance


def ahead(seed: int, count: int = 300) -> np.ndarray:
    """Ways into the half of the world that the camera faces, 1 along its axis."""
    ways = np.random.default_rng(seed).uniform(-1.5, 1.5, (count, 3))
    ways[:, 1] = 1
    return ways


@pytest.mark.parametrize("seed", range(12))
def test_the_nearest_surface_is_met(seed: int) -> None:
    room = sample_room(np.random.default_rng(seed))
    if room.sky is not None:
        room = replace(room, walls=FRONTS, tops=(9.0, 6.0, 1.5, 4.0))
    ways = ahead(seed)
    light, nearness = looks(room, ways)
    expected = np.array([naive(room, way, EYE) for way in ways])
    agree = np.isclose(nearness, expected, rtol=1e-3, atol=1e-5)
    assert agree.mean() > 0.99  # an edge may fall to either side
    assert np.isfinite(light).all()
    assert (light >= 0).all()
    assert ((expected == 0).sum() > 10) == (room.sky is not None)


def test_ground_at_the_horizon_is_ground_and_no_thing() -> None:
    square = replace(SQUARE, tops=(1.0,) * 4)
    ways = np.array([[0.3, 1.0, -0.0005], [0.3, 1.0, -0.002]])
    light, nearness = looks(square, ways)
    np.testing.assert_allclose(nearness, -ways[:, 2] / EYE[2], rtol=1e-3)
    np.testing.assert_allclose(light[0], light[1], atol=1e-3)


def test_a_house_shades_the_ground_and_the_sun_comes_over_a_fence() -> None:
    square = replace(SQUARE, furniture=())
    spots = np.array([[6.0, 3.0, 0.0], [-6.0, 3.0, 0.0]])  # 4 and 16 m from the side that the sun comes over
    sun = (0.6, 0.0, 0.8)
    behind_house, _ = looks(replace(square, tops=(9.0, 3.0, 3.0, 3.0)), spots - EYE, sun)
    behind_fence, _ = looks(replace(square, tops=(1.0, 3.0, 3.0, 3.0)), spots - EYE, sun)
    assert (behind_house[0] < 0.6 * behind_fence[0]).all()
    np.testing.assert_allclose(behind_house[1], behind_fence[1], rtol=1e-5)


def test_a_thing_shades_the_ground_on_the_far_side_of_the_lamp() -> None:
    hall = next(room for room in (sample_room(np.random.default_rng(k)) for k in range(99)) if len(room.furniture) > 1)
    bare = replace(hall, furniture=(), walls=(Wall.BRICK,) * 4, sky=None, tops=(5.0,) * 4)
    box = replace(hall.furniture[0], centre=(0.0, 4.0), half=(0.3, 0.3), height=1.0, base=0.0)
    spots = np.array([[-0.7, 4.0, 0.0], [1.5, 4.0, 0.0]])
    empty, _ = looks(bare, spots - EYE, (0.6, 0.0, 0.8))
    with_box, _ = looks(replace(bare, furniture=(box,)), spots - EYE, (0.6, 0.0, 0.8))
    assert (with_box[0] < 0.7 * empty[0]).all()
    np.testing.assert_allclose(with_box[1], empty[1], rtol=0.02)
