"""The region function asked point by point, for deciding at dressing time what can be left out."""

import warp as wp

from sameperson.world.kernels import MODULE
from sameperson.world.kernels.look import LookRow
from sameperson.world.kernels.regions import region


@wp.kernel(module=MODULE, enable_backward=False)
def label_points(
    looks: wp.array[LookRow],
    layers: wp.array[int],
    place: wp.array[wp.vec3],
    limb: wp.array[wp.vec4],
    labels: wp.array2d[int],
):
    """Labels (L, N) that layers (L,) of the first look have at points (N,); 0 where the piece is cut away."""
    layer, i = wp.tid()
    labels[layer, i] = region(looks, 0, layers[layer], place[i], limb[i]).label
