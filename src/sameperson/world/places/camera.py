"""Cameras of the built-in world: pose, intrinsics, the light of their place, and their image defects.

Coordinates: metres, Z up in the world; in the camera X right, Y down, Z forward; pixels from the top left corner, the
middle of the first pixel at (0.5, 0.5). Numpy only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sameperson.world.places.place import Room, Wall, in_sun, sample_room

Array = NDArray[np.float64]


LUMA = np.array([0.2126, 0.7152, 0.0722])
"""The luma weights of red, green and blue (ITU-R BT.709)."""
REFERENCE_ROWS = 256
"""Rows of the crop to which `Camera.resolution` refers."""
MIDDLE_GREY = 0.45
"""The recorded value that a change of contrast keeps."""


@dataclass(frozen=True, eq=False)
class Camera:
    """A camera in its place.

    R: (3, 3) and T: (3,) world to camera; f: focal length in pixels; size: (width, height) of the full frame.
    light: unit vector towards the lamp or the sun; ambient, diffuse: strengths of light from all around and from it.
    colour: (3, 3) colour matrix for linear RGB; exposure: a factor; gamma: tone, 1 is neutral.
    noise: standard deviation in [0, 1] units; blur: standard deviation in thousandths of the picture's height;
    resolution: rows of a crop that it resolves, in units of REFERENCE_ROWS, 1 for no limit; jpeg_quality: of the files.
    veil: stray light added to all, linear; contrast: a factor about middle grey; sharpening: strength of its halos;
    motion: (across, down) the smear of an exposure in thousandths of the picture's height; photon_noise: standard
    deviation of linear white, of darker light by its root; stream_quality: JPEG quality of its video stream, before
    crops are enlarged, 0 for none; unsteadiness: how much exposure, white balance, sharpness and smear change from
    picture to picture, 0 for frames of one video, 1 for crops of many.
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
    veil: float = 0.0
    contrast: float = 1.0
    sharpening: float = 0.0
    motion: tuple[float, float] = (0.0, 0.0)
    photon_noise: float = 0.0
    stream_quality: int = 0
    unsteadiness: float = 0.0

    @property
    def eye(self) -> Array:
        """The position (3,) of the camera in the world."""
        return -self.R.T @ self.T


def look_at(eye: Array, target: Array) -> tuple[Array, Array]:
    """Compute the extrinsics (R, T) of an upright camera at `eye` that looks at `target`."""
    forward = (target - eye) / np.linalg.norm(target - eye)
    right = np.cross(forward, [0.0, 0.0, 1.0])
    right /= np.linalg.norm(right)
    rotation = np.stack([right, np.cross(forward, right), forward])
    return rotation, -rotation @ eye


def project(camera: Camera, points: Array) -> Array:
    """Project world points (..., 3) to pixels of the full frame and depth in metres (..., 3)."""
    seen = points @ camera.R.T + camera.T
    pixels = camera.f * seen[..., :2] / seen[..., 2:] + np.array(camera.size) / 2
    return np.concatenate([pixels, seen[..., 2:]], -1)


def crop_intrinsics(camera: Camera, box: Array, size: tuple[int, int]) -> Array:
    """Compute the intrinsics (fx, fy, cx, cy) that render a box of the full frame at `size` (height, width).

    box: (x0, y0, x1, y1). It is stretched where its aspect ratio differs, as re-ID crops are.
    """
    x0, y0, x1, y1 = box
    across, down = size[1] / (x1 - x0), size[0] / (y1 - y0)
    middle = np.array(camera.size) / 2
    return np.array([camera.f * across, camera.f * down, (middle[0] - x0) * across, (middle[1] - y0) * down])


def calibration(camera: Camera) -> dict[str, Any]:
    """The calibration of a camera as JSON values: pixel ~ K (R x + T), metres."""
    width, height = camera.size
    return {
        "K": [[camera.f, 0.0, width / 2], [0.0, camera.f, height / 2], [0.0, 0.0, 1.0]],
        "R": camera.R.tolist(),
        "T": camera.T.tolist(),
        "size": [width, height],
        "eye": camera.eye.tolist(),
    }


def sample_camera(rng: np.random.Generator) -> Camera:
    """Draw a camera that hangs high up in a random place."""
    room = sample_room(rng)
    target = rng.uniform(-0.25, 0.25, 2) * (room.half_x, room.half_y)
    return mount_camera(rng, room, sample_light(rng, room), target, rng.uniform(0, 2 * np.pi))


def sample_cameras(rng: np.random.Generator, count: int, room: Room | None = None) -> tuple[Camera, ...]:
    """Draw several cameras in one place under one light.

    The first two see one end of the place from two sides, the third sees the other end: it looks away from the first,
    so that someone who leaves the one view comes later into the other. Further ones look anywhere. room: the place;
    a random one by default.
    """
    room = sample_room(rng) if room is None else room
    light = sample_light(rng, room)
    end = 0.6 * room.half_x
    cameras = []
    for number in range(count):
        around, side = rng.normal(0, 0.12), rng.choice([-1.0, 1.0])
        if number == 1:
            target, azimuth, distance = np.array([-end, 0.0]), side * np.pi / 2 + around, np.inf
        elif number in (0, 2):  # stands in the middle and looks outwards
            outwards = float(number == 2)
            target, azimuth, distance = np.array([end * (2 * outwards - 1), 0.0]), np.pi * outwards + around, end
        else:
            target, azimuth = rng.uniform(-0.6, 0.6, 2) * (room.half_x, room.half_y), rng.uniform(0, 2 * np.pi)
            distance = np.inf
        cameras.append(mount_camera(rng, room, light, target, azimuth, distance))
    return tuple(cameras)


@dataclass(frozen=True)
class Light:
    """The light of a place; fields as in `Camera`."""

    light: tuple[float, float, float]
    ambient: float
    diffuse: float


def sample_light(rng: np.random.Generator, room: Room) -> Light:
    """Draw the light of a place.

    A hall has lamps above, or daylight from a side with windows; outdoors the sun shines or clouds hide it.
    """
    if room.sky is None:
        rise = rng.uniform(0.35, 0.6) if room.walls[0] == Wall.WINDOWS else rng.uniform(0.65, 0.95)
        ambient, diffuse = rng.uniform(0.45, 0.8), rng.uniform(0.2, 0.7)
    elif sum(room.sky.low) < 1:  # after sunset a street lamp
        rise, ambient, diffuse = rng.uniform(0.7, 0.95), rng.uniform(0.12, 0.3), rng.uniform(0.2, 0.5)
    elif room.sky.clouds > 0.9:
        rise, ambient, diffuse = rng.uniform(0.7, 0.98), rng.uniform(0.75, 1.05), rng.uniform(0.05, 0.25)
    else:
        rise, ambient, diffuse = rng.uniform(0.35, 0.9), rng.uniform(0.4, 0.6), rng.uniform(0.9, 1.5)
    azimuth = rng.integers(4) * np.pi / 2 + rng.normal(0, 0.35)
    flat = np.sqrt(1 - rise * rise)
    towards = (float(flat * np.cos(azimuth)), float(flat * np.sin(azimuth)), float(rise))
    return Light(towards, float(ambient), float(diffuse))


def mount_camera(
    rng: np.random.Generator, room: Room, light: Light, target: Array, azimuth: float, distance: float = np.inf
) -> Camera:
    """Mount a camera that looks at `target` (2,) on the floor from the direction `azimuth` (radians).

    It stays inside `room` and at most `distance` metres away.
    """
    away = np.array([np.cos(azimuth), np.sin(azimuth)])
    space = (0.96 * np.array([room.half_x, room.half_y]) - np.sign(away) * target) / np.maximum(np.abs(away), 1e-9)
    stand = target + away * min(space.min(), rng.uniform(6.0, 12.0), distance)
    highest = 6.0 if room.sky is not None else min(room.tops) - 0.3
    eye = np.array([*stand, min(*rng.uniform(2.2, 6.0, 2), highest)])
    rotation, shift = look_at(eye, np.array([*target, rng.uniform(0.6, 1.1)]))
    return Camera(
        R=rotation,
        T=shift,
        f=float(rng.uniform(700, 1000)),
        size=(960, 720),
        room=room,
        light=light.light,
        ambient=light.ambient,
        diffuse=light.diffuse,
        colour=sample_colour(rng),
        exposure=float(auto_exposure(room, light, target) * 2 ** np.clip(rng.normal(0, 0.4), -0.65, 0.8)),
        gamma=float(rng.uniform(0.8, 1.2)),
        noise=float(rng.uniform(0.002, 0.012)),
        blur=float(rng.uniform(0.0, 4.0)),
        resolution=float(np.exp(rng.uniform(np.log(0.22), np.log(0.75)))),
        jpeg_quality=int(rng.integers(80, 96)),
        veil=float(max(0.0, rng.normal(0.006, 0.012))),
        contrast=float(rng.uniform(0.78, 1.22)),
        sharpening=float(max(0.0, rng.uniform(-0.6, 1.0))),
        motion=sample_motion(rng),
        photon_noise=float(rng.uniform(0.002, 0.02)),
        stream_quality=int(rng.integers(40, 91)),
        unsteadiness=1.0,
    )


def auto_exposure(room: Room, light: Light, target: Array) -> float:
    """Compute the automatic exposure, which compensates most of a view that is too bright or too dark."""
    around = target + 2.0 * np.array([(x, y) for x in (-1, 0, 1) for y in (-1, 0, 1)])
    lamp = light.diffuse * in_sun(room, light.light, around).mean()
    return 0.95 * (0.9 / (light.ambient + 0.4 * lamp)) ** 0.8


def sample_motion(rng: np.random.Generator) -> tuple[float, float]:
    """Draw the motion blur (across, down) of an exposure: mostly sideways, as people walk, or none in good light."""
    length = max(0.0, rng.normal(2.0, 5.0))
    return float(length), float(rng.normal(0, 0.2) * length)


def sample_colour(rng: np.random.Generator) -> Array:
    """Draw a colour matrix (3, 3): gains of the channels (white balance) after a change of saturation.

    Most white balances err along the line from candle to sky light, a little between green and magenta.
    """
    saturation = rng.uniform(0.6, 1.3)
    mixed = np.eye(3) * saturation + (1 - saturation) * LUMA
    warm, green = rng.normal(0, 0.09), rng.normal(0, 0.03)
    return np.diag(np.exp([warm, green, -1.2 * warm])) @ mixed


def develop(linear: NDArray[np.float32], camera: Camera, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Simulate the camera's image pipeline on linear RGB (H, W, 3); returns uint8 RGB.

    The steps follow a real camera: limited resolution, motion blur, defocus and photon noise; then colour, tone and
    sharpening, compression of the stream, and enlargement of the crop to the size asked for.
    """
    height, width = linear.shape[:2]
    camera = vary_camera(camera, rng)
    resolved = 1.0 if camera.resolution >= 1 else min(1.0, camera.resolution * REFERENCE_ROWS / height)
    picture = linear
    if resolved < 1:  # first of all, as the rest is then done on fewer pixels
        small = (max(4, round(width * resolved)), max(8, round(height * resolved)))
        picture = np.asarray(cv2.resize(picture, small, interpolation=cv2.INTER_AREA))
    thousandth = picture.shape[0] / 1000
    picture = motion_blur(picture, np.asarray(camera.motion) * thousandth)
    if camera.blur * thousandth > 0.2:  # below this a blur changes nothing
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), camera.blur * thousandth))
    if camera.photon_noise > 0:
        grains = rng.standard_normal((*picture.shape[:2], 1), dtype=np.float32)
        picture = picture + camera.photon_noise * np.sqrt(np.maximum(picture, 0)) * grains
    picture = tone_map(picture, camera)
    if camera.noise > 0:
        picture = picture + camera.noise * rng.standard_normal(picture.shape, dtype=np.float32)
    if camera.sharpening > 0:
        picture = picture + camera.sharpening * (picture - cv2.GaussianBlur(picture, (0, 0), 1.0))
    recorded = (np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8)
    if camera.stream_quality > 0:
        recorded = compress_stream(recorded, camera.stream_quality)
    if resolved < 1:
        recorded = cv2.resize(recorded, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(recorded, np.uint8)


def vary_camera(camera: Camera, rng: np.random.Generator) -> Camera:
    """Vary a camera for one picture: exposure and white balance, and sharpness and smear as people are near or far."""
    amount = camera.unsteadiness
    if amount <= 0:
        return camera
    exposure, warm, far, still = rng.normal(0, (0.2, 0.03, 0.15, 0.5)) * amount
    return replace(
        camera,
        exposure=camera.exposure * 2**exposure,
        colour=np.diag(np.exp([warm, 0.0, -1.2 * warm])) @ camera.colour,
        resolution=min(1.0, camera.resolution * float(np.exp(far))),
        motion=(camera.motion[0] * float(np.exp(still)), camera.motion[1] * float(np.exp(still))),
    )


def tone_map(picture: NDArray[Any], camera: Camera) -> NDArray[Any]:
    """Map linear light to recorded values: veil, exposure, colours, gamma and contrast."""
    matrix = (camera.exposure * camera.colour.T).astype(np.float32)
    seen = np.clip((picture + np.float32(camera.veil)) @ matrix, 0, 1)
    values = cv2.pow(seen, camera.gamma / 1.7)
    return np.clip(MIDDLE_GREY + (values - MIDDLE_GREY) * np.float32(camera.contrast), 0, 1)


def motion_blur(picture: NDArray[Any], streak: Sequence[float] | Array) -> NDArray[Any]:
    """Blur a picture by a motion of `streak` (across, down) pixels during the exposure."""
    across, down = float(streak[0]), float(streak[1])
    steps = int(np.ceil(max(abs(across), abs(down))))
    if steps < 1:
        return picture
    kernel = np.zeros((2 * steps + 1, 2 * steps + 1), np.float32)
    for way in np.linspace(-0.5, 0.5, 4 * steps + 1):
        column, row = steps + way * across, steps + way * down
        left, top = int(np.floor(column)), int(np.floor(row))
        right, low = column - left, row - top
        kernel[top : top + 2, left : left + 2] += np.outer([1 - low, low], [1 - right, right])
    rows = np.flatnonzero(kernel.any(1))  # a flat streak costs one row of taps
    high = int(np.abs(rows - steps).max())
    kernel = kernel[steps - high : steps + high + 1]
    return np.asarray(cv2.filter2D(picture, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REPLICATE))


def compress_stream(picture: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    """Compress a picture as a video stream does: blocks of 8 pixels, colours at half the resolution."""
    stream = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.ascontiguousarray(np.asarray(cv2.imdecode(stream, cv2.IMREAD_COLOR), np.uint8)[..., ::-1])
