"""Crops: pictures of one person before a camera, with exact labels.

A crop is drawn directly at its own size: the camera's intrinsics are changed so that the person's box, as a detector
might have put it, fills the picture. numpy throughout.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sameperson.world.body.mesh import Flags, Floats
from sameperson.world.figures.figure import Figure, Prop
from sameperson.world.pictures.scene import PosedScenes, Rendering, Scene
from sameperson.world.places.camera import Camera, develop, project
from sameperson.world.places.place import is_free
from sameperson.world.render.labels import Label

BATCH = 32
"""About how many figures are drawn together."""
JITTER = 0.05
"""Standard deviation of a box's edges, in box sizes."""
WALL, NEAREST = 1.2, 3.0
"""The least metres between people and walls, and between people and cameras."""
Box = NDArray[np.float64]
"""(4,) left, top, right, bottom."""
TARGET = 1
"""The value of the crop's person in its instance map."""


@dataclass(frozen=True, eq=False)
class Shot:
    """A shot to draw: a figure, the people and things around it, the camera, and this shot's own generator."""

    figure: Figure
    camera: Camera
    rng: np.random.Generator
    bystanders: tuple[Figure, ...] = ()
    props: tuple[Prop, ...] = ()


@dataclass(frozen=True, eq=False)
class Crop:
    """A picture (H, W) and its labels.

    image: (H, W, 3) uint8 RGB; parsing: (H, W) uint8 of `world.render.labels.Label`, where other people and things are
    OCCLUDER; mask: (H, W) bool, the visible pixels of the person with all that is worn and carried;
    amodal: (H, W) bool, as it would show if nothing stood before it; instances: (H, W) uint8, 0 nobody, 1 the person,
    then the others and the things; others: (H, W) bool, the pixels of other people; depth: (H, W) float32 metres along
    the optical axis, 0 for the sky.
    keypoints: (23, 3) x and y in pixels, 0 at the left edge of the first pixel, and 0 outside the picture, 1 hidden,
    2 visible; points: (23, 3) the same in the world, metres. box: (4,) the picture's left, top, right, bottom in the
    camera's full frame; bounds: (4,) the body's there.
    """

    image: NDArray[np.uint8]
    parsing: NDArray[np.uint8]
    mask: Flags
    amodal: Flags
    instances: NDArray[np.uint8]
    others: Flags
    depth: Floats
    keypoints: NDArray[np.float32]
    points: Floats
    box: Box
    bounds: Box

    @property
    def visible_share(self) -> float:
        """The visible share of the person within the picture, in [0, 1]: mask pixels over amodal ones."""
        return float(self.mask.sum() / max(int(self.amodal.sum()), 1))


def render_shots(
    shots: Sequence[Shot], size: tuple[int, int] = (256, 128), supersample: int = 2, device: str = "cpu"
) -> list[Crop]:
    """Draw shots at `size` (height, width); each pixel is the mean of supersample x supersample.

    A shot's crop does not depend on what else is drawn with it.
    """
    crops: list[Crop] = []
    start = 0
    while start < len(shots):
        end, crowd = start, 0
        while end < len(shots) and (crowd == 0 or crowd + 1 + len(shots[end].bystanders) <= BATCH):
            crowd += 1 + len(shots[end].bystanders)
            end += 1
        crops += render_batch(shots[start:end], size, supersample, device)
        start = end
    return crops


def render_batch(shots: Sequence[Shot], size: tuple[int, int], supersample: int, device: str) -> list[Crop]:
    """Draw a few shots together."""
    staged = PosedScenes([Scene(shot.camera, (shot.figure, *shot.bystanders), shot.props) for shot in shots], device)
    bounds = [boxes[0].astype(np.float64) for boxes in staged.bounds]
    boxes = [jitter_box(body, shot.rng) for body, shot in zip(bounds, shots, strict=True)]
    views = [staged.view(k, box, size) for k, box in enumerate(boxes)]
    drawn = staged.draw(views, size, supersample)
    joined = [k for k, shot in enumerate(shots) if shot.bystanders or shot.props]
    alone = staged.outlines([(k, 0) for k in joined], [views[k] for k in joined], size, supersample)
    outlines = dict(zip(joined, alone, strict=True))
    return [annotate_crop(shots[k], one, outlines.get(k), boxes[k], bounds[k]) for k, one in enumerate(drawn)]


def annotate_crop(shot: Shot, drawn: Rendering, alone: Flags | None, box: Box, bounds: Box) -> Crop:
    """Make a crop of one rendering; alone: (H, W) the person's amodal mask if there are other people or things."""
    mask = drawn.instances == TARGET
    parsing = np.where(drawn.instances > TARGET, np.uint8(Label.OCCLUDER), drawn.labels)
    return Crop(
        image=develop(drawn.image, shot.camera, shot.rng),
        parsing=parsing,
        mask=mask,
        amodal=mask if alone is None else mask | alone,
        instances=drawn.instances,
        others=(drawn.instances > TARGET) & (drawn.instances <= TARGET + len(shot.bystanders)),
        depth=drawn.depth,
        keypoints=drawn.keypoints(0),
        points=drawn.points[0],
        box=box,
        bounds=bounds,
    )


def jitter_box(bounds: Box, rng: np.random.Generator) -> Box:
    """Draw a detector's box around true bounds (left, top, right, bottom): roomy and a little off."""
    left, top, right, bottom = (float(edge) for edge in bounds)
    height, middle = bottom - top, (left + right) / 2
    half = 0.54 * max(right - left, 0.36 * height)
    sideways = rng.normal(0, JITTER, 2) * 2 * half
    above = height * (0.02 + abs(rng.normal(0, 0.6 * JITTER)))
    below = height * (0.02 + rng.normal(0, 0.5 * JITTER))
    return np.array([middle - half + sideways[0], top - above, middle + half + sideways[1], bottom + below])


def sample_spot(rng: np.random.Generator, camera: Camera) -> NDArray[np.float64]:
    """Draw a spot (2,) on the floor where a camera sees a standing person whole and not too small, else the middle."""
    reach = np.array([camera.room.half_x, camera.room.half_y]) - WALL
    for _ in range(400):
        spot = rng.uniform(-reach, reach)
        if sees_whole_person(camera, spot):
            return spot
    return np.zeros(2)


def sees_whole_person(camera: Camera, spot: Floats) -> bool:
    """Whether a person can stand on a spot (2,) of the floor and the camera sees them whole and not too small."""
    room, (width, height) = camera.room, camera.size
    if (np.abs(spot) > np.array([room.half_x, room.half_y]) - WALL).any() or not is_free(room, spot):
        return False
    feet, crown = project(camera, np.array([[*spot, 0.0], [*spot, 1.85]]))
    if min(feet[2], crown[2]) < NEAREST:
        return False
    tall, sides = feet[1] - crown[1], (feet[0], crown[0])
    inside = min(sides) > 0.3 * tall and max(sides) < width - 0.3 * tall
    return bool(tall > 0.16 * height and inside and crown[1] > 0 and feet[1] < height)
