"""Checks of keypoints: whether they are in pixels, spread over their picture, and differ between pictures."""

from __future__ import annotations

from collections.abc import Iterator
from shlex import quote

import numpy as np

from sameperson.data.doctor.all_splits import AllSplits
from sameperson.data.doctor.finding import Finding, counted, finding
from sameperson.data.doctor.image_stats import ImageStats
from sameperson.priors.keypoints import Keypoints
from sameperson.priors.rescale import MOST, SEEN, normalised
from sameperson.types import Rows

OUTSIDE = 0.5
"""Share of a body's visible points outside the picture above which they are taken to be of another picture."""
SMALLEST = 8
"""Pixels of height from which a picture is too large for a body within one pixel."""
ENOUGH = 4
"""Visible points of a body from which their spread says something."""
CLUMPED = 0.15
"""Share of the picture's larger side that a body's points reach across at least, if they are of this picture."""
SAME = 5
"""Bodies from which it is no chance that all of them are equal."""


def keypoint_findings(
    splits: AllSplits, rows: Rows, stats: ImageStats, points: Keypoints, split: str
) -> Iterator[Finding]:
    """Report keypoints that are scaled to 0..1, outside their pictures, in a clump, or the same for all pictures.

    rows: of the split, in the order of `points`.
    """
    picture = splits.picture[rows]
    size = np.stack([stats.width[picture], stats.height[picture]], axis=1)[:, None]
    seen = (points.values[..., 2] > SEEN) & points.valid[:, None] & (size[..., 0] > 0)
    xy = points.values[..., :2]
    several = seen.sum(axis=1) >= 2
    bodies = int(several.sum())
    if not bodies:
        return

    def named(which: Rows) -> list[str]:
        return [str(splits.path[row]) for row in rows[which]]

    low = np.where(seen[..., None], xy, np.inf).min(axis=1)
    high = np.where(seen[..., None], xy, -np.inf).max(axis=1)
    larger = size[:, 0].max(axis=1)
    unit = normalised(points.values, points.valid & (larger >= SMALLEST))
    if unit.most:
        says = (
            f"Every joint of the keypoints of {counted(int(unit.rows.sum()), 'picture')} of {bodies} in {split} lies "
            "within one pixel of the corner: they look scaled to "
            f"{unit.scale} (OpenPose's keypoint_scale {unit.option})"
        )
        then = f"scale them to pixels: sameperson priors rescale {quote(str(splits.samples[0].root))} --out rescaled"
        yield finding("keypoints-scaled", "error", says, named(np.flatnonzero(unit.rows)), then=then)
        return
    margin = 0.1 * size
    beyond = ((xy < -margin) | (xy > size + margin)).any(axis=2) & seen
    wrong = np.flatnonzero(beyond.sum(axis=1) > OUTSIDE * np.maximum(seen.sum(axis=1), 1))
    if len(wrong):
        says = (
            f"Keypoints of {counted(len(wrong), 'picture')} in {split} lie outside: of the whole frame, or another size"
        )
        yield finding("keypoints-outside", "error", says, named(wrong), then="make them on the crops as they are")
    judged = (seen.sum(axis=1) >= ENOUGH) & (larger > 0)
    reach = np.where(judged, np.where(judged[:, None], high - low, 0).max(axis=1) / np.maximum(larger, 1), 1.0)
    clumped = judged & (reach < CLUMPED)
    if clumped.sum() > MOST * max(int(judged.sum()), 1):
        says = (
            f"Keypoints of {counted(int(clumped.sum()), 'picture')} in {split} reach across less than "
            f"{100 * CLUMPED:.0f} % of their picture: of a smaller picture, or of a person far away"
        )
        then = "look at some and make them on the crops as they are"
        yield finding("keypoints-clumped", "warning", says, named(np.flatnonzero(clumped)), then=then)
    mine = np.flatnonzero(several)
    if len(np.unique(picture[mine])) >= SAME and (points.values[mine] == points.values[mine[0]]).all():
        says = f"Keypoints of all {bodies} pictures in {split} are the same body"
        yield finding("keypoints-same", "warning", says, named(mine), then="make them anew: the network saw no picture")
