"""Degradations of cameras: low resolution, low light, or blur, each by a degree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from sameperson.checks import InputError, choose
from sameperson.world.places.camera import LUMA, Camera

LOWEST_RESOLUTION = 0.12
"""The resolution at degree 1: some 30 rows of a crop 256 high."""
DARKENING_STOPS = 2.2
"""How many times the light is halved at degree 1."""
NIGHT_WHITE = np.array([1.12, 1.0, 0.72])
"""The colour of white under lamps at night."""
SMEAR, DEFOCUS = 100.0, 16.0
"""Motion blur and defocus at degree 1, thousandths of the picture's height."""


def lowres(camera: Camera, degree: float) -> Camera:
    """Lower the resolution, as of people far away, with a more compressed stream."""
    quality = camera.stream_quality or 90
    return replace(
        camera,
        resolution=camera.resolution ** (1 - degree) * LOWEST_RESOLUTION**degree,
        stream_quality=round(quality + degree * (60 - quality)),
    )


def lowlight(camera: Camera, degree: float) -> Camera:
    """Lower the light, as at night: amplified by gain, so noisy, pale and with the colour cast of lamps."""
    pale = np.eye(3) * (1 - 0.6 * degree) + 0.6 * degree * LUMA
    return replace(
        camera,
        exposure=camera.exposure * 2 ** (-DARKENING_STOPS * degree),
        colour=np.diag(NIGHT_WHITE**degree) @ pale @ camera.colour,
        photon_noise=camera.photon_noise + 0.09 * degree,
        noise=camera.noise + 0.02 * degree,
        contrast=camera.contrast + (0.95 - camera.contrast) * degree,
        veil=camera.veil + 0.015 * degree,
        blur=camera.blur + 2.0 * degree,
    )


def blur(camera: Camera, degree: float) -> Camera:
    """Blur by a long exposure out of focus; each camera has its own direction, mostly sideways."""
    slant = 0.5 * np.sin(7.0 * np.arctan2(camera.R[2, 1], camera.R[2, 0]))
    across, down = camera.motion
    motion = (across + degree * SMEAR * np.cos(slant), down + degree * SMEAR * np.sin(slant))
    return replace(camera, motion=(float(motion[0]), float(motion[1])), blur=camera.blur + DEFOCUS * degree)


DEGRADATIONS: dict[str, Callable[[Camera, float], Camera]] = {"lowres": lowres, "lowlight": lowlight, "blur": blur}


def degrade(camera: Camera, degradation: str, degree: float) -> Camera:
    """Degrade a camera by `degree` in [0, 1]; degradation: a name in `DEGRADATIONS`.

    Degree 0 changes nothing. Raises InputError for another name or degree.
    """
    if not 0 <= degree <= 1:
        raise InputError(f"degree {degree}", "a number from 0 to 1", "change it")
    worsen = choose("degradation", degradation, DEGRADATIONS)
    return worsen(camera, degree) if degree > 0 else camera
