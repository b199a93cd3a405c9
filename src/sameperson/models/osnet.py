"""OSNet, a light re-ID backbone whose blocks see four scales and learn to weigh them for each picture.

Zhou et al., "Omni-Scale Feature Learning for Person Re-Identification", ICCV 2019; the -IBN and -AIN variants from
"Learning Generalisable Omni-Scale Representations for Person Re-Identification", TPAMI 2021.

Parameters carry the names and shapes of the checkpoints that the authors published, so those load strictly as they are.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from torch import Tensor, nn
from torch.nn import functional as F

from sameperson.checks import InputError
from sameperson.models.map_network import MapNetwork

InstanceNorm = Literal["no", "inside", "after"]
"""Where a block normalises each picture by itself: nowhere, in its residual branch, or after the shortcut is added."""
Norms = tuple[InstanceNorm, InstanceNorm]

SMALLEST = 16
"""Pixels on each side of a picture that become one cell."""
DEPTHS = (1, 2, 3, 4)
"""Light 3x3 convolutions in each stream of a block: stream t sees 2t + 1 cells across."""
LETTERS = ("conv2a", "conv2b", "conv2c", "conv2d")


@dataclass(frozen=True)
class Variant:
    """A variant of OSNet: its width multiplier, and where it has instance normalisation."""

    width: float
    kind: Literal["plain", "ibn", "ain"] = "plain"

    @property
    def channels(self) -> tuple[int, int, int, int]:
        """Channels of the stem and of the three stages."""
        stem, first, second, third = (int(full * self.width) for full in (64, 256, 384, 512))
        return stem, first, second, third

    @property
    def norms(self) -> tuple[Norms, Norms, Norms]:
        """Instance normalisation of the two blocks of each stage; AIN's were found by architecture search (TPAMI)."""
        if self.kind == "ain":
            return ("inside", "inside"), ("no", "inside"), ("inside", "no")
        first: InstanceNorm = "after" if self.kind == "ibn" else "no"
        return (first, first), ("no", "no"), ("no", "no")


OSNETS: Mapping[str, Variant] = {
    "osnet_x1_0": Variant(1.0),
    "osnet_x0_75": Variant(0.75),
    "osnet_x0_5": Variant(0.5),
    "osnet_x0_25": Variant(0.25),
    "osnet_ibn_x1_0": Variant(1.0, "ibn"),
    "osnet_ain_x1_0": Variant(1.0, "ain"),
    "osnet_ain_x0_75": Variant(0.75, "ain"),
    "osnet_ain_x0_5": Variant(0.5, "ain"),
    "osnet_ain_x0_25": Variant(0.25, "ain"),
}


def named(**layers: nn.Module) -> nn.Sequential:
    """A Sequential of layers with these names, in order."""
    return nn.Sequential(OrderedDict(layers))


def conv_norm(inputs: int, outputs: int) -> nn.Sequential:
    """A 1x1 convolution with batch normalisation and no activation."""
    return named(conv=nn.Conv2d(inputs, outputs, 1, bias=False), bn=nn.BatchNorm2d(outputs))


def conv_norm_relu(inputs: int, outputs: int) -> nn.Sequential:
    """A 1x1 convolution with batch normalisation and ReLU."""
    return named(conv=nn.Conv2d(inputs, outputs, 1, bias=False), bn=nn.BatchNorm2d(outputs), relu=nn.ReLU(inplace=True))


def stem(outputs: int, instance_norm: bool) -> nn.Sequential:
    """The stem: a 7x7 convolution of the picture with stride 2, normalisation and ReLU."""
    norm = nn.InstanceNorm2d(outputs, affine=True) if instance_norm else nn.BatchNorm2d(outputs)
    return named(conv=nn.Conv2d(3, outputs, 7, stride=2, padding=3, bias=False), bn=norm, relu=nn.ReLU(inplace=True))


def light_conv(channels: int) -> nn.Sequential:
    """A light 3x3 convolution: a pointwise and then a depthwise one (ICCV, fig. 3)."""
    return named(
        conv1=nn.Conv2d(channels, channels, 1, bias=False),
        conv2=nn.Conv2d(channels, channels, 3, padding=1, groups=channels, bias=False),
        bn=nn.BatchNorm2d(channels),
        relu=nn.ReLU(inplace=True),
    )


def light_convs(channels: int, depth: int) -> nn.Sequential:
    """`depth` light convolutions in a row: one stream."""
    return nn.Sequential(*(light_conv(channels) for _ in range(depth)))


def transition(channels: int) -> nn.Sequential:
    """The transition between stages: a 1x1 convolution, then average pooling that halves the map."""
    return nn.Sequential(conv_norm_relu(channels, channels), nn.AvgPool2d(2, stride=2))


class Gate(nn.Module):
    """The unified aggregation gate: it weighs each channel of a stream by that stream's mean over the picture."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.fc1 = nn.Conv2d(channels, channels // 16, 1)
        self.fc2 = nn.Conv2d(channels // 16, channels, 1)

    def forward(self, maps: Tensor) -> Tensor:
        """Weigh the channels of maps (B, C, h, w) -> (B, C, h, w)."""
        means = maps.mean((2, 3), keepdim=True)
        return maps * self.fc2(F.relu(self.fc1(means))).sigmoid()


class OmniScaleBlock(nn.Module):
    """The omni-scale residual block: four streams of different receptive fields and one shared gate (ICCV, fig. 4)."""

    def __init__(self, inputs: int, outputs: int, norm: InstanceNorm, listed: bool) -> None:
        """Build the block; `listed` names the streams as a list, as in the AIN checkpoints, not by letters."""
        super().__init__()
        middle = outputs // 4
        self.norm, self.listed = norm, listed
        self.conv1 = conv_norm_relu(inputs, middle)
        if listed:
            self.conv2 = nn.ModuleList(named(layers=light_convs(middle, depth)) for depth in DEPTHS)
        else:
            for letter, depth in zip(LETTERS, DEPTHS):
                self.add_module(letter, light_conv(middle) if depth == 1 else light_convs(middle, depth))
        self.gate = Gate(middle)
        # The published block with instance normalisation in its residual branch has no batch normalisation there.
        bare = named(conv=nn.Conv2d(middle, outputs, 1, bias=False))
        self.conv3 = bare if norm == "inside" else conv_norm(middle, outputs)
        self.downsample = conv_norm(inputs, outputs) if inputs != outputs else nn.Identity()
        self.IN = nn.Identity() if norm == "no" else nn.InstanceNorm2d(outputs, affine=True)

    def forward(self, maps: Tensor) -> Tensor:
        """Squeeze, run the four streams, gate and add them, widen, and add the shortcut.

        maps: (B, inputs, h, w) -> (B, outputs, h, w).
        """
        streams = self.conv2 if self.listed else [getattr(self, letter) for letter in LETTERS]
        squeezed = self.conv1(maps)
        one, two, three, four = (self.gate(stream(squeezed)) for stream in streams)
        residual = self.conv3(one + two + three + four)
        shortcut = self.downsample(maps)
        return F.relu(self.IN(residual) + shortcut if self.norm == "inside" else self.IN(residual + shortcut))


class OSNetMap(MapNetwork):
    """OSNet up to its last feature map, as a backbone."""

    def __init__(self, variant: Variant) -> None:
        super().__init__()
        narrow, first, second, third = variant.channels
        listed = variant.kind == "ain"

        def blocks(inputs: int, outputs: int, norms: Norms) -> list[nn.Module]:
            first, second = norms
            return [OmniScaleBlock(inputs, outputs, first, listed), OmniScaleBlock(outputs, outputs, second, listed)]

        def halving(inputs: int, outputs: int, norms: Norms) -> tuple[nn.Sequential, nn.Module]:
            # The AIN checkpoints name the transition by itself, the others as the last part of its stage.
            if listed:
                return nn.Sequential(*blocks(inputs, outputs, norms)), transition(outputs)
            return nn.Sequential(*blocks(inputs, outputs, norms), transition(outputs)), nn.Identity()

        self.channels = third
        self.conv1 = stem(narrow, instance_norm=variant.kind != "plain")
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        self.conv2, self.pool2 = halving(narrow, first, variant.norms[0])
        self.conv3, self.pool3 = halving(first, second, variant.norms[1])
        self.conv4 = nn.Sequential(*blocks(second, third, variant.norms[2]))
        self.conv5 = conv_norm_relu(third, third)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
                if module.bias is not None:
                    nn.init.zeros_(module.bias)

    def forward(self, images: Tensor) -> Tensor:
        """Compute the last map: images (B, 3, H, W) float32, normalised -> (B, channels, H/16, W/16)."""
        maps = self.maxpool(self.conv1(images))
        maps = self.pool2(self.conv2(maps))
        maps = self.pool3(self.conv3(maps))
        return self.conv5(self.conv4(maps))


class OSNet(OSNetMap):
    """The whole network as published, with its 512-d feature for search and its classifier for training."""

    def __init__(self, variant: Variant, people: int = 1000) -> None:
        super().__init__(variant)
        self.fc = nn.Sequential(nn.Linear(self.channels, 512), nn.BatchNorm1d(512), nn.ReLU(inplace=True))
        self.classifier = nn.Linear(512, people)

    def features(self, images: Tensor) -> Tensor:
        """Compute the feature: images (B, 3, H, W) float32, normalised -> (B, 512)."""
        return self.fc(self(images).mean((2, 3)))


def require_room(name: str, size: tuple[int, int]) -> None:
    """Raise InputError for pictures (H, W) too small for OSNet, which halves them four times."""
    if min(size) < SMALLEST:
        found = f"data.size {size[0]},{size[1]}: nothing is left of it in {name}"
        raise InputError(found, f"{SMALLEST} pixels or more on each side", "set data.size=128,64")


HEADS = ("fc.", "classifier.")
"""Prefixes of the parameters that a published checkpoint holds beyond `OSNetMap`."""


def recognise(state: Mapping[str, Tensor]) -> str | None:
    """The name of the OSNet variant whose published checkpoint this state dict is, with any number of classes.

    None where it is none.
    """
    last = state.get("conv5.conv.weight", ())
    for name, variant in OSNETS.items():
        if len(last) == variant.channels[-1] and _shapes(state) == _shapes(OSNet(variant).state_dict()):
            return name
    return None


def _shapes(state: Mapping[str, Tensor]) -> dict[str, tuple[int, ...]]:
    return {name: tuple(value.shape) for name, value in state.items() if not name.startswith("classifier.")}
