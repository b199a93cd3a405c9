"""Backbones by name: OSNet and MSCAN of our own, any other network from timm. Each turns pictures into one map."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeVar

from torch import nn

from sameperson import config
from sameperson.checks import InputError
from sameperson.models.map_network import MapNetwork
from sameperson.models.mscan import MSCANMap
from sameperson.models.osnet import HEADS, OSNETS, OSNetMap, require_room
from sameperson.models.registry import backbone_weights
from sameperson.models.weights import load_into, load_weights

Map = TypeVar("Map", bound=MapNetwork)

BACKBONES: Mapping[str, Callable[[], MapNetwork]] = {
    **{name: partial(OSNetMap, OSNETS[name]) for name in OSNETS},
    "mscan": MSCANMap,
}
"""Our own; any other name is timm's."""


def build_backbone(backbone: config.Backbone, size: tuple[int, int] = (256, 128)) -> MapNetwork:
    """Build the backbone that a recipe names, with its weights.

    size: (H, W), which transformers are built for. `last_stride` 1 asks for a map of 1/16 of the picture, 2 takes the
    network as published. `weights` is `none`, a file (a published checkpoint, whose classifier is left out, or weights
    of ours, of which the backbone is taken), `hub`, or `registry`.

    Raises InputError for an unknown name, weights that do not fit, a hub that does not answer, and weights of the
    registry that were not fetched.
    """
    if backbone.name in BACKBONES:
        require_room(backbone.name, size)
        return with_weights(backbone, BACKBONES[backbone.name](), HEADS)
    # Only now: timm takes seconds to import.
    from sameperson.models.timm_map import TimmMap, build_timm, classifiers_of

    network = build_timm(backbone, size, TimmMap)
    return with_weights(backbone, network, classifiers_of(network.net), network.net)


def with_weights(
    backbone: config.Backbone, network: Map, heads: tuple[str, ...], published: nn.Module | None = None
) -> Map:
    """Load the weights that a recipe names into `network`, and return it.

    published: the part of `network` whose parameter names a published checkpoint shares; None for all of it. heads:
    prefixes of the names that such a checkpoint holds beyond that part.
    """
    if backbone.weights == "hub" and published is None:
        raise InputError(
            f"backbone.weights hub: none is known for {backbone.name}",
            "a published checkpoint on your disk",
            "download it and give backbone.weights=FILE",
        )
    if backbone.weights == "registry":
        backbone = backbone.model_copy(update={"weights": str(backbone_weights(backbone.name))})
    if backbone.weights not in config.NO_FILE:
        load_backbone(backbone, network, published or network, heads)
    return network


def load_backbone(backbone: config.Backbone, network: nn.Module, published: nn.Module, heads: tuple[str, ...]) -> None:
    """Load weights of ours into `network`, or a published checkpoint into its part `published`."""
    state, card = load_weights(backbone.weights)
    if card is not None:
        state = {name.removeprefix("backbone."): state[name] for name in state if name.startswith("backbone.")}
        published, heads = network, ()
    elif hasattr(published, "pretrained_cfg"):
        from sameperson.models.timm_map import resampled

        state = resampled(published, state)
    load_into(published, state, source=backbone.weights, allow_mismatch=backbone.allow_mismatch, optional=heads)
