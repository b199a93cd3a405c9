"""Rescales normalised keypoints, which OpenPose and others write as shares of the picture's size, to its pixels.

numpy only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sameperson.checks import InputError
from sameperson.images.decode import BrokenPicture, picture_of
from sameperson.priors.keypoints import Keypoints, load_keypoints
from sameperson.priors.resumable_writer import WrittenPrior, all_broken, require_none, write_bodies
from sameperson.types import Samples

SEEN = 0.05
"""Confidence above which a keypoint counts as visible."""
NEAR = 1.05
"""Distance from the corner within which all joints of a body lie if they are scaled to 0..1 or -1..1."""
MOST = 0.5
"""Share of the bodies above which a scale is of how they were written, and not of one body."""


@dataclass(frozen=True)
class Normalised:
    """Which bodies are scaled to the unit, and whether by -1..1 rather than 0..1.

    rows: (N,) bool; bodies: how many of the pictures have one that can be judged.
    """

    rows: NDArray[np.bool_]
    bodies: int
    centred: bool

    @property
    def most(self) -> bool:
        """Whether enough of the bodies are, so that all of them were written so."""
        return bool(self.rows.sum() > MOST * self.bodies)

    @property
    def scale(self) -> str:
        """The range in words."""
        return "-1..1" if self.centred else "0..1"

    @property
    def option(self) -> int:
        """The number of OpenPose's option `--keypoint_scale` that writes this range."""
        return 4 if self.centred else 3


def normalised(points: NDArray[np.float32], valid: NDArray[np.bool_]) -> Normalised:
    """Find the bodies whose visible joints all lie within one pixel of the corner: points (N, J, 3), valid (N,)."""
    seen = (points[..., 2] > SEEN) & valid[:, None]
    several = seen.sum(axis=1) >= 2
    reach = np.where(seen[..., None], np.abs(points[..., :2]), 0).max(axis=(1, 2), initial=0)
    low = np.where(seen[..., None], points[..., :2], 0).min(axis=(1, 2), initial=0)
    rows = several & (reach <= NEAR)
    return Normalised(rows, int(several.sum()), bool((low[rows] < 0).any()))


def rescale_keypoints(
    samples: Samples, place: Path, out: Path, progress: Callable[[int, int], None]
) -> tuple[WrittenPrior, str]:
    """Write `keypoints.json` into `out`: the bodies at `place`, scaled from 0..1 or -1..1 to their pictures' pixels.

    Returns what was written, and the range that was found. Raises InputError where they are in pixels already.
    """
    require_none(out, "keypoints")
    found = load_keypoints(place, samples)
    if not found.valid.any():
        expected = f"names as theirs, such as {samples.path[0]}"
        raise InputError(f"{place}: keypoints of none of the pictures", expected, "check which pictures it was made of")
    range_found = normalised(found.values, found.valid)
    if not range_found.most:
        largest = float(np.abs(found.values[found.valid][..., :2]).max())
        in_pixels = f"{place}: joints up to {largest:.0f} from the corner, which are pixels already"
        raise InputError(in_pixels, "keypoints scaled to 0..1 or -1..1", "use them as they are")
    broken: list[tuple[str, str]] = []
    bodies: list[tuple[str, list[float]]] = []
    rows = np.flatnonzero(found.valid).tolist()
    for done, row in enumerate(rows, start=1):
        name = str(samples.path[row])
        try:
            height, width = picture_of(samples, row).shape[:2]
        except BrokenPicture as error:
            broken.append((name, error.reason))
        else:
            scaled = _in_pixels(found, row, width, height, range_found.centred)
            bodies.append((name, [round(float(value), 3) for value in scaled.ravel()]))
        progress(done, len(rows))
    if not bodies:
        raise all_broken(broken)
    target = out / "keypoints.json"
    write_bodies(target, iter(bodies))
    return WrittenPrior(target, len(samples), len(samples) - len(bodies), tuple(broken)), range_found.scale


def _in_pixels(found: Keypoints, row: int, width: int, height: int, centred: bool) -> NDArray[np.float32]:
    """Scale a body (J, 3) to its picture's pixels; joints without confidence stay at the corner."""
    points = found.values[row].copy()
    share = (points[:, :2] + 1) / 2 if centred else points[:, :2]
    points[:, :2] = np.where(points[:, 2:] > 0, share * (width, height), 0)
    return points
