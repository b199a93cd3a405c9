"""A network that the user brings, as an .onnx or OpenVINO file, and how its pictures are prepared.

The file says how it wants its pictures where it can (`network_input`, `network_metadata`), the user the rest, and the
network is proved before it is believed (`network_proof`). torch comes in and goes out, because that is what a network
looks like to the evaluation; between the two all is numpy.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from sameperson.checks import InputError, nearest
from sameperson.methods.method import Embedded, Give
from sameperson.models.model_card import fingerprint
from sameperson.retrieval import network_proof as proof
from sameperson.retrieval.network_input import Input, input_of, notes_of
from sameperson.retrieval.network_metadata import declared
from sameperson.retrieval.preprocessing import Preprocessing, Values
from sameperson.retrieval.runtimes import Array, Engine, Fault, Port, open_engine


class WrongRows(Fault):
    """A network gives another number of rows than pictures."""


@dataclass
class UserNetwork:
    """The user's network as every command knows a network: a size, a fingerprint, and features of pictures."""

    name: str
    fingerprint: str
    preprocessing: Preprocessing
    engine: Engine = field(repr=False)
    input: Input
    output: int | None = None
    """Which of several outputs is the feature."""
    batch: int | None = None
    """How many pictures the file insists on at once; None takes any number."""
    notes: tuple[str, ...] = ()
    """What a user should know of it: what its file says, and what nothing says."""
    proved: int = 0
    """How many pictures at once were tried; a larger batch is tried when it comes."""

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of the pictures it takes."""
        return self.input.size

    def features(self, images: Tensor, give: Give = "features") -> Embedded:  # noqa: ARG002 - it has no parts
        """Embed images: (B, 3, H, W) uint8 RGB at `size` -> features (B, D) float32, as the network gives them.

        Raises InputError for features that are not finite, and for a batch that the runtime refuses.
        """
        pixels = images.cpu().numpy()
        (found,) = self._blocks(pixels, features=True)
        if not np.isfinite(found).all():
            raise proof.not_finite(self.name)
        if self.batch is None and len(pixels) > self.proved:
            (alone,) = self._at_once(pixels[-1:], features=True)
            moved = proof.distance(found[-1], alone[0])
            if moved > (proof.HALF_TOLERANCE if self._half else proof.TOLERANCE):
                raise proof.mixing(self.name, f"{moved:.1g} of its norm", len(pixels), len(pixels))
            self.proved = len(pixels)
        return Embedded(torch.from_numpy(found))

    def outputs(self, images: Array) -> list[Array]:
        """Run the network on images: (B, 3, H, W) uint8 RGB at `size` -> every output of the file, each with B rows.

        Raises InputError for an output that has not one row a picture, and for a batch that the runtime refuses.
        """
        return self._blocks(images, features=False)

    def _blocks(self, images: Array, features: bool) -> list[Array]:
        """In blocks of as many pictures as the file insists on; the last one is filled up by repeating a picture."""
        step = self.batch or len(images)
        parts = []
        for start in range(0, len(images), step):
            some = images[start : start + step]
            missing = step - len(some)
            filled = np.concatenate([some, np.repeat(some[-1:], missing, axis=0)]) if missing else some
            try:
                parts.append([output[: len(some)] for output in self._at_once(filled, features)])
            except WrongRows as fault:
                raise _unlike_rows(self.name, fault) from fault
            except Fault as fault:
                raise proof.too_many(self.name, len(filled), fault) from fault
        return [np.concatenate(output) for output in zip(*parts, strict=True)]

    def _at_once(self, images: Array, features: bool) -> list[Array]:
        """All in one run: the feature alone, or every output. Raises Fault."""
        found = self.engine.run(self.input.laid_out(self.preprocessing.apply(images, self.input.type)))
        if features:
            return [as_features(found, self.engine.outputs, len(images), self.output)]
        if any(not output.ndim or len(output) != len(images) or output.dtype.kind not in "fiub" for output in found):
            raise WrongRows(f"the outputs {_shapes(found, self.engine.outputs)} for {len(images)} picture(s)")
        return found

    @property
    def _half(self) -> bool:
        return "float16" in {port.type for port in (*self.engine.inputs, *self.engine.outputs)}


def open_network(
    path: str | Path,
    preprocessing: Preprocessing,
    *,
    features: bool = True,
    batch: int | None = None,
    output: str | None = None,
) -> UserNetwork:
    """The network in a .onnx or .xml file, proved.

    features: whether it is one that gives one feature a picture. batch: how many pictures will be run at once, where
    the user chose it. output: which of several outputs is the feature.

    Raises InputError for a file that is no such network, a missing runtime, an input that does not take pictures, a
    size that the file contradicts, outputs that are not one feature a picture, and features that change with the
    pictures beside, are constant or not finite.
    """
    path = Path(path)
    engine = open_engine(path)
    put = input_of(path, engine.inputs, preprocessing)
    says = declared(engine.metadata)
    how = preprocessing.filled(put.size, says.channels, says.values)
    chosen = None if output is None else _chosen(path, engine.outputs, output)
    name = _fingerprint(engine.files, how, put.size, output if len(engine.outputs) > 1 else None)
    network = UserNetwork(str(path), name, how, engine, put, chosen)
    tried = proof.Network(
        str(path),
        lambda images: network._at_once(images, features),
        put.size,
        fixed=put.batch,
        promised=next(iter(engine.outputs[chosen or 0].shape), None),
        half=network._half,
        features=features,
    )
    try:
        proved = proof.prove(tried, batch)
    except WrongRows as fault:
        raise _unlike_rows(str(path), fault) from fault
    except Fault as fault:
        found = f"{path}: does not run on pictures of {put.size[0]}x{put.size[1]} ({fault})"
        if None not in engine.inputs[0].shape[1:]:  # another size cannot help
            expected = "a network that its runtime can run"
            raise InputError(found, expected, "export it again, with float32 inside and out") from fault
        then = "give it with --input-size, as in --input-size 256x128"
        raise InputError(found, "the size it was trained for", then) from fault
    network.batch, network.proved = proved.block, proved.proved
    network.notes = (*notes_of(path, put, preprocessing, says), *proved.notes)
    return network


def as_features(outputs: Sequence[Array], ports: Sequence[Port], batch: int, chosen: int | None = None) -> Array:
    """The chosen or only output of shape (batch, D) or (batch, D, 1, 1), as (batch, D) float32.

    A single picture's may be (D,), as a squeeze leaves it. Raises WrongRows, and InputError for any other shape.
    """
    if len(outputs) > 1 and chosen is None:
        raise InputError(
            f"a network with the outputs {_shapes(outputs, ports)} for {batch} picture(s)",
            "one output of shape (pictures, features)",
            f"choose it with --output, as in --output {ports[0].name}",
        )
    output = outputs[chosen or 0]
    if batch == 1 and output.ndim == 1:
        output = output[None]
    if output.ndim < 2 or any(size != 1 for size in output.shape[2:]) or output.dtype.kind not in "fiu":
        raise InputError(
            f"a network with the outputs {_shapes(outputs, ports)} for {batch} picture(s)",
            "one output of shape (pictures, features)",
            "export the network with its embedding as the only output",
        )
    if len(output) != batch:
        raise WrongRows(f"the outputs {_shapes(outputs, ports)} for {batch} picture(s)")
    return np.asarray(output, np.float32).reshape(batch, -1)


def _shapes(outputs: Sequence[Array], ports: Sequence[Port]) -> str:
    return ", ".join(str(Port(port.name, output.shape)) for port, output in zip(ports, outputs))


def _unlike_rows(name: str, fault: WrongRows) -> InputError:
    return InputError(f"{name}: {fault}", "outputs of numbers with one row a picture", "export it so")


def _chosen(path: Path, ports: Sequence[Port], output: str) -> int:
    """The place of the output of this name."""
    names = [port.name for port in ports]
    if output not in names:
        listing = ", ".join(map(str, ports))
        raise InputError(f"{path}: no output {output!r}", f"one of {listing}", nearest(output, names))
    return names.index(output)


def _fingerprint(files: Sequence[Path], how: Preprocessing, size: tuple[int, int], output: str | None) -> str:
    """Names these files with this preprocessing, and the output where it is one of several."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    if output is not None:
        digest.update(output.encode())
    known = how.values or Values()
    mean, std = ([float(value) for value in values] for values in (known.mean, known.std))
    return fingerprint(
        digest.hexdigest(), size=size, channels=how.channels, mean=mean, std=std, scale=float(known.scale)
    )
