"""The kernels' inputs and outputs as structs: meshes, figures, scenery and pictures."""

import warp as wp

from sameperson.world.render.kernels.look import LookRow
from sameperson.world.render.kernels.view import BoxRow, ViewRow


@wp.struct
class Meshes:
    """The meshes of all dressed people of a batch, one after the other: runs of vertices (N) and of triangles (T).

    rest, normals: in the rest pose; skin_index, skin_weight: the bones a vertex follows; place, limb: the point's
    coordinates for `region`; triangles: vertex numbers within the person; flags: layer, CUT and TWO_SIDED.
    """

    rest: wp.array[wp.vec3]
    normals: wp.array[wp.vec3]
    skin_index: wp.array[wp.vec4i]
    skin_weight: wp.array[wp.vec4]
    place: wp.array[wp.vec3]
    limb: wp.array[wp.vec4]
    triangles: wp.array[wp.vec3i]
    flags: wp.array[int]
    looks: wp.array[LookRow]


@wp.struct
class FigureRow:
    """A person or thing in one picture: its view, its look, and its runs in the mesh tables.

    lift: metres between the floor and its lowest point.
    """

    view: int
    lift: float
    look: int
    first_vertex: int
    vertices: int
    first_triangle: int
    triangles: int


@wp.struct
class Figures:
    """F posed figures.

    bones: (F, B) rest pose to world; points, normals: (F, V) in the world; lowest: (F,) metres; flat: (F, V) x and y in
    sub-samples and inverse distance; low, high: (F, 2) bounds in the picture, pixels.
    """

    rows: wp.array[FigureRow]
    bones: wp.array2d[wp.mat44]
    points: wp.array2d[wp.vec3]
    normals: wp.array2d[wp.vec3]
    flat: wp.array2d[wp.vec3]
    lowest: wp.array[float]
    low: wp.array2d[float]
    high: wp.array2d[float]


@wp.struct
class Scenery:
    """The views of P pictures. boxes: (P, BOXES) furniture; blobs: (P, K) shadows on the floor, of `shadow_blobs`."""

    views: wp.array[ViewRow]
    boxes: wp.array2d[BoxRow]
    blobs: wp.array2d[wp.vec4]


@wp.struct
class Pictures:
    """The rendered pictures, each (P, H, W): light, label, figure, and inverse distance (0: infinitely far).

    figures: the figure's number from 1, 0 for the background; nearness: along the optical axis, of the background too.
    """

    image: wp.array3d[wp.vec3]
    labels: wp.array3d[wp.uint8]
    figures: wp.array3d[int]
    nearness: wp.array3d[float]
