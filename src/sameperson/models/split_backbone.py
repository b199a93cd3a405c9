"""Backbones with one trunk and several tails: the early layers are shared, each branch has late layers of its own.

LightMBN (Herzog et al., ICIP 2021) and other networks of several branches are built on such a backbone.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from torch import Tensor, nn

from sameperson import config
from sameperson.checks import InputError
from sameperson.models.backbones import build_backbone
from sameperson.models.map_network import MapNetwork
from sameperson.models.osnet import OSNetMap

Layers = Sequence[nn.Module]


class SplitBackbone(nn.Module):
    """A trunk and its tails; every tail starts with the same weights."""

    def __init__(self, early: Layers, late: Layers, channels: int, branches: int) -> None:
        """Take the layers before and after the split, and copy the latter for each branch."""
        super().__init__()
        self.channels = channels
        self.trunk = nn.Sequential(*early)
        self.tails = nn.ModuleList(nn.Sequential(*deepcopy(list(late))) for _ in range(branches))

    def forward(self, images: Tensor) -> list[Tensor]:
        """Compute a map for each branch: images (B, 3, H, W) float32, normalised -> each (B, channels, h, w)."""
        shared = self.trunk(images)
        return [tail(shared) for tail in self.tails]


def build_split_backbone(backbone: config.Backbone, size: tuple[int, int], branches: int = 3) -> SplitBackbone:
    """Build the backbone that a recipe names, with its weights, and split it into a trunk and tails.

    As LightMBN does, the trunk ends after the first block of the last stage but one: `conv3` of OSNet, `layer3` of a
    ResNet, and of an EfficientNet the first stage at 1/16.

    Raises InputError as `build_backbone`, and for a family whose layers do not run one after the other.
    """
    network = build_backbone(backbone, size)
    early, late = layers_of(network, backbone.name)
    return SplitBackbone(early, late, network.channels, branches)


def layers_of(network: MapNetwork, name: str) -> tuple[list[nn.Module], list[nn.Module]]:
    """The layers of a backbone before and after the split, in the order in which they run."""
    if isinstance(network, OSNetMap):
        early = [network.conv1, network.maxpool, *network.conv2, network.pool2, network.conv3[0]]
        return early, [*network.conv3[1:], network.pool3, *network.conv4, network.conv5]
    net: Any = getattr(network, "net", None)
    if hasattr(net, "layer4") and hasattr(net, "maxpool"):
        early = [net.conv1, net.bn1, net.act1, net.maxpool, net.layer1, net.layer2, net.layer3[0]]
        return early, [*net.layer3[1:], net.layer4]
    if hasattr(net, "conv_stem") and hasattr(net, "conv_head") and hasattr(net, "bn2"):
        middle = FIRST_AT_A_SIXTEENTH
        early = [net.conv_stem, net.bn1, *net.blocks[:middle], net.blocks[middle][0]]
        return early, [*net.blocks[middle][1:], *net.blocks[middle + 1 :], net.conv_head, net.bn2]
    raise InputError(
        f"backbone.name {name}: cannot be split into a trunk and tails",
        "an OSNet, ResNet or EfficientNet",
        "choose another backbone.name, such as osnet_x1_0",
    )


FIRST_AT_A_SIXTEENTH = 3
"""The stage of an EfficientNet whose map is first 1/16 of the picture."""
