"""Tracklet pooling: the embeddings of a tracklet's pictures are averaged to one, chunk by chunk.

Features are scaled to unit length before, so that each picture counts the same; parts are too, and are weighted by
their visibility. The mean is not scaled to unit length again, which makes no difference to the cosine, but does to the
Euclidean distance.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from sameperson.checks import InputError
from sameperson.evaluation.distance import finite, unit
from sameperson.types import UNKNOWN, Embeddings, Samples


def pool_tracks(samples: Samples, chunks: Iterable[tuple[Samples, Embeddings]]) -> tuple[Samples, Embeddings]:
    """Pool chunks of embedded pictures to one row for each tracklet of `samples`, in the order in which they begin.

    A tracklet's path and labels are those of its first picture. A tracklet without a picture in any chunk is left out.
    Raises InputError for pictures without a tracklet, tracklets of two people, and features that cannot be compared.
    """
    tracks = Tracks.of(samples)
    sums = Sums(len(tracks.first))
    for kept, embeddings in chunks:
        sums.add(tracks.of_pictures(kept), embeddings)
    there = np.flatnonzero(sums.count)
    return samples.take(tracks.first[there]), sums.mean().take(there)


def first_of_each_track(samples: Samples) -> Samples:
    """Take the first picture of each tracklet, whose path and labels the pooled tracklet will have."""
    return samples.take(Tracks.of(samples).first)


@dataclass(frozen=True)
class Tracks:
    """The tracklets of pictures.

    known: track ids, ascending. place: the position of each in the order in which tracklets begin. first: the row of
    each tracklet's first picture, in that order.
    """

    known: NDArray[np.int32]
    place: NDArray[np.int64]
    first: NDArray[np.int64]

    @classmethod
    def of(cls, samples: Samples) -> Tracks:
        """Find the tracklets of pictures. Raises InputError as `pool_tracks`."""
        nowhere = np.flatnonzero(samples.track_id == UNKNOWN)
        if len(nowhere):
            found = f"{samples.path[nowhere[0]]} and {len(nowhere) - 1} more pictures without a tracklet"
            raise InputError(found, "a track_id for each picture", "label them, or judge pictures")
        known, first, track = np.unique(samples.track_id, return_index=True, return_inverse=True)
        mixed = np.flatnonzero(samples.pid != samples.pid[first[track]])
        if len(mixed):
            row = mixed[0]
            who = f"{samples.name_of(int(samples.pid[first[track[row]]]))} and {samples.name_of(int(samples.pid[row]))}"
            found = f"{samples.path[row]}: tracklet {samples.track_id[row]} shows {who}"
            raise InputError(found, "one person in each tracklet", "correct its track_id")
        return cls(known, np.argsort(np.argsort(first)), np.sort(first))

    def of_pictures(self, samples: Samples) -> NDArray[np.int64]:
        """The number of each picture's tracklet (N,), counted from 0 in the order in which tracklets begin."""
        return self.place[np.searchsorted(self.known, samples.track_id)]


@dataclass
class Sums:
    """Sums of embeddings over the pictures of each of `tracks` tracklets, allocated at the first embeddings."""

    tracks: int
    count: NDArray[np.int64] = field(init=False)
    features: NDArray[np.float32] | None = None
    parts: NDArray[np.float32] | None = None
    seen: NDArray[np.float32] | None = None
    like: Embeddings | None = None

    def __post_init__(self) -> None:
        self.count = np.zeros(self.tracks, np.int64)

    def add(self, track: NDArray[np.int64], embeddings: Embeddings) -> None:
        """Add the embeddings of pictures; track: (N,) the number of each picture's tracklet."""
        features = unit(finite(embeddings.features, "picture"), "picture")
        if self.features is None:
            self.features = np.zeros((self.tracks, features.shape[1]), np.float32)
            self.like = embeddings.take(slice(0))
        self.count += np.bincount(track, minlength=self.tracks)
        add_rows(self.features, track, features)
        if embeddings.parts is None:
            return
        parts = np.asarray(embeddings.parts, np.float32)
        length = np.sqrt(np.einsum("npd,npd->np", parts, parts))
        seen = length > 0 if embeddings.visibility is None else np.asarray(embeddings.visibility)
        if self.parts is None or self.seen is None:
            self.parts = np.zeros((self.tracks, *parts.shape[1:]), np.float32)
            self.seen = np.zeros((self.tracks, parts.shape[1]), np.float32)
        add_rows(self.parts, track, parts * (seen / np.where(length > 0, length, 1))[:, :, None])
        add_rows(self.seen, track, seen.astype(np.float32))

    def mean(self) -> Embeddings:
        """The mean of each tracklet's features and visibility, and of its parts weighted by visibility."""
        if self.like is None or self.features is None:
            raise InputError("no picture that can be read", "one in each tracklet", "check the pictures")
        count = np.maximum(self.count, 1)[:, None].astype(np.float32)
        one = replace(self.like, features=self.features / count, parts=None, visibility=None)
        if self.parts is None or self.seen is None:
            return one
        parts = self.parts / np.where(self.seen > 0, self.seen, 1)[:, :, None]
        return replace(one, parts=parts, visibility=None if self.like.visibility is None else self.seen / count)


def add_rows(sums: NDArray[np.float32], row: NDArray[np.int64], values: NDArray[np.floating]) -> None:
    """Add each of `values` (N, ...) to its `row` (N,) of `sums`."""
    order = np.argsort(row, kind="stable")
    rows, begin = np.unique(row[order], return_index=True)
    if len(rows):
        sums[rows] += np.add.reduceat(values[order], begin, axis=0)
