"""The region function asked point by point, for deciding at dressing time what can be left out."""

import warp as wp

from sameperson.world.kernels import MODULE
from sameperson.world.kernels.look import LookRow
from sameperson.world.kernels.regions import region


@wp.kernel(module=MODULE, enable_backward=False)
def label_points(
    looks: wp.array[LookRow],
    layer: int,
    place: wp.array[wp.vec3],
    limb: wp.array[wp.vec4],
    labels: wp.array[int],
):
    """Labels (N,) of points (N,) of one layer of the first look; 0 where the piece is cut away."""
    i = wp.tid()
    labels[i] = region(looks, 0, layer, place[i], limb[i]).label
