"""Metadata of a network file: the channel order, scale, mean and standard deviation that it asks for.

An OpenVINO file keeps two records. `conversion_parameters` tells what the converter has built *into* the network
(`--reverse_input_channels`, `--mean_values`, `--scale_values`), so that its values must not be applied again.
`model_info` (the Model API's) tells what is still to be done, unless `embedded_processing` says that it is done.
The converter's documentation has it that means stand in the order of training, and the Model API's that a picture comes
as BGR, so that a network whose channels are reversed for it takes RGB.

An ONNX file keeps `metadata_props`: `Image.BitmapPixelFormat` and `Image.NominalPixelRange` (ONNX, MetadataProps.md),
the Model API's with `model_info` before each key, or plain keys as `KEYS` lists them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from sameperson.retrieval.preprocessing import Channels, Three, Values

KEYS = {
    "channels": ("channels", "channel_order", "color_order", "color_format", "color_space"),
    "mean": ("mean", "mean_values", "image_mean"),
    "std": ("std", "scale_values", "image_std"),
    "scale": ("scale", "rescale_factor"),
}
"""An option -> the keys of an ONNX file that mean the same."""
PIXEL_FORMATS: dict[str, Channels] = {"rgb8": "RGB", "rgba8": "RGB", "bgr8": "BGR", "bgra8": "BGR"}
PIXEL_RANGES = {
    "nominalrange_0_255": Values(),
    "normalized_0_1": Values(scale=1 / 255),
    "normalized_1_1": Values(mean=(127.5, 127.5, 127.5), std=(127.5, 127.5, 127.5)),
}
NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")


@dataclass(frozen=True)
class Declared:
    """What a network file says of its input; None where it says nothing.

    inside: whether `values` are the plain pixels because the file has its own mean and scale built in.
    """

    channels: Channels | None = None
    values: Values | None = None
    inside: bool = False

    def over(self, other: Declared) -> Declared:
        """The same, with what `other` says for what is open."""
        values, inside = (other.values, other.inside) if self.values is None else (self.values, self.inside)
        return Declared(self.channels or other.channels, values, inside)


def declared(metadata: Mapping[str, Mapping[str, str]]) -> Declared:
    """What the sections of a file's metadata say of its input; what cannot be read counts as not said."""
    props = {key.strip().lower(): text for key, text in metadata.get("metadata_props", {}).items()}
    info = {key.lower(): text for key, text in metadata.get("model_info", {}).items()}
    info |= {key.split()[-1]: text for key, text in props.items() if key.startswith("model_info ")}
    converted = {key.lower(): text for key, text in metadata.get("conversion_parameters", {}).items()}
    return _model_info(info).over(_onnx_image(props)).over(_plain(props)).over(_converted(converted))


def _converted(record: Mapping[str, str]) -> Declared:
    """What the converter has built in: the input is what the network was trained with, reversed or not."""
    mean, std = three(record.get("mean_values")), divisor(record.get("scale_values")) or divisor(record.get("scale"))
    values = Values() if mean or std else None
    inner = order_of(mean)
    if flag(record.get("reverse_input_channels")):
        # Channels are reversed for pictures as OpenCV reads them, so without a mean the training is taken to be RGB.
        return Declared("RGB" if inner == "BGR" else "BGR", values, values is not None)
    return Declared(inner, values, values is not None)


def _model_info(record: Mapping[str, str]) -> Declared:
    """What the Model API would do with a BGR picture before the network, or what it has built into the network."""
    if flag(record.get("embedded_processing")):
        # Reversed or not, it then takes what the Model API hands over, and without a mean that is BGR.
        return Declared(_converted(record).channels or "BGR", Values(), inside=True)
    mean, std = three(record.get("mean_values")), divisor(record.get("scale_values"))
    values = Values(mean=mean or Values.mean, std=std or Values.std) if mean or std else None
    turned = flag(record.get("reverse_input_channels"))
    return Declared(order_of(mean) or (None if turned is None else "RGB" if turned else "BGR"), values)


def _onnx_image(props: Mapping[str, str]) -> Declared:
    """ONNX's own metadata of images."""
    order = PIXEL_FORMATS.get(props.get("image.bitmappixelformat", "").strip().lower())
    return Declared(order, PIXEL_RANGES.get(props.get("image.nominalpixelrange", "").strip().lower()))


def _plain(props: Mapping[str, str]) -> Declared:
    """Keys named like our options, or as other tools name them."""
    said = {option: next((props[key] for key in keys if key in props), None) for option, keys in KEYS.items()}
    order = (said["channels"] or "").strip().upper()
    mean, std, scale = three(said["mean"]), divisor(said["std"]), divisor(said["scale"])
    channels: Channels | None = "RGB" if order == "RGB" else "BGR" if order == "BGR" else order_of(mean)
    if not (mean or std or scale):
        return Declared(channels)
    # A mean below 1 is of pixels of 0 to 1, whether or not the file says so.
    small = mean is not None and any(mean) and max(map(abs, mean)) <= 1
    factor = scale[0] if scale else 1 / 255 if small else 1.0
    return Declared(channels, Values(factor, mean or Values.mean, std or Values.std))


def order_of(mean: Three | None) -> Channels | None:
    """The order in which means of people's photographs stand: red is the largest of ImageNet's, blue the smallest.

    >>> order_of((123.675, 116.28, 103.53)), order_of((104.0, 117.0, 123.0)), order_of((0.5, 0.5, 0.5))
    ('RGB', 'BGR', None)
    """
    if mean is None or mean[0] == mean[2]:
        return None
    return "RGB" if mean[0] > mean[2] else "BGR"


def flag(text: str | None) -> bool | None:
    """Yes, no or not said.

    >>> flag("YES"), flag("False"), flag(None)
    (True, False, None)
    """
    return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}.get(
        (text or "").strip().lower()
    )


def divisor(text: str | None) -> Three | None:
    """Three numbers of which none is 0.

    >>> divisor("58.395 57.12 57.375"), divisor("0.5,0,0.5")
    ((58.395, 57.12, 57.375), None)
    """
    found = three(text)
    return found if found and all(found) else None


def three(text: str | None) -> Three | None:
    """Three numbers, or one for all, in any of the ways that files write them; None for anything else.

    >>> three("data[123.675,116.28,103.53]"), three("0.5 0.5 0.5"), three("1/4"), three("[nan]")
    ((123.675, 116.28, 103.53), (0.5, 0.5, 0.5), (0.25, 0.25, 0.25), None)
    """
    inner = re.split(r"[\[({]", text or "")[-1]
    numbers = [float(number) for number in NUMBER.findall(inner)]
    if inner.count("/") == 1 and len(numbers) == 2 and numbers[1]:
        numbers = [numbers[0] / numbers[1]]
    if len(numbers) not in (1, 3) or not all(map(math.isfinite, numbers)):
        return None
    a, b, c = numbers * 3 if len(numbers) == 1 else numbers
    return a, b, c
