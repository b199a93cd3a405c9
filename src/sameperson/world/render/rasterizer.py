"""The rasterizer's host side: it uploads tables, runs the kernels and downloads pictures.

numpy in, numpy out, warp inside; the same code runs on every device. Results do not depend on the order in which
threads run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import warp as wp
from numpy.typing import NDArray

from sameperson.world.body.mesh import Flags, Floats, Ints
from sameperson.world.clothes.pieces import Layer
from sameperson.world.places.place import Room
from sameperson.world.render.device import from_device, launch, reusable_zeros, row_type, start_warp, to_device, zeros
from sameperson.world.render.kernels import tables
from sameperson.world.render.kernels.look import LookRow
from sameperson.world.render.kernels.pose import frame, pose, project
from sameperson.world.render.kernels.probe import covers_points
from sameperson.world.render.kernels.shade import MAX_GRID, outline, shade
from sameperson.world.render.kernels.view import BOXES, BoxRow, ViewRow
from sameperson.world.render.kernels.zbuffer import MAX_TRIANGLES, rasterize

FIGURE_ROW = np.dtype(
    [("view", np.int32), ("lift", np.float32)]
    + [(name, np.int32) for name in ("look", "first_vertex", "vertices", "first_triangle", "triangles")]
)
NOT_DRAWN = -1
"""The view of a figure that is not drawn."""


@dataclass(frozen=True, eq=False)
class SkinnedMesh:
    """A mesh in the rest pose with its skin weights and shading inputs; V vertices, T triangles.

    points, normals: (V, 3); place: (V, 3) on the body template; limb: (V, 4) share of the arm, place along the arm,
    share of the head, openness to light; skin_index, skin_weight: (V, 4); triangles: (T, 3); flags: (T,) a `Layer` with
    `CUT` and `TWO_SIDED`; look: (1,) of `LookRow`.
    """

    points: Floats
    normals: Floats
    place: Floats
    limb: Floats
    skin_index: Ints
    skin_weight: Floats
    triangles: Ints
    flags: Ints
    look: NDArray[Any]

    def __post_init__(self) -> None:
        if len(self.triangles) >= MAX_TRIANGLES:
            raise ValueError(f"{len(self.triangles)} triangles; a z-buffer key holds fewer than {MAX_TRIANGLES}")


@dataclass(frozen=True, eq=False)
class View:
    """The view of a picture: extrinsics, intrinsics, place and light.

    rotation (3, 3) and translation (3,): world to camera; focal and centre: (2,) in its pixels; light: unit vector (3,)
    towards the lamp; blobs: (K, 4) shadows on the floor as `places.shadow.shadow_blobs` gives them.
    """

    rotation: NDArray[Any]
    translation: NDArray[Any]
    focal: tuple[float, float]
    centre: tuple[float, float]
    room: Room
    light: tuple[float, float, float]
    ambient: float
    diffuse: float
    blobs: NDArray[Any]


@dataclass(frozen=True, eq=False)
class RenderBuffers:
    """The render buffers of P pictures, each (P, H, W).

    image: 3 channels of linear light; labels: `Label`; figures: the figure's number from 0, -1 for the background;
    nearness: inverse distance along the optical axis, of the background too, 0 for the sky.
    """

    image: Floats
    labels: NDArray[np.uint8]
    figures: Ints
    nearness: Floats


class CoverageProbe:
    """Tests on the CPU which points of the template the layers of one dressed person cover."""

    def __init__(self, look: NDArray[Any]) -> None:
        start_warp()
        self.look = to_device(look, LookRow, "cpu")

    def __call__(self, layers: Sequence[Layer], place: Floats, limb: Floats) -> Flags:
        """Whether each of L layers covers points (N, 3) of the template after it is cut to shape: (L, N)."""
        there = zeros((len(layers), len(place)), wp.bool, "cpu")
        which = to_device(np.array(layers, np.int32), wp.int32, "cpu")
        points = [to_device(place, wp.vec3, "cpu"), to_device(limb, wp.vec4, "cpu")]
        launch(covers_points, there.shape, [self.look, which, *points, there], "cpu")
        return from_device(there)


class Rasterizer:
    """Posed figures on a device, which can be measured and then drawn.

    meshes: one per different dressed person or thing; which: (F,) the mesh of each figure; view_of: (F,) its picture;
    bones: (F, B, 4, 4) from the rest pose to the world, height aside; lifts: (F,) metres between the floor and
    the lowest point.
    """

    def __init__(
        self,
        meshes: Sequence[SkinnedMesh],
        which: Sequence[int],
        view_of: Sequence[int],
        bones: NDArray[Any],
        lifts: Sequence[float] | float = 0.0,
        device: str = "cpu",
    ) -> None:
        start_warp()
        self.device = device
        self.meshes, runs = mesh_tables(tuple(meshes), device)
        rows = runs[np.asarray(which)]
        rows["view"], rows["lift"] = view_of, lifts
        self.rows = rows
        self.shape = (len(rows), int(rows["vertices"].max()))
        self.most_triangles = int(rows["triangles"].max())
        self.figures = tables.Figures()
        self.figures.rows = to_device(rows, tables.FigureRow, device)
        self.figures.bones = to_device(np.asarray(bones, np.float32), wp.mat44, device)
        for name in ("points", "normals", "flat"):
            setattr(self.figures, name, zeros(self.shape, wp.vec3, device))
        self.figures.lowest = to_device(np.full(len(rows), np.inf, np.float32), wp.float32, device)
        self.figures.low = to_device(np.full((len(rows), 2), np.inf, np.float32), wp.float32, device)
        self.figures.high = to_device(np.full((len(rows), 2), -np.inf, np.float32), wp.float32, device)
        launch(pose, self.shape, [self.meshes, self.figures], device)

    def lowest_points(self) -> Floats:
        """The height (F,) of each figure's lowest point, which `stand_on_floor` puts on the floor."""
        return from_device(self.figures.lowest)

    def stand_on_floor(self, views: Sequence[View]) -> Floats:
        """Put figures on the floor; returns their bounds (F, 4) in their views: left, top, right, bottom, pixels."""
        inputs = [scenery_tables(views, (0, 0), self.device), self.figures]
        launch(frame, self.shape, inputs, self.device)
        return np.concatenate([from_device(self.figures.low), from_device(self.figures.high)], 1)

    def draw(self, views: Sequence[View], size: tuple[int, int], supersample: int = 2) -> RenderBuffers:
        """Draw every view at `size` (height, width), averaging supersample x supersample (at most 4 x 4) per pixel."""
        shape = (len(views), *size)
        scene = self.project(self.figures, views, size, supersample)
        keys = self.rasterize(self.figures, shape, supersample)
        pictures = tables.Pictures()
        pictures.image = zeros(shape, wp.vec3, self.device)
        pictures.labels = zeros(shape, wp.uint8, self.device)
        pictures.figures = zeros(shape, wp.int32, self.device)
        pictures.nearness = zeros(shape, float, self.device)
        launch(shade, shape, [self.meshes, self.figures, scene, keys, supersample, pictures], self.device)
        drawn = (pictures.image, pictures.labels, pictures.figures, pictures.nearness)
        image, labels, figures, nearness = (from_device(layer) for layer in drawn)
        return RenderBuffers(image, labels, figures - 1, nearness)

    def outlines(
        self, chosen: Sequence[int], views: Sequence[View], size: tuple[int, int], supersample: int = 2
    ) -> Flags:
        """Draw the amodal masks (C, H, W) of C chosen figures, each alone in its own of the C views."""
        if not len(chosen):
            return np.zeros((0, *size), bool)
        alone = self.rows.copy()
        alone["view"] = 0
        alone["view"][np.asarray(chosen)] = np.arange(len(chosen))
        figures = tables.Figures()
        figures.rows = to_device(alone, tables.FigureRow, self.device)
        figures.points, figures.flat = self.figures.points, self.figures.flat
        self.project(figures, views, size, supersample)
        alone["view"][np.setdiff1d(np.arange(len(alone)), chosen)] = NOT_DRAWN
        figures.rows = to_device(alone, tables.FigureRow, self.device)
        keys = self.rasterize(figures, (len(chosen), *size), supersample)
        covered = zeros((len(chosen), *size), wp.bool, self.device)
        launch(outline, covered.shape, [keys, supersample, covered], self.device)
        return from_device(covered)

    def project(self, figures: Any, views: Sequence[View], size: tuple[int, int], supersample: int) -> Any:
        """Project figures onto the picture plane of their views; returns the views' scenery."""
        if not 1 <= supersample <= MAX_GRID:
            raise ValueError(f"supersample {supersample}: from 1 to {MAX_GRID}")
        scene = scenery_tables(views, size, self.device)
        launch(project, self.shape, [scene, figures, float(supersample)], self.device)
        return scene

    def rasterize(self, figures: Any, shape: tuple[int, int, int], supersample: int) -> Any:
        """Compute the z-buffer keys of pictures of `shape` (P, H, W), in sub-samples."""
        pictures, height, width = shape
        keys = reusable_zeros((pictures, height * supersample, width * supersample), wp.uint64, self.device)
        launch(rasterize, (self.shape[0], self.most_triangles), [self.meshes, figures, keys], self.device)
        return keys


@lru_cache(maxsize=8)
def mesh_tables(meshes: tuple[SkinnedMesh, ...], device: str) -> tuple[Any, NDArray[Any]]:
    """Concatenate meshes on a device; returns the tables and where each mesh lies in them, (M,) of `FIGURE_ROW`."""

    def column(name: str, dtype: Any) -> Any:
        values = np.concatenate([getattr(mesh, name) for mesh in meshes])
        return to_device(values, dtype, device)

    table = tables.Meshes()
    table.rest, table.normals = column("points", wp.vec3), column("normals", wp.vec3)
    table.skin_index, table.skin_weight = column("skin_index", wp.vec4i), column("skin_weight", wp.vec4)
    table.place, table.limb = column("place", wp.vec3), column("limb", wp.vec4)
    table.triangles, table.flags = column("triangles", wp.vec3i), column("flags", wp.int32)
    table.looks = column("look", LookRow)
    runs = np.zeros(len(meshes), FIGURE_ROW)
    runs["vertices"] = [len(mesh.points) for mesh in meshes]
    runs["triangles"] = [len(mesh.triangles) for mesh in meshes]
    runs["first_vertex"] = np.cumsum(runs["vertices"]) - runs["vertices"]
    runs["first_triangle"] = np.cumsum(runs["triangles"]) - runs["triangles"]
    runs["look"] = np.arange(len(meshes))
    return table, runs


def scenery_tables(views: Sequence[View], size: tuple[int, int], device: str) -> Any:
    """Fill the kernel tables with the cameras, places and shadows of pictures of `size` (height, width)."""
    rows = np.zeros(len(views), row_type(ViewRow))
    boxes = np.zeros((len(views), BOXES), row_type(BoxRow))
    for row, view, furniture in zip(rows, views, boxes, strict=True):
        row["rotation"], row["translation"] = view.rotation, view.translation
        row["eye"] = -np.asarray(view.rotation).T @ view.translation
        row["focal"], row["centre"] = view.focal, view.centre
        light = row["light"]
        light["direction"], light["ambient"], light["diffuse"] = view.light, view.ambient, view.diffuse
        fill_colours(light, view.room)
        fill_room(row["room"], view.room)
        row["room"]["boxes"] = fill_furniture(furniture, view, size)
    table = tables.Scenery()
    table.views = to_device(rows, ViewRow, device)
    table.boxes = to_device(boxes, BoxRow, device)
    blobs = np.stack([np.asarray(view.blobs, np.float32) for view in views])
    table.blobs = to_device(blobs, wp.vec4, device)
    return table


def fill_room(row: Any, room: Room) -> None:
    """Fill a row of the uniform buffer from a place."""
    for name in ("half_x", "half_y", "floor", "tile", "walls", "tops", "bay", "seed"):
        row[name] = getattr(room, name)
    for name in ("verge", "verge_floor", "verge_colour", "marking"):
        row[name] = getattr(room, name)
    row["floor_first"], row["floor_second"] = room.floor_colours
    row["wall_first"], row["wall_second"] = room.wall_colours
    if room.sky is not None:
        row["under_sky"] = 1
        row["sky_low"], row["sky_high"], row["clouds"] = room.sky.low, room.sky.high, room.sky.clouds


def fill_colours(row: Any, room: Room) -> None:
    """Fill the colours of a place's light in the uniform buffer; light from below has the colour of the ground."""
    row["lamp"], row["air"] = room.lamp, room.air
    row["bounce"] = 0.4 + 0.8 * np.asarray(room.floor_colours[0])


def fill_furniture(rows: Any, view: View, size: tuple[int, int]) -> int:
    """Fill rows of the uniform buffer with the furniture that may show in a picture; returns how many boxes."""
    if not view.room.furniture:
        return 0
    low = np.array([(*np.subtract(box.centre, box.half), box.base) for box in view.room.furniture])
    high = np.array([(*(np.array(box.centre) + box.half), box.height) for box in view.room.furniture])
    colours = np.array([box.colour for box in view.room.furniture])
    pick = np.array(list(np.ndindex(2, 2, 2)))[None]
    corners = np.where(pick, high[:, None], low[:, None]) @ np.asarray(view.rotation).T + view.translation
    x, y = (corners[..., :2] * view.focal + corners[..., 2:] * np.asarray(view.centre)).transpose(2, 0, 1)
    z = corners[..., 2]
    # a box is out of sight when all its corners lie beyond one side of the picture or behind the camera
    beyond = [z < 0, x < 0, y < 0, x > size[1] * z, y > size[0] * z]
    shows = np.flatnonzero(~np.any([side.all(1) for side in beyond], axis=0))
    rows["low"][: len(shows)], rows["high"][: len(shows)] = low[shows], high[shows]
    rows["colour"][: len(shows)] = colours[shows]
    return len(shows)
