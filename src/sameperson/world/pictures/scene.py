"""Scenes: people and things before a camera at one moment, rendered to a picture with its label maps.

numpy throughout; the z-buffer runs on a device. A rendering does not depend on what else is rendered with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sameperson.world.body.mesh import Flags, Floats, Ints
from sameperson.world.body.model import FACE, KEYPOINTS, load_body
from sameperson.world.figures.figure import Figure, Prop, bone_transforms, world_keypoints
from sameperson.world.places.camera import Camera, crop_intrinsics
from sameperson.world.places.shadow import SHADOWS, shadow_blobs
from sameperson.world.render.rasterizer import Rasterizer, RenderBuffers, View

TOLERANCE = np.select([np.isin(KEYPOINTS, FACE), np.char.endswith(KEYPOINTS, "hip")], [0.05, 0.20], 0.13)
"""Metres by which a visible keypoint may lie behind the surface: least for the face, more for limbs, most for hips."""
NOBODY = 0
"""The value of the background in an instance map; figures count from 1, then props."""


@dataclass(frozen=True, eq=False)
class Scene:
    """The people and things before a camera."""

    camera: Camera
    figures: tuple[Figure, ...]
    props: tuple[Prop, ...] = ()


@dataclass(frozen=True, eq=False)
class Rendering:
    """A rendering (H, W) of a scene.

    image: (H, W, 3) linear light; labels: `Label` of the nearest surface; instances: (H, W) uint8, 0 nobody, then the
    scene's figures from 1, then its props; depth: (H, W) metres along the optical axis, 0 for the sky.
    view: of the camera; points: (F, 23, 3) the figures' keypoints in the world.
    """

    image: Floats
    labels: NDArray[np.uint8]
    instances: NDArray[np.uint8]
    depth: Floats
    view: View
    points: Floats

    def keypoints(self, figure: int) -> NDArray[np.float32]:
        """The keypoints (23, 3) of a figure in the picture: x, y, and 0 outside, 1 hidden, 2 visible."""
        at = self.points[figure] @ np.asarray(self.view.rotation).T + self.view.translation
        place = at[:, :2] / at[:, 2:] * self.view.focal + self.view.centre
        height, width = self.depth.shape
        inside = (place >= 0).all(1) & (place < (width, height)).all(1) & (at[:, 2] > 0)
        column, row = np.clip(place, 0, (width - 1, height - 1)).astype(int).T
        distance = np.where(self.instances[row, column] == NOBODY, np.inf, self.depth[row, column])
        visible = distance > at[:, 2] - TOLERANCE
        return np.column_stack([place, np.where(inside, 1 + visible, 0)]).astype(np.float32)


class PosedScenes:
    """Scenes on a device, whose people are posed and put on the floor, to be measured and drawn.

    points: for each scene the keypoints (F, 23, 3) of its figures; bounds: for each scene the boxes (F + P, 4) of
    figures and props in the camera's full frame, left, top, right, bottom.
    """

    def __init__(self, scenes: Sequence[Scene], device: str = "cpu") -> None:
        self.scenes = scenes
        figures = [one for scene in scenes for one in scene.figures]
        props = [one for scene in scenes for one in scene.props]
        meshes = [one.dressed.mesh for one in figures] + [one.obstacle.mesh for one in props]
        different = list({id(mesh): mesh for mesh in meshes}.values())
        number = {id(mesh): k for k, mesh in enumerate(different)}
        view_of = [k for k, scene in enumerate(scenes) for _ in scene.figures]
        view_of += [k for k, scene in enumerate(scenes) for _ in scene.props]
        bones = bone_transforms(load_body(), figures, props)
        lifts = [one.lift for one in (*figures, *props)]
        which = [number[id(mesh)] for mesh in meshes]
        self.rasterizer = Rasterizer(different, which, view_of, bones, lifts, device)
        self.rows = figure_rows(scenes)
        points = world_keypoints(figures, bones, self.rasterizer.lowest_points())
        self.points = [points[rows[: len(scene.figures)]] for rows, scene in zip(self.rows, scenes, strict=True)]
        full = [self.full_view(k) for k in range(len(scenes))]
        bounds = self.rasterizer.stand_on_floor(full)
        self.bounds = [bounds[rows] for rows in self.rows]

    def view(self, scene: int, box: Sequence[float] | Floats, size: tuple[int, int]) -> View:
        """The view of a box (left, top, right, bottom) of a scene's full frame, stretched to `size` (height, width)."""
        camera = self.scenes[scene].camera
        fx, fy, cx, cy = crop_intrinsics(camera, np.asarray(box, np.float64), size)
        most = max(len(one.figures) for one in self.scenes)
        blobs = np.zeros((max(most, 1) * SHADOWS, 4), np.float32)
        blobs[:, 2] = 1
        for k, points in enumerate(self.points[scene]):
            blobs[k * SHADOWS : (k + 1) * SHADOWS] = shadow_blobs(camera, points)
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

    def full_view(self, scene: int) -> View:
        """The view of a scene's full frame."""
        width, height = self.scenes[scene].camera.size
        return self.view(scene, (0, 0, width, height), (height, width))

    def draw(self, views: Sequence[View], size: tuple[int, int], supersample: int = 2) -> list[Rendering]:
        """Draw every scene in its view at `size` (height, width); a pixel is the mean of supersample x supersample."""
        layers = self.rasterizer.draw(views, size, supersample)
        return [self.rendering(layers, view, k) for k, view in enumerate(views)]

    def rendering(self, layers: RenderBuffers, view: View, k: int) -> Rendering:
        """Take one picture out of the buffers, with its figures and props numbered from 1."""
        number = np.zeros(sum(map(len, self.rows)) + 1, np.uint8)
        number[self.rows[k] + 1] = np.arange(1, len(self.rows[k]) + 1)
        near = layers.nearness[k]
        return Rendering(
            image=layers.image[k],
            labels=layers.labels[k],
            instances=number[layers.figures[k] + 1],
            depth=np.divide(1, near, out=np.zeros_like(near), where=near > 0),
            view=view,
            points=self.points[k],
        )

    def outlines(
        self, chosen: Sequence[tuple[int, int]], views: Sequence[View], size: tuple[int, int], supersample: int = 2
    ) -> Flags:
        """Draw the amodal masks (C, H, W) of chosen figures (scene, figure), as if nothing stood before them."""
        return self.rasterizer.outlines([int(self.rows[k][one]) for k, one in chosen], views, size, supersample)


def figure_rows(scenes: Sequence[Scene]) -> list[Ints]:
    """The row numbers of each scene's figures and props among all figures, which come first, and all props."""
    people, things = 0, sum(len(scene.figures) for scene in scenes)
    rows = []
    for scene in scenes:
        mine = np.arange(people, people + len(scene.figures))
        rows.append(np.concatenate([mine, np.arange(things, things + len(scene.props))]).astype(np.int32))
        people, things = people + len(scene.figures), things + len(scene.props)
    return rows
