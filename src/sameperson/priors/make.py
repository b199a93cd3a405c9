"""Fills the priors of pictures with what the user's own network says of them.

A killed run loses at most a batch: what is done lies in a hidden file or folder beside the result, and takes the
result's name when all is done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sameperson.images.decode import BrokenPicture, picture_of
from sameperson.images.geometry import Geometry
from sameperson.images.prefetch import Loader
from sameperson.priors.joints import joints_of
from sameperson.priors.label_sets import LabelSet
from sameperson.priors.letterbox import Fit, fitted, points_back
from sameperson.priors.resumable_writer import GrowingBodies, GrowingMaps, Made, require_none
from sameperson.priors.segments import labels_back, parsed
from sameperson.types import Samples, Size

Progress = Callable[[int, int], None]


class Network(Protocol):
    """The user's network. outputs: (B, 3, H, W) uint8 RGB at `size` -> arrays of B rows."""

    @property
    def size(self) -> Size:
        """(height, width) it wants."""
        ...

    @property
    def fingerprint(self) -> str:
        """Names its weights and preprocessing."""
        ...

    def outputs(self, images: NDArray[np.uint8]) -> Sequence[NDArray[Any]]:
        """What it says of pictures."""
        ...


@dataclass(frozen=True)
class How:
    """How pictures are read and given to the network: so many at once, by so many threads, fitted in one way."""

    batch: int = 16
    workers: int = 2
    fit: Fit = "pad"


@dataclass(frozen=True)
class Inputs:
    """images: (B, 3, H, W) uint8; rows: (B,); geometries: where each picture lies; broken: (row, reason)."""

    images: NDArray[np.uint8]
    rows: list[int]
    geometries: list[Geometry]
    broken: list[tuple[int, str]]


def make_keypoints(samples: Samples, network: Network, out: Path, how: How, progress: Progress) -> Made:
    """Write `keypoints.json` (AlphaPose's list) into the folder `out`.

    Raises InputError where there are keypoints already, and for a network that gives none.
    """
    require_none(out, "keypoints")
    names = [str(path) for path in samples.path]
    with GrowingBodies(out, f"{network.fingerprint} {how.fit}") as growing:
        waiting = np.array([row for row, name in enumerate(names) if name not in growing.done], np.int64)
        for batch in inputs(samples, waiting, network.size, how):
            for row, reason in batch.broken:
                growing.broke(names[row], reason)
            if batch.rows:
                points, _ = joints_of(network.outputs(batch.images), network.size)
                for row, body, geometry in zip(batch.rows, points, batch.geometries, strict=True):
                    growing.add(names[row], points_back(body, geometry))
            growing.flush()
            progress(len(growing.done), len(names))
        return Made(growing.finish(names), len(names), growing.without, growing.broken)


def make_parsing(
    samples: Samples, network: Network, out: Path, how: How, progress: Progress, *, labels: LabelSet
) -> Made:
    """Write `parsing/<path>.png` of every picture into the folder `out`; labels: the set that the network has.

    Raises InputError where there is parsing already, and for a network that gives none of that set.
    """
    require_none(out, "parsing")
    names = [str(path) for path in samples.path]
    growing = GrowingMaps(out / "parsing", f"{network.fingerprint} {how.fit} {labels.name}", names)
    waiting = np.array([row for row in range(len(names)) if not growing.has(row)], np.int64)
    done, broken = len(names) - len(waiting), []
    for batch in inputs(samples, waiting, network.size, how):
        broken += [(names[row], reason) for row, reason in batch.broken]
        if batch.rows:
            found = parsed(network.outputs(batch.images), labels)
            for row, one, geometry in zip(batch.rows, found, batch.geometries, strict=True):
                growing.add(row, labels_back(one, geometry), labels)
        done += len(batch.rows) + len(batch.broken)
        progress(done, len(names))
    return Made(growing.finish(), len(names), len(broken), tuple(broken))


def inputs(samples: Samples, rows: NDArray[np.int64], size: Size, how: How) -> Iterator[Inputs]:
    """Pictures fitted to a network's input, in order, read ahead by threads."""

    def make(some: NDArray[np.int64]) -> Inputs:
        images = np.zeros((len(some), *size, 3), np.uint8)
        found = Inputs(images, [], [], [])
        for row in some.tolist():
            try:
                picture = picture_of(samples, row)
            except BrokenPicture as error:
                found.broken.append((row, error.reason))
                continue
            geometry = fitted(picture.shape[:2], size, how.fit)
            images[len(found.rows)] = geometry.picture(picture)
            found.rows.append(row)
            found.geometries.append(geometry)
        whole = np.ascontiguousarray(images[: len(found.rows)].transpose(0, 3, 1, 2))
        return Inputs(whole, found.rows, found.geometries, found.broken)

    blocks = [rows[start : start + how.batch] for start in range(0, len(rows), how.batch)]
    return iter(Loader(make, blocks, how.workers))
