"""Networks of timm as backbones: one feature map, at 1/16 of the picture where the recipe asks for it.

Weights are downloaded from the hub only where the recipe asks for them.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from contextlib import nullcontext, suppress
from typing import Any, TypeVar

import timm
import torch
from timm.models import get_pretrained_cfg
from torch import Tensor, nn

from sameperson import config
from sameperson.checks import InputError, nearest
from sameperson.models.hub import hub_download
from sameperson.models.map_network import MapNetwork
from sameperson.models.osnet import OSNETS
from sameperson.types import Size

FINE = 16
"""A map of 1/16 of the picture is what re-ID wants, twice as fine as networks are published."""
UNFIT = (AssertionError, RuntimeError, TypeError)
"""What timm raises where a network cannot be built for pictures of a size, or run on them."""


class TimmMap(MapNetwork):
    """A timm network up to its last feature map, brought to the layout (B, C, h, w)."""

    def __init__(self, net: Any, size: tuple[int, int]) -> None:
        """Wrap `net` and try it on one picture of `size`; raises RuntimeError where it gives no map."""
        super().__init__()
        self.net: Any = net
        self.eval()
        with torch.no_grad():
            _, self.channels, *self.cells = self(torch.zeros(1, 3, *size)).shape
        self.train()

    def forward(self, images: Tensor) -> Tensor:
        """Compute the last map: images (B, 3, H, W) float32, normalised -> (B, channels, h, w)."""
        features = self.net.forward_features(images)
        if features.ndim == 4:
            return features.permute(0, 3, 1, 2) if getattr(self.net, "output_fmt", "NCHW") == "NHWC" else features
        height, width = getattr(getattr(self.net, "patch_embed", None), "grid_size", (0, 0))
        prefix = getattr(self.net, "num_prefix_tokens", 0)
        if features.ndim != 3 or features.shape[1] != prefix + height * width:
            raise RuntimeError(f"it gives {tuple(features.shape[1:])}")
        return features[:, prefix:].transpose(1, 2).unflatten(2, (height, width))


Kind = TypeVar("Kind", bound=TimmMap)


def build_timm(backbone: config.Backbone, size: tuple[int, int], kind: Callable[[Any, Size], Kind]) -> Kind:
    """Build the timm network that a recipe names, for pictures of `size`; `weights: hub` downloads its weights.

    kind: the class that wraps it, `TimmMap` or a subclass.

    Raises InputError for a name that timm does not know, and for a network that does not give the map that the recipe
    asks for.
    """
    name = backbone.name
    if not timm.is_model(name) or ":" in name:
        known = [*OSNETS, *timm.list_models()]
        raise InputError(f"backbone.name {name!r}", "osnet_* or a network of timm", nearest(name, known))
    try:
        published = get_pretrained_cfg(name)
    except RuntimeError as error:
        raise InputError(f"backbone.name {name!r}", "a tag that timm knows", f"try {name.split('.')[0]}") from error
    options: dict[str, Any] = {"img_size": size} if published is not None and published.fixed_input_size else {}
    from_hub = backbone.weights == "hub"
    if from_hub and not (published and published.has_weights):
        raise InputError(
            f"backbone.weights hub: timm has none for {name}", "another name", "or give backbone.weights=none"
        )

    def build(**more: Any) -> Kind:
        with hub_download(name) if from_hub else nullcontext():
            net = timm.create_model(name, pretrained=from_hub, num_classes=0, **options, **more)
        if backbone.last_stride == 1 and not backbone.dilate and hasattr(net, "layer4"):
            keep_last_stride(net.get_submodule("layer4.0"))
        return kind(net, size)

    dilated = {"output_stride": FINE} if backbone.dilate and backbone.last_stride == 1 else {}
    try:
        network = build(**dilated)
    except UNFIT as error:
        raise InputError(
            f"backbone.name {name}: gives no map of a {size[0]}x{size[1]} picture ({error})".rstrip(),
            "a network that keeps places apart, such as resnet50, convnext_tiny or vit_small_patch16_224",
            "choose another backbone.name or data.size",
        ) from error
    if backbone.last_stride == 2 or network.cells[0] >= size[0] // FINE:
        return network
    with suppress(*UNFIT):  # families without a layer4 dilate the stages whose stride they leave out
        network = build(output_stride=FINE)
    if network.cells[0] < size[0] // FINE:
        raise InputError(
            f"backbone.last_stride 1: {name} has no last stride that could be left out",
            "a network like ResNet, EfficientNet or ConvNeXt, or its own stride",
            "set backbone.last_stride=2",
        )
    return network


def keep_last_stride(block: nn.Module) -> None:
    """Set the stride of the last stage to 1 ("last stride", Luo et al. 2019), given that stage's first block.

    The weights stay as they are and nothing is dilated. Pooling that only halved the map is removed, as timm itself
    does in a stage that does not halve.
    """
    for name, module in list(block.named_modules()):
        if getattr(module, "stride", 1) in (2, (2, 2)):
            if isinstance(module, nn.Conv2d):
                module.stride = (1, 1)
            elif not any(module.children()):
                block.set_submodule(name, nn.Identity())


def classifiers_of(net: Any) -> tuple[str, ...]:
    """The name prefixes of the classifier in a published checkpoint of this network."""
    names = net.pretrained_cfg.get("classifier") or ()
    return tuple(f"{name}." for name in ([names] if isinstance(names, str) else names))


def resampled(net: Any, state: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
    """Resample the position embeddings of a published checkpoint to the picture size of this network."""
    wanted = net.state_dict()
    fits = all(name in state for name in wanted)
    if fits and any(state[name].shape != wanted[name].shape for name in wanted):
        # timm has such a function in the module of each family of networks.
        convert = getattr(inspect.getmodule(net), "checkpoint_filter_fn", None)
        return convert(dict(state), net) if convert else state
    return state
