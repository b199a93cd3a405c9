"""What stands in the way: closed, in one piece with its label, and where it should be."""

from collections import Counter

import numpy as np
import pytest

from sameperson.world.clothes.outfit import Cloth
from sameperson.world.clothes.pieces import Layer
from sameperson.world.figures.accessories import RINGS, SECTORS
from sameperson.world.figures.obstacles import BOX, OBSTACLES, Part, build_obstacle, sample_obstacle
from sameperson.world.render.uniforms import fill_cloth

RED = Cloth(((0.6, 0.1, 0.1),) * 3)


def parts(mesh):
    """Each box's triangles (T, 3) in terms of places: what is closer than 2 % of the box counts as one.

    A pole of a rounded box is no point but a ring that small.
    """
    count = (RINGS + 1) * SECTORS
    for start in range(0, len(mesh.points), count):
        own = mesh.points[start : start + count]
        middle, half = (own.max(0) + own.min(0)) / 2, np.ptp(own, axis=0) / 2
        _, place = np.unique(np.round((own - middle) / half / 0.04), axis=0, return_inverse=True)
        mine = (mesh.triangles[:, 0] >= start) & (mesh.triangles[:, 0] < start + count)
        yield place.ravel()[mesh.triangles[mine] - start]


def volume(mesh):
    a, b, c = (mesh.points[mesh.triangles[:, k]].astype(float) for k in range(3))
    return float((a * np.cross(b, c)).sum() / 6)


@pytest.mark.parametrize("kind", OBSTACLES)
def test_a_thing_is_closed_finite_and_nobodys(kind):
    for seed in range(4):
        thing = OBSTACLES[kind][0](np.random.default_rng(seed))
        mesh = thing.mesh
        assert thing.kind == kind
        for values in (mesh.points, mesh.normals, mesh.limb, mesh.skin_weight):
            assert np.isfinite(values).all()
        np.testing.assert_allclose(np.linalg.norm(mesh.normals, axis=1), 1, atol=1e-4)
        np.testing.assert_allclose(mesh.skin_weight.sum(1), 1)
        assert (mesh.flags == Layer.THING).all() and not mesh.skin_index.any()
        assert mesh.triangles.min() == 0 and mesh.triangles.max() == len(mesh.points) - 1
        for triangles in parts(mesh):  # every edge is walked once in each direction: no holes, one side outwards
            walked = Counter((int(t[k]), int(t[(k + 1) % 3])) for t in triangles for k in range(3))
            assert all(walked[other, one] == count for (one, other), count in walked.items())
        assert volume(mesh) > 0


@pytest.mark.parametrize("kind", OBSTACLES)
def test_a_thing_stands_on_the_ground_and_is_as_large_as_it_says(kind):
    for seed in range(4):
        thing = OBSTACLES[kind][0](np.random.default_rng(seed))
        low, high = thing.mesh.points.min(0), thing.mesh.points.max(0)
        assert abs(low[2]) < 0.13  # a bush may hang a little above it; whatever is drawn is put on the floor
        np.testing.assert_allclose(thing.size, (high[0] - low[0], high[1] - low[1], high[2]), rtol=1e-5)
        assert 0.1 < thing.size[0] < 5 and 0.6 < thing.size[2] < 3.5


def test_a_box_of_hand_figures():
    thing = build_obstacle("box", [Part((0.5, 0.25, 1.0), (0, 0, 1.0)), Part((0.1, 0.1, 0.1), (2.0, 0, 0.1))], RED)
    assert thing.size == pytest.approx((2.6, 0.5, 2.0))
    assert BOX < 1
    assert 0.85 * (1.0 + 0.008) < volume(thing.mesh) < 1.0 + 0.008  # 1 x 0.5 x 2 m and 0.2 m cubed, corners rounded
    worn = np.zeros_like(thing.mesh.look)
    fill_cloth(worn[0]["top"]["cloth"], RED)
    assert worn.tobytes() == thing.mesh.look.tobytes()


def test_things_come_as_often_as_they_should():
    assert sum(share for _, share in OBSTACLES.values()) == pytest.approx(1)
    rng = np.random.default_rng(0)
    found = Counter(sample_obstacle(rng).kind for _ in range(250))
    for kind, (_, share) in OBSTACLES.items():
        assert abs(found[kind] / 250 - share) < 4 * np.sqrt(share * (1 - share) / 250)
