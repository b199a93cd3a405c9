"""A camera of the built-in world: where it looks, what it is lit by, and what it does to colours.

Coordinates: metres, Z up in the world; in the camera X right, Y down, Z forward; pixels from the top left corner, the
middle of the first pixel at (0.5, 0.5). Numpy only.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sameperson.world.room import Room, sample_room

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Camera:
    """One camera in its room.

    R: (3, 3) and T: (3,) world to camera; f: focal length in pixels; size: (width, height) of the full frame.
    light: unit vector towards the lamp; ambient, diffuse: how strong light from everywhere and from the lamp is.
    colour: (3, 3) what it makes of linear RGB; exposure: a factor; gamma: contrast, 1 is neutral.
    noise: standard deviation in [0, 1] units; blur: standard deviation in thousandths of the picture's height;
    resolution: how many of a crop's pixels it truly resolves, in (0, 1]; jpeg_quality: 1 to 100.
    """

    R: Array
    T: Array
    f: float
    size: tuple[int, int]
    room: Room
    light: tuple[float, float, float]
    ambient: float
    diffuse: float
    colour: Array
    exposure: float
    gamma: float
    noise: float
    blur: float
    resolution: float
    jpeg_quality: int

    @property
    def eye(self) -> Array:
        """Where it hangs, (3,)."""
        return -self.R.T @ self.T


def look_at(eye: Array, target: Array) -> tuple[Array, Array]:
    """World to camera (R, T) of an upright camera at `eye` that looks at `target`."""
    forward = (target - eye) / np.linalg.norm(target - eye)
    right = np.cross(forward, [0.0, 0.0, 1.0])
    right /= np.linalg.norm(right)
    rotation = np.stack([right, np.cross(forward, right), forward])
    return rotation, -rotation @ eye


def project(camera: Camera, points: Array) -> Array:
    """World points (..., 3) -> pixels of the full frame and depth in metres (..., 3)."""
    seen = points @ camera.R.T + camera.T
    pixels = camera.f * seen[..., :2] / seen[..., 2:] + np.array(camera.size) / 2
    return np.concatenate([pixels, seen[..., 2:]], -1)


def crop_intrinsics(camera: Camera, box: Array, size: tuple[int, int]) -> Array:
    """(fx, fy, cx, cy) that render the box (x0, y0, x1, y1) of the full frame straight at size (height, width).

    Stretched where the box has another aspect ratio, as re-ID crops are.
    """
    x0, y0, x1, y1 = box
    across, down = size[1] / (x1 - x0), size[0] / (y1 - y0)
    middle = np.array(camera.size) / 2
    return np.array([camera.f * across, camera.f * down, (middle[0] - x0) * across, (middle[1] - y0) * down])


def sample_camera(rng: np.random.Generator) -> Camera:
    """A camera high on a wall of a room of its own, looking across it."""
    room = sample_room(rng)
    across, along = rng.uniform(-0.7, 0.7) * np.array([room.half_x, room.half_y])
    walls = [(across, -0.96 * room.half_y), (across, 0.96 * room.half_y), (-0.96 * room.half_x, along)]
    x, y = [*walls, (0.96 * room.half_x, along)][rng.integers(4)]
    target = np.array([rng.uniform(-2, 2), rng.uniform(-1.5, 1.5), rng.uniform(0.6, 1.1)])
    rotation, shift = look_at(np.array([x, y, rng.uniform(1.9, 4.0)]), target)
    azimuth = rng.uniform(0, 2 * np.pi)
    light = np.array([0.6 * np.cos(azimuth), 0.6 * np.sin(azimuth), 0.8])
    return Camera(
        R=rotation,
        T=shift,
        f=float(rng.uniform(700, 1000)),
        size=(960, 720),
        room=room,
        light=(float(light[0]), float(light[1]), float(light[2])),
        ambient=float(rng.uniform(0.4, 0.8)),
        diffuse=float(rng.uniform(0.2, 0.75)),
        colour=sample_colour(rng),
        exposure=float(rng.uniform(0.8, 1.15)),
        gamma=float(rng.uniform(0.75, 1.25)),
        noise=float(rng.uniform(0.004, 0.02)),
        blur=float(rng.uniform(0.0, 5.0)),
        resolution=float(rng.uniform(0.55, 1.0)),
        jpeg_quality=int(rng.integers(60, 96)),
    )


def sample_colour(rng: np.random.Generator) -> Array:
    """A colour matrix (3, 3): gains of the channels (white balance) after a change of saturation."""
    grey = rng.uniform(-0.25, 0.3)
    saturation = np.eye(3) * (1 - grey) + grey / 3
    return np.diag(np.exp(rng.normal(0, 0.055, 3))) @ saturation


def develop(linear: NDArray[np.float32], camera: Camera, rng: np.random.Generator) -> NDArray[np.uint8]:
    """What the camera records of linear RGB (H, W, 3): colour, exposure, tone, blur, resolution, noise -> uint8 RGB."""
    picture = np.clip(linear @ (camera.exposure * camera.colour.T).astype(np.float32), 0, 1)
    picture **= np.float32(camera.gamma / 1.7)
    height, width = picture.shape[:2]
    blur = camera.blur * height / 1000
    if blur > 0.2:  # below this a blur changes nothing
        picture = cv2.GaussianBlur(picture, (0, 0), blur)
    resolved = min(1.0, camera.resolution * rng.uniform(0.8, 1.15))
    if resolved < 1:
        small = (max(4, round(width * resolved)), max(8, round(height * resolved)))
        picture = cv2.resize(picture, small, interpolation=cv2.INTER_AREA)
        picture = cv2.resize(picture, (width, height), interpolation=cv2.INTER_LINEAR)
    picture = picture + camera.noise * rng.standard_normal(picture.shape, dtype=np.float32)
    return (np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8)
