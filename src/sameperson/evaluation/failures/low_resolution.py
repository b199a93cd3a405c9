"""Low resolution: how many rows of detail a picture holds, whatever its number of pixels. numpy and OpenCV."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)


def detail_rows(picture: NDArray[np.uint8]) -> float:
    """Estimate how many rows a picture needs to hold its detail: at most its height, fewer if enlarged or blurred.

    picture: (H, W, 3) uint8. For one wave of f cycles a pixel, the Laplacian is 2 pi f times as large as the gradient,
    so the ratio of their root mean squares gives a mean frequency, which does not depend on contrast. Detail of
    f cycles a pixel needs 2 f H rows. A flat picture has 0.
    """
    grey = picture.astype(np.float32) @ LUMA
    down, across = np.gradient(grey)
    slope = float(np.sqrt(np.mean(down**2 + across**2)))
    if slope == 0:
        return 0.0
    curvature = float(np.sqrt(np.mean(cv2.Laplacian(grey, cv2.CV_32F, borderType=cv2.BORDER_REPLICATE) ** 2)))
    return min(len(grey) * curvature / (np.pi * slope), float(len(grey)))
