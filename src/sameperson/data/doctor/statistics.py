"""Statistics of each split, and how many people each two cameras have in common."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sameperson.data.doctor.all_splits import AllSplits
from sameperson.types import DISTRACTOR, UNKNOWN, Samples

Spread = tuple[int, float, int]
"""Minimum, median and maximum."""


@dataclass(frozen=True)
class SplitTable:
    """One split in numbers. Junk and distractors count as pictures only.

    cameras: camera -> people seen there. pictures_each, cameras_each: over people, None without people.
    clothes: outfits, and outfits_each over people, where they are labelled; tracks: 0 where there are none.
    """

    name: str
    pictures: int
    people: int
    junk: int
    distractors: int
    cameras: dict[int, int]
    pictures_each: Spread | None
    cameras_each: Spread | None
    clothes: int
    outfits_each: Spread | None
    tracks: int


def table_of(name: str, samples: Samples) -> SplitTable:
    """Count the pictures, people, cameras, outfits and tracks of a split."""
    who = samples.pid > DISTRACTOR
    pid, camid, clothes = samples.pid[who], samples.camid[who], samples.clothes_id[who]
    people, counts = np.unique(pid, return_counts=True)
    seen = pairs_of(pid, camid)
    cameras, crowd = np.unique(seen[:, 1], return_counts=True)
    worn = pairs_of(pid[clothes != UNKNOWN], clothes[clothes != UNKNOWN])
    tracks = samples.track_id[samples.track_id != UNKNOWN]
    return SplitTable(
        name,
        pictures=len(samples),
        people=len(people),
        junk=int(np.count_nonzero(samples.pid < DISTRACTOR)),
        distractors=int(np.count_nonzero(samples.pid == DISTRACTOR)),
        cameras=dict(zip(cameras.tolist(), crowd.tolist(), strict=True)),
        pictures_each=spread(counts),
        cameras_each=spread(np.unique(seen[:, 0], return_counts=True)[1]),
        clothes=len(worn),
        outfits_each=spread(np.unique(worn[:, 0], return_counts=True)[1]),
        tracks=len(np.unique(tracks)),
    )


def pairs_of(pid: NDArray[np.int64], other: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return the different pairs of a person and a camera (or an outfit), sorted: (M, 2)."""
    return np.unique(np.stack([pid, other.astype(np.int64)], axis=1), axis=0)


def spread(counts: NDArray[np.int64]) -> Spread | None:
    """Return minimum, median and maximum, or None of no counts.

    >>> spread(np.array([4, 1, 2, 9]))
    (1, 3.0, 9)
    """
    return (int(counts.min()), float(np.median(counts)), int(counts.max())) if len(counts) else None


@dataclass(frozen=True)
class CameraOverlap:
    """How many people each two cameras have both seen.

    cameras: (C,) ids; people: (C, C), on the diagonal a camera's own people.
    """

    cameras: NDArray[np.int64]
    people: NDArray[np.int64]


MOST_CAMERAS = 64
"""Number of cameras above which the matrix is left out, since nobody would read it."""


def camera_overlap(splits: AllSplits) -> CameraOverlap | None:
    """Count the people that each two cameras have in common; None where no camera is known, or too many are."""
    rows = splits.known & (splits.camid != UNKNOWN)
    seen = pairs_of(splits.pid[rows], splits.camid[rows])
    cameras, column = np.unique(seen[:, 1], return_inverse=True)
    if not 1 <= len(cameras) <= MOST_CAMERAS:
        return None
    people, row = np.unique(seen[:, 0], return_inverse=True)
    there = np.zeros((len(people), len(cameras)), np.int64)
    there[row, column] = 1
    return CameraOverlap(cameras, there.T @ there)
