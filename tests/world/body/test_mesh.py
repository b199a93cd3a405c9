"""Mesh arithmetic against loops over vertices and a hand-made patch."""

import numpy as np

from sameperson.world.body.mesh import normals, patch_of

STRIP = np.array([(3, 5, 4), (4, 5, 8), (4, 8, 7)], np.int32)  # vertices 3 4 5 7 8 of some body


def test_a_patch_numbers_its_own_vertices():
    patch = patch_of(STRIP)
    np.testing.assert_array_equal(patch.source, [3, 4, 5, 7, 8])
    np.testing.assert_array_equal(patch.source[patch.triangles], STRIP)


def test_averaging_equals_a_loop_over_neighbours():
    patch = patch_of(STRIP)
    values = np.random.default_rng(0).normal(size=(5, 2)).astype(np.float32)
    near = {0: {1, 2}, 1: {0, 2, 3, 4}, 2: {0, 1, 4}, 3: {1, 4}, 4: {1, 2, 3}}
    expected = [values[sorted(near[v])].mean(0) for v in range(5)]
    np.testing.assert_allclose(patch.averaging @ values, expected, rtol=1e-6)


def test_smoothing_leaves_a_constant_alone_and_flattens_a_peak():
    patch = patch_of(STRIP)
    assert np.allclose(patch.smooth(np.full((5, 1), 3.0, np.float32), 5), 3)
    peak = patch.smooth(np.array([[0], [1], [0], [0], [0]], np.float32), 3)
    assert 0 < peak.max() < 1 and peak.min() > 0


def test_growing_goes_one_edge_at_a_time():
    patch = patch_of(STRIP)
    seed = np.array([True, False, False, False, False])
    np.testing.assert_array_equal(patch.dilate(seed, 1), [True, True, True, False, False])
    np.testing.assert_array_equal(patch.dilate(seed, 2), [True] * 5)


def test_within_keeps_triangles_with_all_corners():
    part = patch_of(STRIP).submesh(np.array([True, True, True, False, True]))
    np.testing.assert_array_equal(part.source, [3, 4, 5, 8])
    np.testing.assert_array_equal(part.source[part.triangles], STRIP[:2])


def test_normals_of_a_box_corner_point_outwards():
    points = np.array([(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1)], np.float32)
    triangles = np.array([(0, 2, 1), (0, 1, 3), (0, 3, 2)], np.int32)
    np.testing.assert_allclose(normals(points, triangles)[0], [-(3**-0.5)] * 3, atol=1e-6)
