"""Parsing maps and keypoints drawn over a picture, for a page."""

from __future__ import annotations

import base64
import io

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sameperson.evaluation.failures.picture_priors import SeenPicture
from sameperson.priors.label_sets import FOREGROUND
from sameperson.priors.skeletons import COCO
from sameperson.report.overlays import painted

TALLEST = 160
"""Pixels, as other pictures of a page."""
SURE, GUESSED, UNDER = (255, 221, 51), (255, 128, 0), (20, 20, 20)
"""Colours of limbs whose joints are both sure, of others, and of the dark line under both."""
CONFIDENT = 0.6
"""Confidence from which a joint is drawn as seen."""


def drawn(seen: SeenPicture) -> str:
    """Draw the parsing, or else the mask, and the keypoints over a picture: a JPEG's `data:` address.

    Empty where the picture has none of them.
    """
    if seen.labels is None and seen.mask is None and seen.joints is None:
        return ""
    height, width = seen.picture.shape[:2]
    scale = min(TALLEST / height, 4 * TALLEST / width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    canvas = np.asarray(Image.fromarray(seen.picture).resize(size, Image.Resampling.LANCZOS))
    if seen.labels is not None and seen.of is not None:
        canvas = painted(canvas, seen.labels, seen.of, share=0.45)
    elif seen.mask is not None:
        canvas = painted(canvas, seen.mask.astype(np.uint8), FOREGROUND, share=0.45)
    if seen.joints is not None:
        canvas = with_skeleton(canvas, seen.joints * np.array([scale, scale, 1], np.float32))
    buffer = io.BytesIO()
    Image.fromarray(canvas).save(buffer, "JPEG", quality=88, optimize=True)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")


def with_skeleton(picture: NDArray[np.uint8], joints: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Draw limbs and joints (17, 3), in the picture's pixels, over a copy; joints of confidence 0 are left out."""
    canvas = np.array(picture, order="C")
    places = [tuple(round(float(value)) for value in joint[:2]) for joint in joints]
    for colour, thick in ((UNDER, 3), (None, 1)):
        for one, other in COCO.limbs:
            lower = float(min(joints[one, 2], joints[other, 2]))
            if lower > 0:
                of = colour or (SURE if lower >= CONFIDENT else GUESSED)
                cv2.line(canvas, places[one], places[other], of, thick, cv2.LINE_AA)
    for place, joint in zip(places, joints, strict=True):
        if joint[2] > 0:
            cv2.circle(canvas, place, 2, SURE if joint[2] >= CONFIDENT else GUESSED, -1, cv2.LINE_AA)
    return canvas
