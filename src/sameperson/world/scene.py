"""A person in front of a camera to a picture with exact labels.

A crop is drawn directly at its own size: the camera's intrinsics are changed so that the person's box, as a detector
might have put it, fills the picture. numpy throughout.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sameperson.world.body import FACE, KEYPOINTS, load_body
from sameperson.world.camera import Camera, crop_intrinsics, develop, project
from sameperson.world.dress import Dressed
from sameperson.world.figure import bone_moves, keypoints
from sameperson.world.mesh import Floats
from sameperson.world.raster import Layers, Stage, View

BATCH = 32
"""Shots drawn together."""
JITTER = 0.05
"""How far a box's edges stray, in box sizes (standard deviation)."""
TOLERANCE = np.select([np.isin(KEYPOINTS, FACE), np.char.endswith(KEYPOINTS, "hip")], [0.05, 0.20], 0.13)
"""Metres by which a visible keypoint may lie behind the surface: a face's lie on it, a limb's inside, hips deep."""
ANKLES = [KEYPOINTS.index("left_ankle"), KEYPOINTS.index("right_ankle")]
HIPS = [KEYPOINTS.index("left_hip"), KEYPOINTS.index("right_hip")]


@dataclass(frozen=True, eq=False)
class Shot:
    """What to draw. rotations: (J, 3, 3); yaw: radians, 0 faces -Y; position: (2,) metres; rng: this shot's own."""

    dressed: Dressed
    rotations: Floats
    yaw: float
    position: NDArray[np.floating]
    camera: Camera
    rng: np.random.Generator


@dataclass(frozen=True, eq=False)
class Crop:
    """A picture and its labels.

    image: (H, W, 3) uint8 RGB; parsing: (H, W) uint8 of `sameperson.world.labels.Label`; mask: (H, W) bool, the person
    with all that is worn and carried. keypoints: (23, 3) x and y in pixels, 0 at the left edge of the first pixel, and
    0 outside the picture, 1 hidden, 2 visible. box: (4,) left, top, right, bottom in the camera's full frame.
    """

    image: NDArray[np.uint8]
    parsing: NDArray[np.uint8]
    mask: NDArray[np.bool_]
    keypoints: NDArray[np.float32]
    box: NDArray[np.float64]


def render_shots(
    shots: Sequence[Shot], size: tuple[int, int] = (256, 128), supersample: int = 2, device: str = "cpu"
) -> list[Crop]:
    """Draw shots at `size` (height, width); each pixel is the mean of supersample x supersample.

    A shot's crop does not depend on what else is drawn with it.
    """
    crops: list[Crop] = []
    for start in range(0, len(shots), BATCH):
        crops += render_batch(shots[start : start + BATCH], size, supersample, device)
    return crops


def render_batch(shots: Sequence[Shot], size: tuple[int, int], supersample: int, device: str) -> list[Crop]:
    """Draw a few shots in one go."""
    dressed = [shot.dressed for shot in shots]
    different = list({id(one): one for one in dressed}.values())
    number = {id(one): k for k, one in enumerate(different)}
    bones = bone_moves(
        load_body(),
        dressed,
        np.stack([shot.rotations for shot in shots]),
        np.array([shot.yaw for shot in shots]),
        np.stack([shot.position for shot in shots]),
    )
    meshes = [one.mesh for one in different]
    stage = Stage(meshes, [number[id(one)] for one in dressed], range(len(shots)), bones, device)
    points = keypoints(dressed, bones, stage.ground())
    full = [whole_view(shot.camera, at) for shot, at in zip(shots, points, strict=True)]
    boxes = [detect(bounds, shot.rng) for bounds, shot in zip(stage.frame(full), shots, strict=True)]
    views = [view_of(shot.camera, size, box, view.blobs) for shot, box, view in zip(shots, boxes, full, strict=True)]
    layers = stage.draw(views, size, supersample)
    return [finish(shot, views[k], layers, k, points[k], boxes[k]) for k, shot in enumerate(shots)]


def finish(shot: Shot, view: View, layers: Layers, k: int, points: Floats, box: NDArray[np.float64]) -> Crop:
    """Develop one drawn picture and see which keypoints show in it."""
    parsing = layers.labels[k]
    return Crop(
        image=develop(layers.image[k], shot.camera, shot.rng),
        parsing=parsing,
        mask=parsing > 0,
        keypoints=seen(points, view, layers.nearness[k]),
        box=box,
    )


def view_of(camera: Camera, size: tuple[int, int], box: Sequence[float] | NDArray[np.float64], blobs: Floats) -> View:
    """The part of a camera's frame in `box`, stretched to `size` (height, width)."""
    fx, fy, cx, cy = crop_intrinsics(camera, np.asarray(box, np.float64), size)
    return View(
        rotation=camera.R,
        translation=camera.T,
        focal=(fx, fy),
        centre=(cx, cy),
        room=camera.room,
        light=camera.light,
        ambient=camera.ambient,
        diffuse=camera.diffuse,
        blobs=blobs,
    )


def whole_view(camera: Camera, points: Floats) -> View:
    """A camera's full frame, with the shadows of someone whose keypoints (23, 3) are given."""
    width, height = camera.size
    return view_of(camera, (height, width), (0, 0, width, height), shadows(camera, points))


def detect(bounds: Floats, rng: np.random.Generator) -> NDArray[np.float64]:
    """A detector's box around true bounds (left, top, right, bottom): roomy and a little off."""
    left, top, right, bottom = (float(edge) for edge in bounds)
    height, middle = bottom - top, (left + right) / 2
    half = 0.54 * max(right - left, 0.36 * height)
    sideways = rng.normal(0, JITTER, 2) * 2 * half
    above = height * (0.02 + abs(rng.normal(0, 0.6 * JITTER)))
    below = height * (0.02 + rng.normal(0, 0.5 * JITTER))
    return np.array([middle - half + sideways[0], top - above, middle + half + sideways[1], bottom + below])


def shadows(camera: Camera, points: Floats) -> Floats:
    """Shadows on the floor (3, 4): a dark spot under each foot and a wide one thrown away from the lamp."""
    light = np.asarray(camera.light)
    lamp = camera.diffuse / (camera.diffuse + camera.ambient)
    away = points[HIPS, :2].mean(0) - 0.45 * light[:2] / max(light[2], 0.3)
    lifted = np.clip(points[ANKLES, 2] - 0.08, 0, 0.3)
    feet = [(*at[:2], 0.14 + height, 0.62 - 1.5 * height) for at, height in zip(points[ANKLES], lifted, strict=True)]
    return np.array([*feet, (*away, 0.42, 0.15 + 0.45 * lamp)], np.float32)


def seen(points: Floats, view: View, nearness: Floats) -> NDArray[np.float32]:
    """Keypoints (23, 3) in a picture: x, y, and 0 outside, 1 hidden behind something nearer, 2 visible."""
    at = points @ view.rotation.T + view.translation
    place = at[:, :2] / at[:, 2:] * view.focal + view.centre
    height, width = nearness.shape
    inside = (place >= 0).all(1) & (place < (width, height)).all(1) & (at[:, 2] > 0)
    column, row = np.clip(place, 0, (width - 1, height - 1)).astype(int).T
    near = nearness[row, column]
    distance = np.where(near > 0, 1 / np.maximum(near, 1e-6), np.inf)
    visible = distance > at[:, 2] - TOLERANCE
    return np.column_stack([place, np.where(inside, 1 + visible, 0)]).astype(np.float32)


def place(rng: np.random.Generator, camera: Camera) -> NDArray[np.float64]:
    """A spot (2,) on the floor where a camera sees a standing person whole and not too small, else the middle."""
    reach = np.array([camera.room.half_x, camera.room.half_y]) - 1.2
    width, height = camera.size
    for _ in range(400):
        spot = rng.uniform(-reach, reach)
        feet, crown = project(camera, np.array([[*spot, 0.0], [*spot, 1.85]]))
        if min(feet[2], crown[2]) < 3.0:
            continue
        tall, sides = feet[1] - crown[1], (feet[0], crown[0])
        if (
            tall > 0.16 * height
            and min(sides) > 0.3 * tall
            and max(sides) < width - 0.3 * tall
            and crown[1] > 0
            and feet[1] < height
        ):
            return spot
    return np.zeros(2)
