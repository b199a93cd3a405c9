"""The layers of a backbone in four groups, for methods that put something between a stem, a fine and a coarse map.

Each group is a list of modules that run one after the other.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from torch import Tensor, nn

from sameperson.checks import InputError
from sameperson.models.map_network import MapNetwork
from sameperson.models.mscan import MSCANMap
from sameperson.models.osnet import OSNetMap


class LayerGroups(NamedTuple):
    """The modules of a backbone in the order in which they run.

    stem: the first convolutions. fine: ends at a quarter of the picture; middle: at an eighth; coarse: at its end.
    """

    stem: list[nn.Module]
    fine: list[nn.Module]
    middle: list[nn.Module]
    coarse: list[nn.Module]


def run(layers: Iterable[nn.Module], maps: Tensor) -> Tensor:
    """Run modules one after the other."""
    for layer in layers:
        maps = layer(maps)
    return maps


def layer_groups(network: MapNetwork) -> LayerGroups:
    """Return the layers of a backbone in groups, which together do what its `forward` does.

    Raises InputError for a family whose layers do not run one after the other.
    """
    if isinstance(network, OSNetMap):
        return LayerGroups(
            [network.conv1, network.maxpool],
            [*network.conv2[:2]],
            # In all but the AIN variants, the transition to the next stage is the third module of its stage.
            [*network.conv2[2:], network.pool2, *network.conv3[:2]],
            [*network.conv3[2:], network.pool3, *network.conv4, network.conv5],
        )
    if isinstance(network, MSCANMap):
        pool = network.pool
        fine, middle = [network.conv1, pool, network.conv2], [pool, network.conv3]
        return LayerGroups([network.conv0, pool], fine, middle, [pool, network.conv4, pool])
    net: Any = getattr(network, "net", None)
    if hasattr(net, "layer4") and hasattr(net, "maxpool"):
        return LayerGroups(
            [net.conv1, net.bn1, net.act1, net.maxpool], [net.layer1], [net.layer2], [net.layer3, net.layer4]
        )
    if hasattr(net, "conv_stem") and hasattr(net, "conv_head") and hasattr(net, "bn2"):
        fine, middle, *coarse = net.blocks[1:]
        return LayerGroups([net.conv_stem, net.bn1, net.blocks[0]], [fine], [middle], [*coarse, net.conv_head, net.bn2])
    raise InputError(
        f"a backbone ({type(network).__name__}) whose layers cannot be taken one after the other",
        "an OSNet, ResNet, EfficientNet or mscan",
        "choose another backbone.name, such as osnet_x1_0",
    )
