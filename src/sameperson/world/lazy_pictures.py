"""Lazy pictures: a dataset that draws each picture on demand, with the same pixels as a tree of the same plan.

Each picture depends on the plan and its name alone, so any order, process or thread draws the same.
"""

from __future__ import annotations

import copy
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from operator import attrgetter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch.utils.data import Dataset

from sameperson.checks import InputError, choose
from sameperson.images.decode import decode_picture
from sameperson.types import Samples
from sameperson.world.pictures.annotations import Row, encode_jpeg, picture_name
from sameperson.world.pictures.conditions import all_cameras, split_folder, tracklets_of
from sameperson.world.pictures.crop import Shot, render_shots
from sameperson.world.pictures.tracklet import Tracklet, dance_tracklets, sample_walk
from sameperson.world.plan import SPLITS, WorldPlan
from sameperson.world.population import dressed_person

PICTURE = re.compile(r".+/(\d+)_c(\d+)s(\d+)_(\d+)_(\d+)\.jpg")
"""Matches person, camera, sequence, frame and box in a path."""
CACHED_PEOPLE = 64
"""People that each process caches, some 2 MB each: dressing a person takes longer than drawing a picture."""
RENDER_LOCK = threading.Lock()
"""Lets threads draw one after the other, as neither the renderer nor the caches are thread-safe."""


class LivePictures(Dataset[NDArray[np.uint8]]):
    """A dataset of the pictures of one split of a plan, each (H, W, 3) uint8 RGB as decoded from `make_world`'s tree.

    samples: path, pid, camid, clothes_id, track_id and frame as in the tree, in the order its reader gives them; its
    `source` draws, so that loaders take these samples as they take those of a folder. Not made for forked processes:
    give a DataLoader `multiprocessing_context="forkserver"` (or spawn).

    >>> plan = WorldPlan(people=3, test_people=1, cameras=2, size=(64, 32))
    >>> LivePictures(plan, "query")[0].shape
    (64, 32, 3)
    """

    def __init__(self, plan: WorldPlan, split: str = "train") -> None:
        choose("split", split, dict.fromkeys(SPLITS.values()))
        self.plan = plan
        rows = [row for row in list_pictures(plan) if row.split == split]
        columns = {name: [getattr(row, name) for row in rows] for name in Samples.COLUMNS}
        first = [columns.pop(name) for name in ("path", "pid", "camid")]
        self.samples = Samples.of(*first, source=partial(picture, plan), **columns)

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, row: int) -> NDArray[np.uint8]:
        return picture(self.plan, str(self.samples.path[row]))

    def __getitems__(self, rows: Sequence[int]) -> list[NDArray[np.uint8]]:
        """Draw a DataLoader's batch, which is faster than one picture at a time."""
        return pictures(self.plan, [str(self.samples.path[row]) for row in rows])


def picture(plan: WorldPlan, path: str) -> NDArray[np.uint8]:
    """Draw the picture that lies at `path` in the tree of a plan, (H, W, 3) uint8 RGB."""
    return pictures(plan, [path])[0]


def pictures(plan: WorldPlan, paths: Sequence[str]) -> list[NDArray[np.uint8]]:
    """Draw the pictures that lie at `paths` in the tree of a plan, each (H, W, 3) uint8 RGB."""
    with RENDER_LOCK:
        shots = [shot_of(plan, path) for path in paths]
        crops = render_shots(shots, plan.size)
        files = [encode_jpeg(crop.image, shot.camera.jpeg_quality) for crop, shot in zip(crops, shots, strict=True)]
    return [decode_picture(file, Path(path)) for file, path in zip(files, paths, strict=True)]


def shot_of(plan: WorldPlan, path: str) -> Shot:
    """Find the shot of a picture; each call copies its generator, so that every drawing is the same.

    Raises InputError for a path that is not in the plan.
    """
    match = PICTURE.fullmatch(path)
    pid, camera, sequence, frame, box = map(int, match.groups()) if match else (0, 0, 0, 0, 0)
    outfit = 0 if plan.condition == "dance" else sequence - 1
    tracklet = tracklets_by_camera(plan, pid).get((outfit, camera - 1)) if 1 <= pid <= plan.people else None
    if tracklet is None or list(tracklet.frames[box : box + 1]) != [frame]:
        raise InputError(f"{path}: no picture of this plan", "a path that its samples name", "list them anew")
    return replace(tracklet.shots[box], rng=copy.deepcopy(tracklet.shots[box].rng))


@lru_cache(maxsize=CACHED_PEOPLE)
def tracklets_by_camera(plan: WorldPlan, pid: int) -> Mapping[tuple[int, int], Tracklet]:
    """The tracklets of a person by outfit and camera."""
    return {(tracklet.outfit, tracklet.camid): tracklet for tracklet in tracklets_of(plan, pid)}


@lru_cache(maxsize=2)
def list_pictures(plan: WorldPlan) -> Sequence[Row]:
    """List the pictures of a plan by path, without rendering or dressing people; `visible` is NaN."""
    rows = []
    for pid in range(1, plan.people + 1):
        with RENDER_LOCK:
            tracklets = list(tracklet_frames(plan, pid))
        for tracklet in tracklets:
            sequence = plan.group_of(pid)[0] if plan.condition == "dance" else tracklet.outfit
            for number, frame in enumerate(tracklet.frames):
                split = split_folder(plan, pid, tracklet, number)
                path = f"{split}/{picture_name(pid, tracklet.camid, sequence, frame, number)}.jpg"
                clothes = plan.clothes_id(pid, tracklet.outfit)
                rows.append(Row(path, SPLITS[split], pid, tracklet.camid, clothes, tracklet.track, frame, np.nan))
    return sorted(rows, key=attrgetter("path"))


def tracklet_frames(plan: WorldPlan, pid: int) -> Iterator[Tracklet]:
    """Draw a person's tracklets with the right frames, but without dressing them and without occluders.

    Frames do not depend on clothes or on others in the picture, so one dressed person stands in for all.
    """
    if plan.condition == "dance":
        yield from dance_tracklets(plan, pid)
        return
    anyone = dressed_person(plan, 1, 0)
    for outfit in range(plan.outfits):
        for number in plan.cameras_of(pid):
            if outfit in plan.outfits_in(number):
                frames, shots = sample_walk(plan, (pid, outfit, number), anyone, all_cameras(plan)[number])
                track = ((pid - 1) * plan.outfits + outfit) * plan.cameras + number
                yield Tracklet(outfit, number, track, shots, frames)
