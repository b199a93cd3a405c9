"""Tracklets of a user's own pictures: which pictures are of one tracklet, from a person, a camera and a label each.

A tracklet is of one person under one camera. A label that stands under two people or two cameras names two tracklets,
since trackers and file names such as MARS's number anew for each. A picture without a label is a tracklet of its own.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sameperson.types import UNKNOWN, Samples


def tell_tracks_apart(
    pid: NDArray[np.int64], camid: NDArray[np.integer], track: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Number tracklets (N,) so that each number stands for one person, camera and label; -1 stays unknown.

    Numbers that do so already stay as they are.

    >>> tell_tracks_apart(np.array([7, 7, 8]), np.array([1, 1, 1]), np.array([5, 5, 5])).tolist()
    [0, 0, 1]
    """
    known = track != UNKNOWN
    keys = np.stack([pid[known], camid[known].astype(np.int64), track[known]], axis=1)
    apart, place = np.unique(keys, axis=0, return_inverse=True)
    if len(np.unique(apart[:, 2])) == len(apart):
        return track
    numbers = track.copy()
    numbers[known] = place.reshape(-1)
    return numbers


def in_tracklets(samples: Samples) -> Samples:
    """Give every picture a tracklet: its own where none is known."""
    track = tell_tracks_apart(samples.pid, samples.camid, samples.track_id.astype(np.int64))
    alone = np.flatnonzero(track == UNKNOWN)
    first = int(track.max(initial=UNKNOWN)) + 1
    if first + len(alone) > np.iinfo(np.int32).max:
        _, track = np.unique(track, return_inverse=True)
        track, first = track.reshape(-1).astype(np.int64), int(track.max(initial=UNKNOWN)) + 1
    track[alone] = np.arange(first, first + len(alone))
    return replace(samples, track_id=track.astype(np.int32))


def any_tracks(samples: Samples) -> bool:
    """Tell whether any picture has a tracklet."""
    return bool((samples.track_id != UNKNOWN).any())
