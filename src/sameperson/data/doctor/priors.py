"""Checks of priors: how many pictures have each one, and whether it fits the picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sameperson.checks import InputError
from sameperson.config import Data
from sameperson.data.doctor.all_splits import AllSplits
from sameperson.data.doctor.finding import Finding, counted, finding
from sameperson.data.doctor.image_stats import ImageStats
from sameperson.data.doctor.prior_keypoints import keypoint_findings
from sameperson.data.doctor.prior_maps import LOOKED_AT, map_findings
from sameperson.images.decode import BrokenPicture, read_picture
from sameperson.priors.faces import Faces
from sameperson.priors.keypoints import Keypoints
from sameperson.priors.label_sets import known_set
from sameperson.priors.load import PRIORS
from sameperson.priors.maps import Files, Maps
from sameperson.types import Rows, Samples


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
    coverage, found, data = [], [], Data()
    for name, samples in zip(splits.names, splits.samples, strict=True):
        for prior, place in samples.priors.items():
            if prior not in PRIORS or not len(samples):
                continue
            try:
                loaded = PRIORS[prior].load(place, samples, data)
            except InputError as error:
                found.append(finding(f"prior-{prior}", "error", error.found, then=error.then))
                continue
            there = loaded.valid
            coverage.append(Coverage(prior, name, int(there.sum()), len(samples)))
            found += _missing(samples, there, prior, name, place)
            if splits.unsplit and name != "train":  # the same pictures once more
                continue
            rows = np.flatnonzero(splits.inside(name))
            if stats is not None and isinstance(loaded, Keypoints):
                found += keypoint_findings(splits, rows, stats, loaded, name)
            if isinstance(loaded, Maps):
                labels = known_set(data.parsing.labels) if prior == "parsing" else None
                found += map_findings(splits, rows, stats, loaded.files, prior, labels)
            if stats is not None and isinstance(loaded, Faces):
                found += _large_faces(splits, rows, stats, loaded.files, prior)
    have = {prior for part in splits.samples for prior in part.priors}
    found += _of_some_splits(splits, sorted(have))
    lacking = [prior for prior in promised if prior not in have]
    if lacking:
        says = f"No {', no '.join(lacking)} beside the pictures; some methods need them"
        found.append(finding("no-priors", "note", says, then="fetch them, or make them: sameperson priors make --help"))
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


def _large_faces(splits: AllSplits, rows: Rows, stats: ImageStats, files: Files, prior: str) -> Iterator[Finding]:
    """Report faces that cannot be read, and faces that are larger than the pictures that they were cut from."""
    there = np.flatnonzero(files.valid & stats.readable[splits.picture[rows]])
    broken, large = [], []
    for place in there[:: -(-len(there) // LOOKED_AT) or 1].tolist():
        file = files[place]
        if file is None:
            continue
        try:
            height, width = read_picture(file).shape[:2]
        except BrokenPicture as error:
            broken.append(f"{file} ({error.reason})")
            continue
        picture = splits.picture[rows[place]]
        if height > stats.height[picture] or width > stats.width[picture]:
            large.append(f"{file} ({width} x {height} in {stats.width[picture]} x {stats.height[picture]})")
    if broken:
        says = f"{counted(len(broken), f'{prior} crop')} cannot be read"
        yield finding(f"broken-{prior}", "error", says, broken, then="make them anew, or remove them")
    if large and prior == "face":  # a restored face may have any size
        says = f"{counted(len(large), f'{prior} crop')} larger than the picture, so that the face lies outside it"
        then = "cut faces from the crops as they are; enlarged ones belong into hr_face/"
        yield finding(f"outside-{prior}", "warning", says, large, then=then)
