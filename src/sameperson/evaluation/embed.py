"""Embedding of pictures by a network, a batch at a time. torch inside, numpy out, converted once per batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sameperson.data.batch import Priors
from sameperson.data.broken_pictures import Broken
from sameperson.data.loading import EvalBatch, eval_loader
from sameperson.data.needed_priors import SamplesWithPriors
from sameperson.data.prior_batch import mirror_priors
from sameperson.evaluation.network import Network, NetworkWithNeeds, with_priors
from sameperson.methods.method import Embedded, Give
from sameperson.priors.prior import NeededPrior
from sameperson.types import Embeddings, Samples


def embed(
    network: Network,
    samples: Samples | SamplesWithPriors,
    *,
    batch: int = 64,
    workers: int = 0,
    flip: bool = False,
    skip_broken: bool = False,
    give: Give = "features",
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Embeddings, Samples, list[Broken]]:
    """Embed pictures in order; returns embeddings, the samples that could be read, and the broken pictures.

    samples: the priors that the network needs are opened, and missing ones noted, unless they come open.
    flip: add the mirrored picture's feature before anything is normalised. give: "parts" asks for parts too, from a
    network that has them. progress: called with pictures done, in all.
    Raises InputError naming the broken pictures, unless `skip_broken` leaves them out, and as `open_needed` does.
    """
    pictures = with_priors(network, samples)
    if pictures is not samples:
        pictures.note_missing()
    samples = pictures.samples
    columns = Columns(len(samples))
    rows: list[NDArray[np.int64]] = []
    broken: list[Broken] = []
    for part in eval_loader(samples, network.size, batch, workers, skip_broken, pictures.priors):
        broken += part.broken
        if len(part.rows):
            columns.append(embed_batch(network, part, pictures.priors, flip, give))
            rows.append(part.rows)
        if progress is not None:
            progress(columns.filled + len(broken), len(samples))
    kept = np.concatenate(rows) if rows else np.zeros(0, np.int64)
    return columns.embeddings(network.fingerprint), samples.take(kept), broken


def embed_batch(
    network: Network, batch: EvalBatch, opened: Mapping[str, NeededPrior], flip: bool, give: Give
) -> Embedded:
    """The embeddings of a batch; flip: those of the mirror images, with mirrored priors, are added.

    opened: the priors that the batch's were read from. Visibility is that of the pictures.
    """
    priors = Priors(batch.priors, batch.valid)
    one = features(network, batch.images, give, priors)
    if not flip:
        return one
    other = features(network, batch.images.flip(-1), give, mirror_priors(opened, priors, network.size))
    parts = None if one.parts is None or other.parts is None else one.parts + other.parts
    return Embedded(one.features + other.features, parts, one.visibility)


def features(network: Network, images: Tensor, give: Give, priors: Priors) -> Embedded:
    """The embeddings of images, by the priors where the network needs any."""
    if priors and isinstance(network, NetworkWithNeeds):
        return network.features(images, give, priors)
    return network.features(images, give)


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
