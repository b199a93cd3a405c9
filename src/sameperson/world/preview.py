"""A preview of a plan: a contact sheet with a row for each person and a column for each moment."""

from __future__ import annotations

from itertools import zip_longest
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sameperson.checks import InputError, atomic
from sameperson.world.pictures.conditions import split_folder, tracklets_of
from sameperson.world.pictures.crop import Crop, render_shots
from sameperson.world.plan import QUERY, WorldPlan
from sameperson.world.render.labels import PALETTE

FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG"}
FADED = 0.35
"""The weight of the picture under its labels."""
LIMBS = ((5, 7), (7, 9), (6, 8), (8, 10), (5, 6), (11, 12), (5, 11), (6, 12), (11, 13), (13, 15), (12, 14), (14, 16))
"""Pairs of keypoints that the drawn skeleton joins."""


def write_preview(out: str | Path, plan: WorldPlan, columns: int, labelled: bool = False) -> None:
    """Draw the plan's people, `columns` moments each, into one picture; labelled: with parsing and keypoints over it.

    The moments are as different as there are: cameras and outfits first. Raises InputError for a file name that is no
    picture's and where nothing can be written.
    """
    out = Path(out)
    if out.suffix.lower() not in FORMATS:
        raise InputError(f"{out}: not a picture's name", "a name that ends in .png or .jpg", "change OUT")
    rows = [sheet_row(plan, pid, columns, labelled) for pid in range(1, plan.people + 1)]
    with atomic(out) as temporary:
        Image.fromarray(np.concatenate(rows, axis=0)).save(temporary, format=FORMATS[out.suffix.lower()], quality=92)


def sheet_row(plan: WorldPlan, pid: int, columns: int, labelled: bool) -> NDArray[np.uint8]:
    """Draw one person's pictures side by side, queries first."""
    tracklets = list(tracklets_of(plan, pid))
    moments = [(tracklet, k) for k in range(plan.shots) for tracklet in tracklets if k < len(tracklet.shots)]
    moments.sort(key=lambda moment: split_folder(plan, pid, *moment) != QUERY)
    by_outfit = [[m for m in moments if m[0].outfit == outfit] for outfit in range(plan.outfits)]
    alternating = [m for several in zip_longest(*by_outfit) for m in several if m is not None]
    shots = [tracklet.shots[k] for tracklet, k in alternating[:columns]]
    crops = render_shots(shots, plan.size)
    return np.concatenate([overlay(crop) if labelled else crop.image for crop in crops], axis=1)


def overlay(crop: Crop) -> NDArray[np.uint8]:
    """Overlay a picture with its parsing and its keypoints."""

    faded = FADED * crop.image + (1 - FADED) * PALETTE[crop.parsing]
    picture = np.ascontiguousarray(np.where((crop.parsing > 0)[..., None], faded, crop.image).astype(np.uint8))
    points = [(round(float(x)), round(float(y))) for x, y, _ in crop.keypoints]
    for one, other in LIMBS:
        if min(crop.keypoints[[one, other], 2]) > 1:
            cv2.line(picture, points[one], points[other], (255, 255, 255), 1, cv2.LINE_AA)
    for point, (_, _, seen) in zip(points, crop.keypoints, strict=True):
        if seen > 0:
            cv2.circle(picture, point, 2, (40, 255, 40) if seen > 1 else (255, 60, 60), -1, cv2.LINE_AA)
    return picture
