"""Makes priors of pictures, keypoints, parsing maps or masks, with a network.

A killed run loses at most a batch: what is done lies in a hidden file or folder beside the result, and takes the
result's name when all is done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sameperson.images.decode import BrokenPicture, picture_of
from sameperson.images.geometry import Geometry
from sameperson.images.prefetch import Loader
from sameperson.locks import locked
from sameperson.priors.blazepose import mask_logits, present
from sameperson.priors.joints import joints_of
from sameperson.priors.label_sets import Labels, LabelSet
from sameperson.priors.letterbox import Fit, fit_to_input, fitted_picture, points_to_picture
from sameperson.priors.resumable_writer import KEYPOINTS, KeypointsWriter, LabelMapWriter, WrittenPrior, require_none
from sameperson.priors.segments import labels_to_picture, parsing_output
from sameperson.types import Samples, Size

Progress = Callable[[int, int], None]
FoundIn = Callable[[Sequence[NDArray[Any]]], Iterable[NDArray[Any] | None]]
"""Finds each picture's map in a network's outputs; None where there is nobody."""
Add = Callable[[int, NDArray[Any], Geometry], None]
"""Writes the map of a row, whose picture lies in the input as the geometry says."""


class Network(Protocol):
    """What a network must provide."""

    @property
    def size(self) -> Size:
        """The (height, width) of its input."""
        ...

    @property
    def fingerprint(self) -> str:
        """A text that names its weights and preprocessing."""
        ...

    def outputs(self, images: NDArray[np.uint8]) -> Sequence[NDArray[Any]]:
        """Run the network on pictures (B, 3, H, W) uint8 RGB of its `size`; returns arrays of B rows."""
        ...


@dataclass(frozen=True)
class InputOptions:
    """How pictures are read and given to the network.

    batch: pictures at once. workers: threads that read. fit: how a picture is fitted into the input, see `letterbox`.
    """

    batch: int = 16
    workers: int = 2
    fit: Fit = "pad"


@dataclass(frozen=True)
class Inputs:
    """Pictures fitted to the network's input, and those that cannot be read.

    images: (B, 3, H, W) uint8; rows: (B,); geometries: where each picture lies; broken: (row, reason).
    """

    images: NDArray[np.uint8]
    rows: list[int]
    geometries: list[Geometry]
    broken: list[tuple[int, str]]


def make_keypoints(
    samples: Samples, network: Network, out: Path, options: InputOptions, progress: Progress
) -> WrittenPrior:
    """Write `keypoints.json` (AlphaPose's list) into the folder `out`.

    Raises InputError where there are keypoints already, for a network that gives none, and where another process is
    making them.
    """
    with locked(out / KEYPOINTS):
        require_none(out, "keypoints")
        names = [str(path) for path in samples.path]
        with KeypointsWriter(out, f"{network.fingerprint} {options.fit}") as writer:
            waiting = np.array([row for row, name in enumerate(names) if name not in writer.done], np.int64)
            for batch in inputs(samples, waiting, network.size, options):
                for row, reason in batch.broken:
                    writer.add_broken(names[row], reason)
                if batch.rows:
                    points, _ = joints_of(network.outputs(batch.images), network.size)
                    for row, body, geometry in zip(batch.rows, points, batch.geometries, strict=True):
                        if body[:, 2].any():
                            writer.add(names[row], points_to_picture(body, geometry))
                        else:
                            writer.add_none(names[row])
                writer.flush()
                progress(len(writer.done), len(names))
            return WrittenPrior(writer.finish(names), len(names), writer.without, writer.broken)


def make_parsing(
    samples: Samples, network: Network, out: Path, options: InputOptions, progress: Progress, *, labels: LabelSet
) -> WrittenPrior:
    """Write `parsing/<path>.png` of every picture into the folder `out`; labels: the set that the network has.

    Raises InputError where there is parsing already, for a network that gives none of that set, and where another
    process is making it.
    """
    with locked(out / "parsing"):
        require_none(out, "parsing")
        key = f"{network.fingerprint} {options.fit} {labels.name}"
        writer = LabelMapWriter(out / "parsing", key, [str(path) for path in samples.path])

        def add(row: int, found: NDArray[Any], geometry: Geometry) -> None:
            writer.add(row, labels_to_picture(found, geometry), labels)

        return _write_maps(samples, network, writer, options, progress, (lambda out: parsing_output(out, labels), add))


def make_masks(
    samples: Samples, network: Network, out: Path, options: InputOptions, progress: Progress
) -> WrittenPrior:
    """Write `masks/<path>.png` of every picture in which BlazePose sees a person: 255 on the person, else 0.

    Raises InputError where there are masks already, for another network, and where another process is making them.
    """
    with locked(out / "masks"):
        require_none(out, "mask")
        key = f"{network.fingerprint} {options.fit} mask"
        writer = LabelMapWriter(out / "masks", key, [str(path) for path in samples.path])

        def found_in(outputs: Sequence[NDArray[Any]]) -> list[NDArray[Any] | None]:
            seen = zip(mask_logits(outputs), present(outputs), strict=True)
            return [logits if there else None for logits, there in seen]

        def add(row: int, found: NDArray[Any], geometry: Geometry) -> None:
            # The person is where the logit is above that of the background, which is 0.
            person: Labels = labels_to_picture(np.stack([np.zeros_like(found), found]), geometry)
            writer.add(row, person * np.uint8(255), None)

        return _write_maps(samples, network, writer, options, progress, (found_in, add))


def _write_maps(
    samples: Samples,
    network: Network,
    writer: LabelMapWriter,
    options: InputOptions,
    progress: Progress,
    maps: tuple[FoundIn, Add],
) -> WrittenPrior:
    """Write the maps of all pictures that have none yet. maps: what finds them in outputs, and what writes one."""
    found_in, add = maps
    waiting = np.array([row for row in range(len(samples)) if not writer.has(row)], np.int64)
    done, broken, empty = len(samples) - len(waiting), [], 0
    for batch in inputs(samples, waiting, network.size, options):
        broken += [(str(samples.path[row]), reason) for row, reason in batch.broken]
        if batch.rows:
            found = found_in(network.outputs(batch.images))
            for row, one, geometry in zip(batch.rows, found, batch.geometries, strict=True):
                if one is None:
                    empty += 1
                else:
                    add(row, one, geometry)
        done += len(batch.rows) + len(batch.broken)
        progress(done, len(samples))
    return WrittenPrior(writer.finish(), len(samples), len(broken) + empty, tuple(broken))


def inputs(samples: Samples, rows: NDArray[np.int64], size: Size, options: InputOptions) -> Iterator[Inputs]:
    """Yield batches of pictures fitted to a network's input, in order, read ahead by threads."""

    def make(block: NDArray[np.int64]) -> Inputs:
        images = np.zeros((len(block), *size, 3), np.uint8)
        batch = Inputs(images, [], [], [])
        for row in block.tolist():
            try:
                picture = picture_of(samples, row)
            except BrokenPicture as error:
                batch.broken.append((row, error.reason))
                continue
            geometry = fit_to_input(picture.shape[:2], size, options.fit)
            images[len(batch.rows)] = fitted_picture(picture, geometry, options.fit)
            batch.rows.append(row)
            batch.geometries.append(geometry)
        stacked = np.ascontiguousarray(images[: len(batch.rows)].transpose(0, 3, 1, 2))
        return Inputs(stacked, batch.rows, batch.geometries, batch.broken)

    blocks = [rows[start : start + options.batch] for start in range(0, len(rows), options.batch)]
    return iter(Loader(make, blocks, options.workers))
