"""A contact sheet: a person a row, a camera a column, each where they first walk past it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from sameperson.checks import InputError, atomic
from sameperson.world.crop import render_shots
from sameperson.world.dataset import all_cameras
from sameperson.world.plan import WorldPlan
from sameperson.world.walk import walk_past

FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG"}


def write_preview(out: str | Path, plan: WorldPlan) -> None:
    """Draw the first shot of each person in each camera, in the first outfit, into one picture.

    Raises InputError for a file name that is no picture's and where nothing can be written.
    """
    out = Path(out)
    if out.suffix.lower() not in FORMATS:
        raise InputError(f"{out}: not a picture's name", "a name that ends in .png or .jpg", "change OUT")
    cameras = all_cameras(plan)
    rows = []
    for pid in range(1, plan.people + 1):
        shots = [walk.shots[0] for walk in walk_past(plan, pid, cameras) if walk.outfit == 0]
        rows.append(np.concatenate([crop.image for crop in render_shots(shots, plan.size)], axis=1))
    with atomic(out) as temporary:
        Image.fromarray(np.concatenate(rows, axis=0)).save(temporary, format=FORMATS[out.suffix.lower()], quality=92)
