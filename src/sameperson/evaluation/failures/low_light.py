"""Low light: how bright a picture gets. numpy and OpenCV."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

SMOOTHED = 5
"""Pixels a side over which a picture is averaged, so that single bright pixels of noise do not count."""
BRIGHTEST = 99
"""The percentile that is the brightness of a picture."""


def white_level(picture: NDArray[np.uint8]) -> float:
    """Measure how near to white the brightest spots of a picture come, in [0, 1].

    picture: (H, W, 3) uint8. A spot is as bright as its darkest channel, since lamps at night colour what is white.
    Dark clothes or a dark wall lower the mean brightness of a picture, but seldom that of its brightest spots.
    """
    smooth = cv2.blur(picture, (SMOOTHED, SMOOTHED))
    return float(np.percentile(smooth.min(axis=2), BRIGHTEST) / 255)
