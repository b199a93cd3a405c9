"""Vertex kernels: skinning, placement on the floor, bounds and projection to the picture plane."""

import warp as wp

from sameperson.world.render.kernels import MODULE
from sameperson.world.render.kernels.tables import Figures, Meshes, Scenery
from sameperson.world.render.kernels.view import ViewRow

NEAR = 0.05
"""Near plane: metres in front of the camera from which on things are drawn."""


@wp.func
def on_picture(view: ViewRow, point: wp.vec3) -> wp.vec3:
    """Project a world point to (x, y) in pixels and inverse distance, which is 0 behind the camera."""
    q = view.rotation * point + view.translation
    if q[2] <= NEAR:
        return wp.vec3(0.0, 0.0, 0.0)
    near = 1.0 / q[2]
    return wp.vec3(
        view.focal[0] * q[0] * near + view.centre[0],
        view.focal[1] * q[1] * near + view.centre[1],
        near,
    )


@wp.kernel(module=MODULE, enable_backward=False)
def pose(meshes: Meshes, figures: Figures):
    """Pose vertices by linear blend skinning; `lowest` receives each figure's lowest height."""
    f, v = wp.tid()
    if v >= figures.rows[f].vertices:
        return
    source = figures.rows[f].first_vertex + v
    index = meshes.skin_index[source]
    weight = meshes.skin_weight[source]
    move = figures.bones[f, index[0]] * weight[0]
    for k in range(1, 4):
        if weight[k] > 0.0:
            move += figures.bones[f, index[k]] * weight[k]
    point = wp.transform_point(move, meshes.rest[source])
    figures.points[f, v] = point
    figures.normals[f, v] = wp.transform_vector(move, meshes.normals[source])
    if point[2] < figures.lowest[f]:
        wp.atomic_min(figures.lowest, f, point[2])


@wp.kernel(module=MODULE, enable_backward=False)
def frame(scenery: Scenery, figures: Figures):
    """Put each figure on the floor, or `lift` above it, and find its bounds in its view."""
    f, v = wp.tid()
    if v >= figures.rows[f].vertices:
        return
    point = figures.points[f, v] - wp.vec3(0.0, 0.0, figures.lowest[f] - figures.rows[f].lift)
    figures.points[f, v] = point
    place = on_picture(scenery.views[figures.rows[f].view], point)
    if place[2] == 0.0:
        return
    for k in range(2):
        if place[k] < figures.low[f, k]:
            wp.atomic_min(figures.low, f, k, place[k])
        if place[k] > figures.high[f, k]:
            wp.atomic_max(figures.high, f, k, place[k])


@wp.kernel(module=MODULE, enable_backward=False)
def project(scenery: Scenery, figures: Figures, scale: float):
    """Project vertices into `flat`; scale: sub-samples per pixel."""
    f, v = wp.tid()
    if v >= figures.rows[f].vertices:
        return
    place = on_picture(scenery.views[figures.rows[f].view], figures.points[f, v])
    figures.flat[f, v] = wp.vec3(place[0] * scale, place[1] * scale, place[2])
