"""A network that the user brings, as an .onnx or OpenVINO file, and how its pictures are prepared.

The file says how it wants its pictures where it can (a static input shape); the rest is `Preprocessing`. torch comes in
and goes out, because that is what a network looks like to the evaluation; between the two all is numpy.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from sameperson.checks import InputError
from sameperson.methods.method import Embedded, Give
from sameperson.models.model_card import fingerprint
from sameperson.retrieval.runtimes import Array, Engine, Port, open_engine, reason

MID_GREY = 127


@dataclass(frozen=True)
class Preprocessing:
    """What a picture (uint8, RGB) becomes: `(pixels * scale - mean) / std`, its channels ordered first.

    size: (height, width), or None to take it from the file. mean, std: in the order of `channels`, after `scale`. The
    defaults leave the pixels at 0 to 255.
    """

    size: tuple[int, int] | None = None
    channels: Literal["RGB", "BGR"] = "RGB"
    mean: tuple[float, float, float] = (0.0, 0.0, 0.0)
    std: tuple[float, float, float] = (1.0, 1.0, 1.0)
    scale: float = 1.0

    def apply(self, images: Array) -> Array:
        """images: (B, 3, H, W) uint8 RGB -> (B, 3, H, W) float32."""
        ordered = images if self.channels == "RGB" else images[:, ::-1]
        mean, std = (np.asarray(values, np.float32).reshape(3, 1, 1) for values in (self.mean, self.std))
        return np.ascontiguousarray((ordered.astype(np.float32) * np.float32(self.scale) - mean) / std)


@dataclass
class UserNetwork:
    """The user's network as every command knows a network: a size, a fingerprint, and features of pictures."""

    size: tuple[int, int]
    fingerprint: str
    preprocessing: Preprocessing
    engine: Engine = field(repr=False)
    batch: int | None
    """How many pictures the file insists on at once; None takes any number."""

    def features(self, images: Tensor, give: Give = "features") -> Embedded:  # noqa: ARG002 - it has no parts
        """images: (B, 3, H, W) uint8 RGB at `size` -> features (B, D) float32, as the network gives them."""
        pixels = self.preprocessing.apply(images.cpu().numpy())
        step = self.batch or len(pixels)
        parts = [self._run(pixels[start : start + step]) for start in range(0, len(pixels), step)]
        return Embedded(torch.from_numpy(np.concatenate(parts)))

    def outputs(self, images: Array) -> list[Array]:
        """images: (B, 3, H, W) uint8 RGB at `size` -> every output of the file, each with B rows.

        Raises InputError for an output that has not one row a picture.
        """
        pixels = self.preprocessing.apply(images)
        step = self.batch or len(pixels)
        parts = []
        for start in range(0, len(pixels), step):
            some = pixels[start : start + step]
            filled = self._filled(some)
            found = self.engine.run(filled)
            if any(not output.ndim or len(output) != len(filled) for output in found):
                listed = ", ".join(str(Port(port.name, o.shape)) for port, o in zip(self.engine.outputs, found))
                expected = "outputs with one row a picture"
                raise InputError(f"the outputs {listed} for {len(filled)} picture(s)", expected, "export it so")
            parts.append([output[: len(some)] for output in found])
        return [np.concatenate(output) for output in zip(*parts, strict=True)]

    def _run(self, pixels: Array) -> Array:
        """At most one batch."""
        filled = self._filled(pixels)
        return as_features(self.engine.run(filled), self.engine.outputs, len(filled))[: len(pixels)]

    def _filled(self, pixels: Array) -> Array:
        """A file with a fixed batch gets its last one filled up by repeating a picture."""
        missing = (self.batch or len(pixels)) - len(pixels)
        return np.concatenate([pixels, np.repeat(pixels[-1:], missing, axis=0)]) if missing else pixels


def open_network(path: str | Path, preprocessing: Preprocessing, *, features: bool = True) -> UserNetwork:
    """The network in a .onnx or .xml file; features: whether it is one that gives one feature a picture.

    Raises InputError for a file that is no such network, a missing runtime, an input that does not take pictures, a
    size that the file contradicts, or outputs that are not one feature a picture.
    """
    path = Path(path)
    engine = open_engine(path)
    batch, size = _input_shape(path, engine, preprocessing.size)
    network = UserNetwork(size, _fingerprint(engine.files, preprocessing, size), preprocessing, engine, batch)
    try:
        grey = np.full((1, 3, *size), MID_GREY, np.uint8)
        network.features(torch.from_numpy(grey)) if features else network.outputs(grey)
    except engine.faults as error:
        raise InputError(
            f"{path}: does not run on pictures of {size[0]}x{size[1]} ({reason(error)})",
            "the size it was trained for",
            "give it with --input-size, as in --input-size 256x128",
        ) from error
    return network


def as_features(outputs: Sequence[Array], ports: Sequence[Port], batch: int) -> Array:
    """The one output of shape (batch, D) or (batch, D, 1, 1), as (batch, D) float32."""
    shapes = [output.shape for output in outputs]
    if len(shapes) != 1 or len(shapes[0]) < 2 or shapes[0][0] != batch or any(n != 1 for n in shapes[0][2:]):
        listed = ", ".join(str(Port(port.name, shape)) for port, shape in zip(ports, shapes))
        raise InputError(
            f"a network with the outputs {listed} for {batch} picture(s)",
            "one output of shape (pictures, features)",
            "export the network with its embedding as the only output",
        )
    return np.asarray(outputs[0], np.float32).reshape(batch, -1)


def _input_shape(path: Path, engine: Engine, wanted: tuple[int, int] | None) -> tuple[int | None, tuple[int, int]]:
    """The batch the file insists on, and the picture size from the file or from the user."""
    listed = ", ".join(str(port) for port in engine.inputs)
    if len(engine.inputs) != 1 or len(engine.inputs[0].shape) != 4 or engine.inputs[0].shape[1] not in (3, None):
        raise InputError(
            f"{path}: inputs {listed}", "one input of shape (pictures, 3, height, width)", "export it so, in float32"
        )
    batch, _, height, width = engine.inputs[0].shape
    if wanted is None:
        if height is None or width is None:
            raise InputError(f"{path}: input {listed} leaves the size open", "a size", "add --input-size 256x128")
        return batch, (height, width)
    if any(fixed not in (None, asked) for fixed, asked in zip((height, width), wanted)):
        raise InputError(
            f"{path}: made for {height}x{width}, not {wanted[0]}x{wanted[1]}",
            "the size the file was exported with",
            "leave --input-size out",
        )
    return batch, wanted


def _fingerprint(files: Sequence[Path], how: Preprocessing, size: tuple[int, int]) -> str:
    """Names these files with this preprocessing."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    mean, std = ([float(value) for value in values] for values in (how.mean, how.std))
    return fingerprint(digest.hexdigest(), size=size, channels=how.channels, mean=mean, std=std, scale=float(how.scale))
