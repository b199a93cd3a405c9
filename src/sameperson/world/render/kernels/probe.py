"""Coverage of points by layers, which dressing uses to leave out triangles that nobody sees."""

import warp as wp

from sameperson.world.render.kernels import MODULE
from sameperson.world.render.kernels.look import LookRow
from sameperson.world.render.kernels.regions import covers


@wp.kernel(module=MODULE, enable_backward=False)
def covers_points(
    looks: wp.array[LookRow],
    layers: wp.array[int],
    place: wp.array[wp.vec3],
    limb: wp.array[wp.vec4],
    there: wp.array2d[bool],
):
    """Find whether layers (L,) of the first look cover points (N,): (L, N)."""
    layer, i = wp.tid()
    there[layer, i] = covers(looks, 0, layers[layer], place[i], limb[i])
