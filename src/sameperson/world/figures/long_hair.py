"""Long hair: one sheet of mesh around the back and sides of the head, over the ears and down the back.

It follows the head above the neck and the back below, so that it lies still when the head turns. numpy only.
"""

from __future__ import annotations

import numpy as np

from sameperson.world.body.mesh import Floats, normals
from sameperson.world.body.model import Body
from sameperson.world.body.shells import limbs, smoothstep
from sameperson.world.clothes.pieces import Layer
from sameperson.world.people.identity import Identity
from sameperson.world.render.kernels.zbuffer import CUT, TWO_SIDED

AXIS_Y = -0.058
"""The y of the head's axis on the template, about which the sheet is bent."""
RADIUS = 0.09
TOP = 0.805
ROWS, COLUMNS = 20, 33
THICK = 0.006
"""The least metres between hair and skin."""


def sheet_template(identity: Identity) -> tuple[Floats, Floats, Floats]:
    """The sheet on the template: angles from the back (COLUMNS,), heights (ROWS,), and places (ROWS, COLUMNS, 3).

    The sheet reaches below where the region function cuts it to length.
    """
    angles = np.linspace(-identity.cut.reach, identity.cut.reach, COLUMNS)
    heights = np.linspace(TOP, identity.hair_length - 0.03, ROWS)
    level, around = np.meshgrid(heights, angles, indexing="ij")
    places = np.stack([RADIUS * np.sin(around), AXIS_Y + RADIUS * np.cos(around), level], -1)
    return angles, heights, places


def radial_extent(points: Floats, centre: Floats, angles: Floats, levels: Floats) -> Floats:
    """Measure how far points (N, 3) reach from a vertical axis: (L, A) metres at heights and in directions given."""
    across = points[:, :2] - centre[:2]
    direction, distance = np.arctan2(across[:, 0], across[:, 1]), np.linalg.norm(across, axis=1)
    off = np.abs(direction[:, None] - angles)
    beside = np.minimum(off, 2 * np.pi - off) < 0.22
    far = np.zeros((len(levels), len(angles)))
    for k, level in enumerate(levels):
        near = np.abs(points[:, 2] - level) < 0.022
        far[k] = np.max(distance[near, None] * beside[near], axis=0, initial=0.0)
    return far


def long_hair_mesh(body: Body, rest: Floats, identity: Identity, back: float) -> dict[str, Floats] | None:
    """Build the mesh of long hair for `MeshAssembly.append`, None for hair that does not fall.

    rest: (V, 3) the body at rest; back: metres that clothes stand off the upper back.
    """
    cut = identity.cut
    if cut.reach == 0:
        return None
    angles, heights, places = sheet_template(identity)
    skin = slice(0, body.body_vertices)
    trunk = np.flatnonzero((body.arm[skin] < 0.5) & (body.template[skin, 2] > 0.0))
    template, points = body.template[trunk], rest[trunk]
    head = template[:, 2] > 0.70
    centre = np.array([0.0, (points[head, 1].min() + points[head, 1].max()) / 2, 0.0])
    # the back of head and neck tells where a height on the template is on this body
    order = np.argsort(template[:, 2], kind="stable")
    spine = order[np.abs(template[order, 0]) < 0.05]
    spine = spine[template[spine, 1] > AXIS_Y]
    levels = np.interp(heights, template[spine, 2], points[spine, 2])
    far = radial_extent(points, centre, angles, levels)
    clothed = smoothstep(0.68, 0.59, heights)[:, None]
    far += np.where(far > 0, THICK, 0) + (back + 0.004) * clothed
    radius = hair_radii(far, angles, identity.hair_volume)
    below = smoothstep(0.72, 0.60, heights)[:, None]
    radius += cut.wave * below * np.sin(2 * np.pi * heights[:, None] / 0.075 + 2 * np.sin(3 * angles))
    x, y = centre[0] + radius * np.sin(angles), centre[1] + radius * np.cos(angles)
    sheet = np.stack([x, y, np.broadcast_to(levels[:, None], x.shape)], -1).reshape(-1, 3)
    triangles = grid_triangles(ROWS, COLUMNS)
    count = len(sheet)
    on_head = np.repeat(smoothstep(0.46, 0.62, heights), COLUMNS)
    index = np.tile([body.bone("head"), body.bone("spine_top"), 0, 0], (count, 1))
    weight = np.stack([on_head, 1 - on_head, 0 * on_head, 0 * on_head], 1)
    return {
        "points": sheet.astype(np.float32),
        "normals": normals(sheet.astype(np.float32), triangles),
        "place": places.reshape(-1, 3).astype(np.float32),
        "limb": np.tile(np.array([0, 0, 1, 1], limbs(body).dtype), (count, 1)),
        "skin_index": index,
        "skin_weight": weight.astype(np.float32),
        "triangles": triangles,
        "flags": np.full(len(triangles), int(Layer.TRESSES) | CUT | TWO_SIDED),
    }


def hair_radii(far: Floats, angles: Floats, volume: float) -> Floats:
    """Compute radii (L, A) of hair that falls straight from the widest part of the head onto the back.

    far: (L, A) radii that it must clear. Beside the neck it goes behind the shoulders.
    """
    widest = far[:4].max()
    most = widest * (1.12 + 0.75 * smoothstep(1.15, 0.5, np.abs(angles)))
    radius = np.empty_like(far)
    radius[0] = far[0] + 0.4 * volume
    for k in range(1, len(far)):
        falls = radius[k - 1] - 0.0015
        radius[k] = np.maximum(falls, np.minimum(far[k] + volume * min(1.0, k / 2), most))
    for _ in range(2):
        radius[1:-1] = 0.25 * radius[:-2] + 0.5 * radius[1:-1] + 0.25 * radius[2:]
        radius[:, 1:-1] = 0.25 * radius[:, :-2] + 0.5 * radius[:, 1:-1] + 0.25 * radius[:, 2:]
    return radius


def grid_triangles(rows: int, columns: int) -> np.ndarray:
    """The triangles (T, 3) of a grid of vertices, which face outwards on a sheet bent about the vertical."""
    row, column = (grid.ravel() for grid in np.mgrid[0 : rows - 1, 0 : columns - 1])
    a = row * columns + column
    b, c, d = a + 1, a + columns, a + columns + 1
    return np.concatenate([np.stack([a, b, d], 1), np.stack([a, d, c], 1)]).astype(np.int32)
