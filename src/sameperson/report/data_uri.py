"""Pictures as text inside the page, so that the page is one file and needs nothing else."""

from __future__ import annotations

import base64
import io
from pathlib import Path

from PIL import Image

from sameperson.checks import A_FILE, kind_of
from sameperson.images.decode import BrokenPicture, read_picture

TALLEST = 160
"""Pixels. A person is shown at most 176 high; sharper pictures are not worth the megabytes."""


def inline(path: Path, tallest: int = TALLEST) -> str | None:
    """The picture as a `data:` address (JPEG, at most `tallest` pixels high); None if it is gone or broken.

    It is always encoded anew, so that nothing hidden in the file, such as where it was taken, enters the page.
    """
    if kind_of(path) != A_FILE:
        return None
    try:
        upright = Image.fromarray(read_picture(path))
    except BrokenPicture:
        return None
    upright.thumbnail((4 * tallest, tallest), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    upright.save(buffer, "JPEG", quality=88, optimize=True)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
