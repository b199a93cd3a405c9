"""The cutting of pieces asked point by point, for deciding at dressing time what can be left out."""

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
    """Whether layers (L,) of the first look remain at points (N,): (L, N)."""
    layer, i = wp.tid()
    there[layer, i] = covers(looks, 0, layers[layer], place[i], limb[i])
