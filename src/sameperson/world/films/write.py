"""Write a film: per camera frames, MOT boxes, label maps and keypoints; for the place calibration, positions, visits.

Worker processes draw pieces of a few frames, and the bytes depend on the plan alone. The tree is written under a hidden
name and renamed when it is complete; a killed run goes on from the pieces it finished.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from sameperson.checks import atomic, holds_json, read_json, writing
from sameperson.leftovers import discard, sweep_tree
from sameperson.locks import locked
from sameperson.world.dataset import write_people
from sameperson.world.films.actors import outfit_at, paths_of
from sameperson.world.films.frames import Frame, PersonInstance, render_frame
from sameperson.world.films.plan import FilmPlan, film_cameras
from sameperson.world.pictures.annotations import (
    INSTANCE_PALETTE,
    MAX_DEPTH_MM,
    keypoint_entry,
    palette_picture,
    write_entries,
    write_jpeg,
    write_png,
    write_table,
)
from sameperson.world.places.camera import calibration
from sameperson.world.render.labels import PALETTE, Label, to_lip
from sameperson.world.workers import run_jobs, staging_folder

FRAMES_PER_PIECE = 6
"""Frames that one job draws."""
MAPS = ("instances", "parsing", "depth")
"""Labels that are a PNG for each frame."""
DONE = ".done"


def make_film(
    out: str | Path, plan: FilmPlan, *, workers: int = 1, progress: Callable[[int, int], None] | None = None
) -> int:
    """Draw `plan` into the folder `out`, which must be absent or empty; returns the number of frames of all cameras.

    workers: processes that draw; the tree is the same for any number. progress: called with the frames done and the
    number of all frames.
    Raises InputError where `out` is taken, cannot be written, or is being written by another process.
    """
    out = Path(out)
    with locked(out), writing(out):
        staging = staging_folder(out, workers)
        prepare_tree(staging, plan)
        pieces = range(-(-plan.frames // FRAMES_PER_PIECE))
        waiting = [piece for piece in pieces if not done_file(staging, piece).exists()]
        draw = partial(draw_piece, staging, plan)
        for count, _ in enumerate(run_jobs(draw, waiting, workers), start=len(pieces) - len(waiting) + 1):
            if progress is not None:
                progress(min(count * FRAMES_PER_PIECE, plan.frames), plan.frames)
        gather_annotations(staging, plan)
        sweep_tree(staging)
        if out.exists():
            out.rmdir()
        staging.rename(out)
    return plan.frames * plan.cameras


def prepare_tree(staging: Path, plan: FilmPlan) -> None:
    """Make the folders of the tree, or keep those that a killed run of the same plan left."""
    note = staging / "scene.json"
    if staging.exists() and not holds_json(note, plan.as_json()):
        discard(staging, note)
    for camera in range(plan.cameras):
        for kind in ("img1", "gt", *(name for name in MAPS if name in plan.labels)):
            (staging / folder(camera) / kind).mkdir(parents=True, exist_ok=True)
    (staging / DONE).mkdir(exist_ok=True)
    with atomic(note) as temporary:
        temporary.write_text(json.dumps(plan.as_json(), indent=1) + "\n")


def folder(camera: int) -> str:
    """Name a camera's folder.

    >>> folder(0)
    'cam1'
    """
    return f"cam{camera + 1}"


def done_file(staging: Path, piece: int) -> Path:
    """The file that records that a piece is drawn, with its annotations."""
    return staging / DONE / f"{piece:06d}.json"


def draw_piece(staging: Path, plan: FilmPlan, piece: int) -> int:
    """Draw and write the frames of a piece in every camera, with their labels; returns the piece."""
    done: list[dict[str, Any]] = []
    for frame in range(piece * FRAMES_PER_PIECE, min((piece + 1) * FRAMES_PER_PIECE, plan.frames)):
        for camera, picture in enumerate(render_frame(plan, frame)):
            write_frame(staging / folder(camera), plan, camera, frame, picture)
            for one in picture.people:
                entry = keypoint_entry(f"{frame + 1:06d}.jpg", one.keypoints[:17], one.mask) | {"idx": one.pid}
                done.append({"camera": camera, "row": mot_row(frame, one), "keypoints": entry})
    with atomic(done_file(staging, piece)) as temporary:
        temporary.write_text(json.dumps(done))
    return piece


def write_frame(out: Path, plan: FilmPlan, camera: int, number: int, frame: Frame) -> None:
    """Write a frame as its camera's JPEG, and its label maps."""
    write_jpeg(out / "img1" / f"{number + 1:06d}.jpg", frame.image, film_cameras(plan)[camera].jpeg_quality)
    depth = np.rint(frame.depth * 1000).clip(0, MAX_DEPTH_MM).astype(np.uint16)
    maps = {
        "instances": lambda: palette_picture(frame.instances, INSTANCE_PALETTE),
        "parsing": lambda: palette_picture(to_lip(frame.labels), PALETTE[: Label.RIGHT_SHOE + 1]),
        "depth": lambda: Image.fromarray(depth),
    }
    for kind, picture in maps.items():
        if kind in plan.labels:
            write_png(out / kind / f"{number + 1:06d}.png", picture())


def mot_row(frame: int, one: PersonInstance) -> list[float]:
    """Make a person's row of gt.txt.

    Frame and pixels count from 1, as in the MOT Challenge; confidence and class are 1.
    """
    left, top, width, height = one.box
    return [frame + 1, one.pid, left + 1, top + 1, width, height, 1, 1, round(one.visible, 5)]


def gather_annotations(staging: Path, plan: FilmPlan) -> None:
    """Gather the workers' annotations into ground truth per camera, and write the files about the place."""
    done: list[dict[str, Any]] = []
    for piece in range(-(-plan.frames // FRAMES_PER_PIECE)):
        done += read_json(done_file(staging, piece))
    for camera in range(plan.cameras):
        mine = [item for item in done if item["camera"] == camera]
        lines = [",".join(map(str, item["row"])) for item in mine]
        (staging / folder(camera) / "gt" / "gt.txt").write_text("".join(f"{line}\n" for line in lines))
        (staging / folder(camera) / "seqinfo.ini").write_text(sequence_info(plan, camera))
        if "keypoints" in plan.labels:
            write_entries(staging / folder(camera) / "keypoints.json", [item["keypoints"] for item in mine])
    cameras = {folder(number): calibration(camera) for number, camera in enumerate(film_cameras(plan))}
    (staging / "calibration.json").write_text(json.dumps(cameras, indent=1) + "\n")
    write_table(staging / "positions.csv", ("frame", "id", "x", "y", "heading"), positions(plan))
    header = ("id", "camera", "outfit", "first_frame", "last_frame")
    write_table(staging / "visits.csv", header, visits(plan, [(item["camera"], item["row"]) for item in done]))
    write_people(staging / "people.csv", plan.people_plan)
    shutil.rmtree(staging / DONE)


def sequence_info(plan: FilmPlan, camera: int) -> str:
    """Compose the seqinfo.ini of the MOT Challenge."""
    width, height = plan.size
    lines = {
        "name": folder(camera),
        "imDir": "img1",
        "frameRate": f"{plan.fps:g}",
        "seqLength": plan.frames,
        "imWidth": width,
        "imHeight": height,
        "imExt": ".jpg",
    }
    return "[Sequence]\n" + "".join(f"{key}={value}\n" for key, value in lines.items())


def positions(plan: FilmPlan) -> list[tuple[float, ...]]:
    """List frame (from 1), pid, x, y and heading of everyone: metres, and radians from -y towards x."""
    paths = paths_of(plan)
    rows = []
    for frame, number in zip(*np.nonzero(paths.present), strict=True):
        x, y = paths.position[frame, number]
        yaw = paths.yaw[frame, number]
        rows.append((int(frame) + 1, int(number) + 1, round(float(x), 4), round(float(y), 4), round(float(yaw), 4)))
    return rows


def visits(plan: FilmPlan, rows: Sequence[tuple[int, Sequence[float]]]) -> list[tuple[int, ...]]:
    """List the visits: runs of frames in which a person is in a camera's picture in one outfit, hidden or not.

    rows: the camera and the ground-truth line of every box. Returns id, camera (from 1), outfit, first and last frame.
    """
    seen = sorted((int(row[1]), camera, int(row[0])) for camera, row in rows)
    runs: list[list[int]] = []
    for pid, camera, frame in seen:
        outfit = outfit_at(plan, pid, frame - 1)
        if runs and runs[-1][:3] == [pid, camera + 1, outfit] and runs[-1][4] == frame - 1:
            runs[-1][4] = frame
        else:
            runs.append([pid, camera + 1, outfit, frame, frame])
    return [tuple(run) for run in runs]
