"""Makes priors of pictures, keypoints, parsing maps or masks, with a network.

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
from sameperson.priors.blazepose import mask_logits, present
from sameperson.priors.joints import joints_of
from sameperson.priors.label_sets import LabelSet
from sameperson.priors.letterbox import Fit, fit_to_input, fitted_picture, points_to_picture
from sameperson.priors.resumable_writer import KeypointsWriter, LabelMapWriter, WrittenPrior, require_none
from sameperson.priors.segments import labels_to_picture, parsing_output
from sameperson.types import Samples, Size

Progress = Callable[[int, int], None]


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

    Raises InputError where there are keypoints already, and for a network that gives none.
    """
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

    Raises InputError where there is parsing already, and for a network that gives none of that set.
    """
    require_none(out, "parsing")
    names = [str(path) for path in samples.path]
    writer = LabelMapWriter(out / "parsing", f"{network.fingerprint} {options.fit} {labels.name}", names)
    waiting = np.array([row for row in range(len(names)) if not writer.has(row)], np.int64)
    done, broken = len(names) - len(waiting), []
    for batch in inputs(samples, waiting, network.size, options):
        broken += [(names[row], reason) for row, reason in batch.broken]
        if batch.rows:
            found = parsing_output(network.outputs(batch.images), labels)
            for row, one, geometry in zip(batch.rows, found, batch.geometries, strict=True):
                writer.add(row, labels_to_picture(one, geometry), labels)
        done += len(batch.rows) + len(batch.broken)
        progress(done, len(names))
    return WrittenPrior(writer.finish(), len(names), len(broken), tuple(broken))


def make_masks(
    samples: Samples, network: Network, out: Path, options: InputOptions, progress: Progress
) -> WrittenPrior:
    """Write `masks/<path>.png` of every picture in which BlazePose sees a person: 255 on the person, else 0.

    Raises InputError where there are masks already, and for another network.
    """
    require_none(out, "mask")
    names = [str(path) for path in samples.path]
    writer = LabelMapWriter(out / "masks", f"{network.fingerprint} {options.fit} mask", names)
    waiting = np.array([row for row in range(len(names)) if not writer.has(row)], np.int64)
    done, broken, empty = len(names) - len(waiting), [], 0
    for batch in inputs(samples, waiting, network.size, options):
        broken += [(names[row], reason) for row, reason in batch.broken]
        if batch.rows:
            outputs = network.outputs(batch.images)
            found, seen = mask_logits(outputs), present(outputs)
            empty += int((~seen).sum())
            for row, one, there, geometry in zip(batch.rows, found, seen, batch.geometries, strict=True):
                if there:
                    # The person is where the logit is above that of the background, which is 0.
                    person = labels_to_picture(np.stack([np.zeros_like(one), one]), geometry)
                    writer.add(row, person * np.uint8(255), None)
        done += len(batch.rows) + len(batch.broken)
        progress(done, len(names))
    return WrittenPrior(writer.finish(), len(names), len(broken) + empty, tuple(broken))


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
