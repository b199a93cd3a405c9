"""Samples become batches: files decoded and augmented as uint8 by threads, normalised on the device.

Arrays are numpy until a batch is full and torch afterwards. The augmentation of a sample depends on (seed, epoch, row,
repeat) alone, so it is the same in whichever thread or process the sample is made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sameperson.config import ParserOptions, Recipe
from sameperson.data.batch import Batch
from sameperson.data.broken_pictures import Broken, require_readable
from sameperson.data.prior_batch import PriorBatch
from sameperson.data.samplers import sampler_of, shard
from sameperson.data.transforms import Transform, sample_transform
from sameperson.images.decode import BrokenPicture, picture_of
from sameperson.images.geometry import Geometry
from sameperson.images.prefetch import Loader
from sameperson.priors.load import open_priors
from sameperson.priors.prior import Prior
from sameperson.types import DISTRACTOR, Rows, Samples, Size

NOBODY = -1
"""The identity of a picture whose person is not known; only a method that learns no identities is given such."""


@dataclass(frozen=True)
class RawBatch:
    """B training pictures on the host, not yet normalised.

    images: (B, 3, H, W) uint8 RGB, channels last in memory. pids: (B,) int64 in [0, people), by sorted pid,
    -1 for nobody. camids, clothes, index: (B,) int64. priors, valid: as in `data.batch.Batch`.
    """

    images: Tensor
    pids: Tensor
    camids: Tensor
    clothes: Tensor
    index: Tensor
    priors: Mapping[str, Tensor]
    valid: Mapping[str, Tensor]


@dataclass(frozen=True)
class EvalBatch:
    """The readable pictures of a block of rows, and the broken ones.

    images: (B, 3, H, W) uint8 RGB, channels last in memory; rows: (B,) int64; B is 0 when none was readable.
    priors, valid: as in `data.batch.Batch`, for the priors that were asked for.
    """

    images: Tensor
    rows: NDArray[np.int64]
    broken: Sequence[Broken]
    priors: Mapping[str, Tensor] = field(default_factory=dict)
    valid: Mapping[str, Tensor] = field(default_factory=dict)


def train_loader(
    samples: Samples,
    recipe: Recipe,
    epoch: int,
    skip_batches: int = 0,
    rank: int = 0,
    world_size: int = 1,
    priors: Mapping[str, Prior] | None = None,
) -> Loader[RawBatch]:
    """Load the augmented batches of an epoch: P x K, or any pictures for a method that learns no identities.

    rank, world_size: this process loads its equal share of each batch. skip_batches: how many batches to leave out at
    the start, to resume a stopped epoch. priors: those of `samples` that are open already; None opens those that the
    recipe asks for.
    """
    data = recipe.data
    plan = sampler_of(samples, recipe).epoch(epoch)[skip_batches:]
    fit = recipe.method.fit if isinstance(recipe.method, ParserOptions) else "stretch"
    people = np.unique(samples.pid[samples.pid > DISTRACTOR])
    opened = open_priors(samples, data.priors, data) if priors is None else priors

    def make(rows: Rows) -> RawBatch:
        images = np.empty((len(rows), *data.size, 3), np.uint8)
        prior_batch = PriorBatch.empty(opened, len(rows), data.size)
        for place, (row, repeat) in enumerate(rows.tolist()):
            rng = np.random.default_rng([recipe.seed, epoch, row, repeat])
            try:
                picture = picture_of(samples, row)
                other = partial(picture_of_another, samples, row)
                transform = sample_transform(picture.shape[:2], data, rng, other, fit)
            except BrokenPicture:
                require_readable(samples, skip=False)  # one error that names them all
                raise
            images[place] = transform.picture(picture)
            prior_batch.put(place, row, transform)
        index = rows[:, 0]
        nobody = samples.pid[index] <= DISTRACTOR
        return RawBatch(
            images=_channels_first(images),
            pids=torch.from_numpy(np.where(nobody, NOBODY, np.searchsorted(people, samples.pid[index]))),
            camids=torch.from_numpy(samples.camid[index].astype(np.int64)),
            clothes=torch.from_numpy(samples.clothes_id[index].astype(np.int64)),
            index=torch.from_numpy(index),
            **prior_batch.tensors(),
        )

    return Loader(make, [np.ascontiguousarray(shard(rows, rank, world_size)) for rows in plan], data.workers)


def picture_of_another(samples: Samples, row: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Draw the picture (h, w, 3) uint8 of someone else than the person in a row; a lone person is given itself."""
    others = np.flatnonzero(samples.pid != samples.pid[row])
    return picture_of(samples, int(rng.choice(others)) if len(others) else row)


def eval_loader(
    samples: Samples,
    size: Size,
    batch: int,
    workers: int,
    skip_broken: bool,
    priors: Mapping[str, Prior] | None = None,
) -> Loader[EvalBatch]:
    """Load all pictures in order, resized to `size`, in blocks of `batch` rows.

    priors: opened priors of `samples`, which are loaded too. A broken picture raises an InputError that names every
    broken one; with `skip_broken` it is left out and reported in its batch.
    """
    blocks = [np.arange(start, min(start + batch, len(samples))) for start in range(0, len(samples), batch)]
    return plain_loader(samples, blocks, size, workers, skip_broken, priors)


def plain_loader(
    samples: Samples,
    plan: Sequence[Rows],
    size: Size,
    workers: int,
    skip_broken: bool = False,
    priors: Mapping[str, Prior] | None = None,
) -> Loader[EvalBatch]:
    """Load resized pictures as `eval_loader` does, one batch for each array of rows (n,) in `plan`."""

    def make(rows: Rows) -> EvalBatch:
        images = np.empty((len(rows), *size, 3), np.uint8)
        prior_batch = PriorBatch.empty(priors or {}, len(rows), size)
        readable, unreadable = [], []
        for row in rows.tolist():
            try:
                picture = picture_of(samples, row)
            except BrokenPicture as error:
                if not skip_broken:
                    require_readable(samples, skip=False)  # one error that names them all
                    raise
                unreadable.append(Broken(row, str(samples.path[row]), error.reason))
                continue
            transform = Transform(Geometry.resizing(picture.shape[:2], size))
            images[len(readable)] = transform.picture(picture)
            prior_batch.put(len(readable), row, transform)
            readable.append(row)
        count = len(readable)
        return EvalBatch(
            _channels_first(images[:count]), np.array(readable, np.int64), unreadable, **prior_batch.tensors(count)
        )

    return Loader(make, plan, workers)


def to_device(raw: RawBatch, device: str | torch.device, mean: Sequence[float], std: Sequence[float]) -> Batch:
    """Move a batch over as bytes and normalise it there."""

    def moved(tensor: Tensor) -> Tensor:
        return tensor.to(device, non_blocking=True)

    valid = {name: moved(values) for name, values in raw.valid.items()}
    return Batch(
        images=normalise(moved(raw.images), mean, std),
        pids=moved(raw.pids),
        camids=moved(raw.camids),
        clothes=moved(raw.clothes),
        index=moved(raw.index),
        priors=normalise_priors({name: moved(values) for name, values in raw.priors.items()}, valid, mean, std),
        valid=valid,
    )


def normalise(images: Tensor, mean: Sequence[float], std: Sequence[float]) -> Tensor:
    """Normalise pictures (B, 3, H, W) uint8 to float32 by mean and standard deviation of RGB in [0, 1].

    The memory layout is kept. It is channels last for pictures from a loader, which is fastest on CPUs.
    """
    shift = torch.tensor(mean, device=images.device).mul(255)
    scale = torch.tensor(std, device=images.device).mul(255).reciprocal()
    floats = images.to(torch.float32)
    if images.is_contiguous(memory_format=torch.channels_last):
        width = images.shape[-1]
        lines = floats.permute(0, 2, 3, 1).flatten(2)  # a vector of three is too short for a CPU: five times as fast
        lines.sub_(shift.repeat(width)).mul_(scale.repeat(width))
        return floats
    return floats.sub_(shift.view(1, 3, 1, 1)).mul_(scale.view(1, 3, 1, 1))


def normalise_priors(
    priors: Mapping[str, Tensor], valid: Mapping[str, Tensor], mean: Sequence[float], std: Sequence[float]
) -> dict[str, Tensor]:
    """Normalise the priors that are pictures, which are faces (B, 3, h, w) uint8, and keep the others as they are.

    A missing face becomes zeros, which is what DeskPro gives its network in its place.
    """

    def one(name: str, values: Tensor) -> Tensor:
        if values.ndim < 4:
            return values
        return normalise(values, mean, std) * valid[name].view(-1, 1, 1, 1)

    return {name: one(name, values) for name, values in priors.items()}


def _channels_first(images: NDArray[np.uint8]) -> Tensor:
    return torch.from_numpy(images).permute(0, 3, 1, 2)
