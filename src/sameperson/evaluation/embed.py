"""Embedding of pictures by a network, a batch at a time. torch inside, numpy out, converted once per batch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sameperson.data.broken_pictures import Broken
from sameperson.data.loading import eval_loader
from sameperson.evaluation.network import Network
from sameperson.methods.method import Embedded, Give
from sameperson.types import Embeddings, Samples


def embed(
    network: Network,
    samples: Samples,
    *,
    batch: int = 64,
    workers: int = 0,
    flip: bool = False,
    skip_broken: bool = False,
    give: Give = "features",
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Embeddings, Samples, list[Broken]]:
    """Embed pictures in order; returns embeddings, the samples that could be read, and the broken pictures.

    flip: add the mirrored picture's feature before anything is normalised. give: "parts" asks for parts too, from a
    network that has them. progress: called with pictures done, in all.
    Raises InputError naming the broken pictures, unless `skip_broken` leaves them out.
    """
    columns = Columns(len(samples))
    rows: list[NDArray[np.int64]] = []
    broken: list[Broken] = []
    for part in eval_loader(samples, network.size, batch, workers, skip_broken):
        broken += part.broken
        if len(part.rows):
            columns.append(with_flip(network, part.images, give) if flip else network.features(part.images, give))
            rows.append(part.rows)
        if progress is not None:
            progress(columns.filled + len(broken), len(samples))
    kept = np.concatenate(rows) if rows else np.zeros(0, np.int64)
    return columns.embeddings(network.fingerprint), samples.take(kept), broken


def with_flip(network: Network, images: Tensor, give: Give = "features") -> Embedded:
    """The sum of the embeddings of pictures and of their mirror images; visibility is that of the pictures."""
    one, other = network.features(images, give), network.features(images.flip(-1), give)
    parts = None if one.parts is None or other.parts is None else one.parts + other.parts
    return Embedded(one.features + other.features, parts, one.visibility)


@dataclass
class Columns:
    """The columns of `Embeddings` for `count` pictures, allocated when the first batch shows their widths."""

    count: int
    filled: int = 0
    arrays: dict[str, NDArray[np.float32]] = field(default_factory=dict)

    def append(self, embedded: Embedded) -> None:
        """Write the rows of one batch after those of the last."""
        size = len(embedded.features)
        for name, tensor in embedded._asdict().items():
            if tensor is not None:
                value = tensor.detach().to("cpu", torch.float32).numpy()
                array = self.arrays.setdefault(name, np.empty((self.count, *value.shape[1:]), np.float32))
                array[self.filled : self.filled + size] = value
        self.filled += size

    def embeddings(self, fingerprint: str) -> Embeddings:
        """The embeddings of all pictures that were written."""
        filled = {name: array[: self.filled] for name, array in self.arrays.items()}
        features = filled.pop("features", np.zeros((0, 0), np.float32))
        return Embeddings(features, fingerprint, **filled)
