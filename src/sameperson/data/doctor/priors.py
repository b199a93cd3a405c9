"""Checks of priors: how many pictures have each one, and whether it fits the picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from sameperson.checks import InputError, existing_file
from sameperson.config import Data
from sameperson.data.doctor.all_splits import AllSplits
from sameperson.data.doctor.finding import Finding, counted, finding
from sameperson.data.doctor.image_stats import ImageStats
from sameperson.priors.keypoints import Keypoints
from sameperson.priors.load import PRIORS
from sameperson.priors.maps import Files, Maps
from sameperson.types import Rows, Samples

LOOKED_AT = 500
"""Maps of a split whose shape is compared with their picture's."""
STRETCH = 0.05
"""Relative difference that is allowed between height over width of a map and of its picture."""
OUTSIDE = 0.5
"""Share of a body's visible points outside the picture above which they are taken to be of another picture."""
SEEN = 0.05
"""Confidence above which a keypoint counts as visible."""


@dataclass(frozen=True)
class Coverage:
    """How many pictures of a split have a prior."""

    prior: str
    split: str
    there: int
    pictures: int


def priors_of(
    splits: AllSplits, stats: ImageStats | None, promised: Sequence[str]
) -> tuple[list[Coverage], list[Finding]]:
    """Check the priors that lie beside the pictures; promised: priors that the layout's release brings."""
    coverage, found = [], []
    for name, samples in zip(splits.names, splits.samples, strict=True):
        for prior, place in samples.priors.items():
            if prior not in PRIORS or not len(samples):
                continue
            try:
                loaded = PRIORS[prior].load(place, samples, Data())
            except InputError as error:
                found.append(finding(f"prior-{prior}", "error", error.found, then=error.then))
                continue
            rows = np.flatnonzero(splits.inside(name))
            there = loaded.valid
            if stats is not None and isinstance(loaded, Keypoints):
                found += _keypoints_outside(splits, rows, stats, loaded, name)
            if stats is not None and isinstance(loaded, Maps):
                found += _misshapen_maps(splits, rows, stats, loaded.files, prior)
            coverage.append(Coverage(prior, name, int(there.sum()), len(samples)))
            found += _missing(samples, there, prior, name, place)
    have = {prior for part in splits.samples for prior in part.priors}
    found += _of_some_splits(splits, sorted(have))
    lacking = [prior for prior in promised if prior not in have]
    if lacking:
        says = f"No {', no '.join(lacking)} beside the pictures; some methods need them"
        found.append(
            finding("no-priors", "note", says, then="fetch them, or make them (sameperson priors make --help)")
        )
    return coverage, found


def _of_some_splits(splits: AllSplits, priors: Sequence[str]) -> Iterator[Finding]:
    """Report priors that one split has and another lacks, on purpose or because a file was left behind."""
    for prior in priors:
        without = [
            (name, samples)
            for name, samples in zip(splits.names, splits.samples, strict=True)
            if len(samples) and prior not in samples.priors
        ]
        for name, samples in without:
            first = Path(str(samples.path[0])).parent
            says = f"{prior} of all {counted(len(samples), 'picture')} in {name} missing, though other splits have it"
            yield finding(f"missing-{prior}", "note", says, [f"{first} in {samples.root}"], then="fetch or make them")


def _missing(samples: Samples, there: NDArray[np.bool_], prior: str, split: str, place: Path) -> Iterator[Finding]:
    lost = np.flatnonzero(~there)
    if len(lost):
        share = 100 * len(lost) / len(there)
        says = (
            f"{prior} of {len(lost)} of {counted(len(there), 'picture')} in {split} missing ({share:.1f} %) in {place}"
        )
        where = [str(samples.path[row]) for row in lost]
        then = "check how they are named if you have them; a method goes on without, but learns less from these"
        yield finding(f"missing-{prior}", "warning" if len(lost) == len(there) else "note", says, where, then=then)


def _keypoints_outside(
    splits: AllSplits, rows: Rows, stats: ImageStats, points: Keypoints, split: str
) -> Iterator[Finding]:
    picture = splits.picture[rows]
    size = np.stack([stats.width[picture], stats.height[picture]], axis=1)[:, None]
    seen = (points.values[..., 2] > SEEN) & points.valid[:, None] & (size[..., 0] > 0)
    margin = 0.1 * size
    beyond = ((points.values[..., :2] < -margin) | (points.values[..., :2] > size + margin)).any(axis=2) & seen
    wrong = np.flatnonzero(beyond.sum(axis=1) > OUTSIDE * np.maximum(seen.sum(axis=1), 1))
    if len(wrong):
        says = (
            f"Keypoints of {counted(len(wrong), 'picture')} in {split} lie outside: of the whole frame, or another size"
        )
        where = [str(splits.path[row]) for row in rows[wrong]]
        yield finding("keypoints-outside", "error", says, where, then="make them on the crops as they are")


def _misshapen_maps(splits: AllSplits, rows: Rows, stats: ImageStats, files: Files, prior: str) -> Iterator[Finding]:
    there = np.flatnonzero(files.valid & stats.readable[splits.picture[rows]])
    wrong, broken = [], []
    for place in there[:: -(-len(there) // LOOKED_AT) or 1].tolist():
        file = files[place]
        if file is None:
            continue
        try:
            with Image.open(existing_file(file)) as image:
                width, height = image.size
        except (OSError, UnidentifiedImageError, SyntaxError, ValueError):
            broken.append(str(file))
            continue
        picture = splits.picture[rows[place]]
        shape = stats.height[picture] / stats.width[picture]
        if abs(height / width / shape - 1) > STRETCH:
            wrong.append(f"{file} ({width} x {height} for {stats.width[picture]} x {stats.height[picture]})")
    if broken:
        says = f"{counted(len(broken), f'{prior} map')} cannot be read"
        yield finding(f"broken-{prior}", "error", says, broken, then="make them anew")
    if wrong:
        says = f"{counted(len(wrong), f'{prior} map')} of another shape than the picture"
        yield finding(f"stretched-{prior}", "warning", says, wrong, then="make them on the crops as they are")
