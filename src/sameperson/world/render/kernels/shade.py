"""Shading: from the z-buffer to colour, label and distance of every pixel."""

import warp as wp

from sameperson.world.clothes.pieces import Layer
from sameperson.world.render.kernels import MODULE
from sameperson.world.render.kernels.folds import relief, tilted
from sameperson.world.render.kernels.light import lit, shine
from sameperson.world.render.kernels.regions import region
from sameperson.world.render.kernels.room import background, shaded
from sameperson.world.render.kernels.tables import Figures, Meshes, Pictures, Scenery
from sameperson.world.render.kernels.view import ViewRow, ray
from sameperson.world.render.kernels.zbuffer import (
    DEPTH_SCALE,
    LAYER_MASK,
    TWO_SIDED,
    in_space,
    inside,
    limb_at,
    place_at,
)

LOW_WORD = wp.uint64(0xFFFFFFFF)
INSIDE = 0.55
"""The share of light that reaches the inside of a garment."""
MAX_GRID = 4
SEVERAL = -1
"""Marks a pixel that shows several layers, or partly the background."""
Votes = wp.types.vector(length=MAX_GRID * MAX_GRID, dtype=int)


@wp.struct
class Sample:
    """The label and light of one sub-sample."""

    label: int
    light: wp.vec3


@wp.func
def seen(meshes: Meshes, figures: Figures, view: ViewRow, key: wp.uint64, x: float, y: float, way: wp.vec3) -> Sample:
    """Shade the surface that a z-buffer key names, at (x, y) in sub-samples; way: ray from the eye to it."""
    away = wp.normalize(way)
    light = shaded(view, view.eye + way * (DEPTH_SCALE / float(key >> wp.uint64(32))))
    name = int(key & LOW_WORD) - 1
    f = name / 65536
    row = figures.rows[f]
    corners = meshes.triangles[row.first_triangle + name % 65536]
    flag = meshes.flags[row.first_triangle + name % 65536]
    a = figures.flat[f, corners[0]]
    b = figures.flat[f, corners[1]]
    c = figures.flat[f, corners[2]]
    share = in_space(inside(a, b, c, x, y), a, b, c)
    p = place_at(meshes, row.first_vertex, corners, share)
    limb = limb_at(meshes, row.first_vertex, corners, share)
    surface = region(meshes.looks, row.look, flag & LAYER_MASK, p, limb)
    normal = wp.normalize(
        figures.normals[f, corners[0]] * share[0]
        + figures.normals[f, corners[1]] * share[1]
        + figures.normals[f, corners[2]] * share[2]
    )
    openness = limb[3]
    if (flag & TWO_SIDED) != 0 and wp.dot(normal, away) > 0.0:
        normal = -normal
        openness = openness * INSIDE
    colour = surface.colour
    if surface.folds > 0.0:
        crease = relief(surface, p, limb, meshes.looks[row.look].seed)
        colour = colour * crease.shade
        normal = tilted(meshes, figures, f, corners, crease, normal)
    rim = 0.82 + 0.18 * wp.abs(wp.dot(normal, away))
    gleam = shine(surface, light, normal, -away)
    sample = Sample()
    sample.label = surface.label
    sample.light = lit(light, colour, normal, openness) * rim + light.lamp * gleam
    return sample


@wp.func
def commonest(values: Votes, voters: Votes, party: int, count: int) -> int:
    """The commonest of the first `count` values whose voter is `party`; the earliest one wins a tie."""
    best = int(0)
    most = int(0)
    for i in range(count):
        same = int(0)
        for j in range(count):
            if values[j] == values[i] and voters[j] == party:
                same += 1
        if voters[i] == party and same > most:
            most = same
            best = values[i]
    return best


@wp.func
def one_piece(
    meshes: Meshes, figures: Figures, keys: wp.array3d[wp.uint64], picture: int, corner: wp.vec2i, grid: int
) -> int:
    """The layer that all sub-samples of a pixel see of one figure, or SEVERAL; corner: its first (row, column)."""
    figure = int(-1)
    flag = int(0)
    for s in range(grid * grid):
        key = keys[picture, corner[0] + s / grid, corner[1] + s % grid]
        if key == wp.uint64(0):
            return SEVERAL
        name = int(key & LOW_WORD) - 1
        row = figures.rows[name / 65536]
        layer = meshes.flags[row.first_triangle + name % 65536] & LAYER_MASK
        if s == 0:
            figure = name / 65536
            flag = layer
        elif name / 65536 != figure or layer != flag:
            return SEVERAL
    return flag


@wp.kernel(module=MODULE, enable_backward=False)
def shade(
    meshes: Meshes, figures: Figures, scenery: Scenery, keys: wp.array3d[wp.uint64], grid: int, pictures: Pictures
):
    """Average grid x grid sub-samples into a pixel.

    A pixel belongs to the figure (or to none) that most sub-samples see; its label is the commonest among those, its
    nearness the greatest. Within one piece of skin or hair every other sub-sample does, as on a chessboard, within one
    garment the first; the background is smooth enough to be looked up once a pixel.
    """
    picture, row, column = wp.tid()
    count = grid * grid
    way = ray(scenery.views[picture], float(column) + 0.5, float(row) + 0.5)
    step = int(1)
    looked = int(count)
    if grid > 1:
        layer = one_piece(meshes, figures, keys, picture, wp.vec2i(row * grid, column * grid), grid)
        if layer != SEVERAL:
            step = int(2)
            if layer != Layer.BODY and layer != Layer.EYES and layer != Layer.SCALP and layer != Layer.TRESSES:
                looked = int(1)
    total = wp.vec3(0.0, 0.0, 0.0)
    labels = Votes()
    owners = Votes()
    empty = int(0)
    taken = int(0)
    for s in range(looked):
        y = row * grid + s / grid
        x = column * grid + s % grid
        if (s / grid + s % grid) % step == 0:
            key = keys[picture, y, x]
            if key == wp.uint64(0):
                empty += 1
            else:
                sample = seen(meshes, figures, scenery.views[picture], key, float(x) + 0.5, float(y) + 0.5, way)
                total += sample.light
                labels[taken] = sample.label
                owners[taken] = int(key & LOW_WORD) / 65536 + 1
            taken += 1
    owner = int(0)
    if empty < taken:
        owner = commonest(owners, Votes(), 0, taken)
    nearness = float(0.0)
    if empty > 0:
        behind = background(scenery, picture, way)
        total += behind.light * float(empty)
        nearness = behind.nearness
    if owner > 0:
        nearest = wp.uint64(0)
        for s in range(count):
            key = keys[picture, row * grid + s / grid, column * grid + s % grid]
            if int(key & LOW_WORD) / 65536 + 1 == owner:
                nearest = wp.max(nearest, key)
        nearness = float(nearest >> wp.uint64(32)) / DEPTH_SCALE
    pictures.image[picture, row, column] = total / float(taken)
    pictures.nearness[picture, row, column] = nearness
    pictures.figures[picture, row, column] = owner
    label = int(0)
    if owner > 0:
        label = commonest(labels, owners, owner, taken)
    pictures.labels[picture, row, column] = wp.uint8(label)


@wp.kernel(module=MODULE, enable_backward=False)
def outline(keys: wp.array3d[wp.uint64], grid: int, covered: wp.array3d[wp.bool]):
    """Find whether most of each pixel's sub-samples see a figure; the first decides a tie, as in `shade`."""
    picture, row, column = wp.tid()
    full = int(0)
    for s in range(grid * grid):
        if keys[picture, row * grid + s / grid, column * grid + s % grid] != wp.uint64(0):
            full += 1
    first = keys[picture, row * grid, column * grid] != wp.uint64(0)
    covered[picture, row, column] = 2 * full > grid * grid or (2 * full == grid * grid and first)
