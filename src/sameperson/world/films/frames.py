"""Frames of a film: one moment in all cameras, with a box, a mask and keypoints for each person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sameperson.world.body.mesh import Flags, Floats
from sameperson.world.figures.figure import Figure
from sameperson.world.films.actors import figures_at
from sameperson.world.films.plan import FilmPlan, FilmStream, film_cameras, sees
from sameperson.world.pictures.annotations import tight_box
from sameperson.world.pictures.scene import PosedScenes, Rendering, Scene
from sameperson.world.places.camera import Camera, develop

NEARBY = 3.0
"""Metres around a camera's view within which a person's shadow may fall into it."""


@dataclass(frozen=True, eq=False)
class PersonInstance:
    """A person in a frame, with annotations.

    box: left, top, width, height in pixels of the amodal mask within the frame. visible: the share of that mask which
    nothing hides, in [0, 1]. mask: (H, W) the visible pixels. keypoints: (23, 3) x, y and 0 outside, 1 hidden, 2
    visible.
    """

    pid: int
    box: tuple[int, int, int, int]
    visible: float
    mask: Flags
    keypoints: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Frame:
    """A frame (H, W) of one camera, with its label maps.

    image: uint8 RGB; instances: uint8 pids, 0 nobody; labels: uint8 of `Label`; depth: metres along the optical axis, 0
    for the sky; people: those whose amodal mask reaches into the frame.
    """

    image: NDArray[np.uint8]
    instances: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    depth: Floats
    people: tuple[PersonInstance, ...]


def render_frame(plan: FilmPlan, frame: int, supersample: int = 2, device: str = "cpu") -> list[Frame]:
    """Render a frame (from 0) in every camera; each pixel is the mean of supersample x supersample."""
    cameras, everyone = film_cameras(plan), figures_at(plan, frame)
    figures = [
        {pid: one for pid, one in everyone.items() if sees(camera, np.asarray(one.position, np.float64), NEARBY)}
        for camera in cameras
    ]
    return render_cameras(
        cameras, figures, [plan.rng(FilmStream.DEVELOP, k, frame) for k in range(len(cameras))], supersample, device
    )


def render_cameras(
    cameras: Sequence[Camera],
    figures: Sequence[Mapping[int, Figure]],
    rngs: Sequence[np.random.Generator],
    supersample: int = 2,
    device: str = "cpu",
) -> list[Frame]:
    """Render the frames of cameras that have one frame size.

    figures: those before each camera, by pid; rngs: the generator of each camera's image pipeline.
    """
    width, height = cameras[0].size
    size = (height, width)
    staged = PosedScenes(
        [Scene(camera, tuple(one.values())) for camera, one in zip(cameras, figures, strict=True)], device
    )
    views = [staged.view(k, (0, 0, width, height), size) for k in range(len(cameras))]
    drawn = staged.draw(views, size, supersample)
    hidden = [(k, one) for k in range(len(cameras)) for one in overlapping(staged.bounds[k])]
    outlines = staged.outlines(hidden, [views[k] for k, _ in hidden], size, supersample)
    alone = dict(zip(hidden, outlines, strict=True))
    frames = []
    for k, (camera, picture, people) in enumerate(zip(cameras, drawn, figures, strict=True)):
        pids = np.array([0, *people], np.uint8)
        seen = [annotate_person(picture, number, pid, alone.get((k, number))) for number, pid in enumerate(people)]
        frames.append(
            Frame(
                image=develop(picture.image, camera, rngs[k]),
                instances=pids[picture.instances],
                labels=picture.labels,
                depth=picture.depth,
                people=tuple(one for one in seen if one is not None),
            )
        )
    return frames


def overlapping(bounds: Floats) -> Sequence[int]:
    """Find the figures whose bounds (F, 4) overlap another's, so that one may hide the other."""
    meetings = [sum(all(a[:2] <= b[2:]) and all(b[:2] <= a[2:]) for b in bounds) for a in bounds]
    return [number for number, count in enumerate(meetings) if count > 1]  # everyone meets themselves


def annotate_person(picture: Rendering, number: int, pid: int, alone: Flags | None) -> PersonInstance | None:
    """Annotate one figure of a frame, None if it is not in it; alone: (H, W) its amodal mask if others may hide it."""
    mask = picture.instances == number + 1
    amodal = mask if alone is None else mask | alone
    left, top, width, height = tight_box(amodal)
    if not width:
        return None
    share = float(mask.sum() / amodal.sum())
    return PersonInstance(pid, (left, top, width, height), share, mask, picture.keypoints(number))
