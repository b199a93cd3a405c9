"""A z-buffer of 64-bit keys, which says which triangle each sub-sample sees.

A key holds the inverse distance, then the figure, then the triangle, so the greatest key is the nearest surface, no two
are equal, and `atomic_max` gives the same picture whatever order the triangles come in.
"""

import warp as wp

from sameperson.world.render.kernels import MODULE
from sameperson.world.render.kernels.regions import covers
from sameperson.world.render.kernels.tables import Figures, Meshes

DEPTH_SCALE = 1.0e9
NEAREST = 3.9  # greatest inverse distance that fits 32 bits: 26 cm
TOLERANCE = 1.0e-5  # of barycentric coordinates, so that rounding opens no cracks between neighbours
LAYER_MASK = 255
CUT = 256
"""Flag of a triangle that the region function cuts somewhere."""
TWO_SIDED = 512
"""Flag of a triangle whose back can be seen."""
MAX_TRIANGLES = 65535
MARGIN = 0.02  # sub-samples by which a row is looked at beyond its edges, which rounding may shift


@wp.func
def inside(a: wp.vec3, b: wp.vec3, c: wp.vec3, x: float, y: float) -> wp.vec3:
    """The barycentric coordinates of a point in a projected triangle."""
    area = 1.0 / ((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]))
    second = ((x - a[0]) * (c[1] - a[1]) - (y - a[1]) * (c[0] - a[0])) * area
    third = ((b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0])) * area
    return wp.vec3(1.0 - second - third, second, third)


@wp.func
def in_space(weights: wp.vec3, a: wp.vec3, b: wp.vec3, c: wp.vec3) -> wp.vec3:
    """Convert barycentric coordinates in the picture to perspective-correct ones in space."""
    share = wp.vec3(weights[0] * a[2], weights[1] * b[2], weights[2] * c[2])
    return share / (share[0] + share[1] + share[2])


@wp.func
def key_of(near: float, figure: int, triangle: int) -> wp.uint64:
    """A z-buffer key; never 0, which means background."""
    depth = wp.uint64(wp.uint32(wp.min(near, NEAREST) * DEPTH_SCALE))
    return (depth << wp.uint64(32)) | wp.uint64(figure * 65536 + triangle + 1)


@wp.func
def place_at(meshes: Meshes, first: int, corners: wp.vec3i, share: wp.vec3) -> wp.vec3:
    """The template coordinates of a point of a triangle; first: where the person's vertices begin."""
    a = meshes.place[first + corners[0]] * share[0]
    b = meshes.place[first + corners[1]] * share[1]
    return a + b + meshes.place[first + corners[2]] * share[2]


@wp.func
def limb_at(meshes: Meshes, first: int, corners: wp.vec3i, share: wp.vec3) -> wp.vec4:
    """The `limb` coordinates of a point of a triangle."""
    a = meshes.limb[first + corners[0]] * share[0]
    b = meshes.limb[first + corners[1]] * share[1]
    return a + b + meshes.limb[first + corners[2]] * share[2]


@wp.func
def across(step: float) -> float:
    """Sub-samples along a row over which a weight with slope `step` grows by 1; 0 for almost no slope."""
    if wp.abs(step) < 1.0e-4:
        return 0.0
    return 1.0 / step


@wp.kernel(module=MODULE, enable_backward=False)
def rasterize(meshes: Meshes, figures: Figures, keys: wp.array3d[wp.uint64]):
    """Draw every triangle into the keys (P, height, width) of its picture, in sub-samples; view -1 is no picture."""
    f, t = wp.tid()
    row = figures.rows[f]
    if t >= row.triangles or row.view < 0:
        return
    corners = meshes.triangles[row.first_triangle + t]
    a = figures.flat[f, corners[0]]
    b = figures.flat[f, corners[1]]
    c = figures.flat[f, corners[2]]
    if a[2] <= 0.0 or b[2] <= 0.0 or c[2] <= 0.0:
        return
    flag = meshes.flags[row.first_triangle + t]
    area = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
    if area == 0.0 or (area > 0.0 and (flag & TWO_SIDED) == 0):
        return
    left = wp.max(0, int(wp.ceil(wp.min(wp.min(a[0], b[0]), c[0]) - 0.5)))
    right = wp.min(keys.shape[2] - 1, int(wp.floor(wp.max(wp.max(a[0], b[0]), c[0]) - 0.5)))
    top = wp.max(0, int(wp.ceil(wp.min(wp.min(a[1], b[1]), c[1]) - 0.5)))
    bottom = wp.min(keys.shape[1] - 1, int(wp.floor(wp.max(wp.max(a[1], b[1]), c[1]) - 0.5)))
    over = 1.0 / area
    second = (c[1] - a[1]) * over
    third = (a[1] - b[1]) * over
    per = wp.vec3(across(-second - third), across(second), across(third))
    for y in range(top, bottom + 1):
        edge = inside(a, b, c, float(left) + 0.5, float(y) + 0.5)
        low = float(0.0)
        high = float(right - left)
        for k in range(3):
            to = (-TOLERANCE - edge[k]) * per[k]
            low = wp.where(per[k] > 0.0, wp.max(low, to), low)
            high = wp.where(per[k] < 0.0, wp.min(high, to), high)
        first = wp.max(left, left + int(wp.ceil(low - MARGIN)))
        last = wp.min(right, left + int(wp.floor(high + MARGIN)))
        for x in range(first, last + 1):
            weights = inside(a, b, c, float(x) + 0.5, float(y) + 0.5)
            if wp.min(weights) < -TOLERANCE:
                continue
            key = key_of(weights[0] * a[2] + weights[1] * b[2] + weights[2] * c[2], f, t)
            if key <= keys[row.view, y, x]:
                continue
            if (flag & CUT) != 0:
                share = in_space(weights, a, b, c)
                p = place_at(meshes, row.first_vertex, corners, share)
                limb = limb_at(meshes, row.first_vertex, corners, share)
                if not covers(meshes.looks, row.look, flag & LAYER_MASK, p, limb):
                    continue
            wp.atomic_max(keys, row.view, y, x, key)
