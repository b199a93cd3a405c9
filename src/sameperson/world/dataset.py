"""Write a synthetic dataset: a Market-1501 tree with its labels beside it.

Worker processes draw one person at a time with generators of that person, so that the bytes depend on the plan alone.
The tree is written under a hidden name and renamed when it is complete; a killed run goes on from the people it
finished.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from sameperson.checks import atomic, holds_json, read_json, writing
from sameperson.leftovers import discard, sweep_tree
from sameperson.locks import locked
from sameperson.world.pictures.annotations import (
    Row,
    keypoint_entry,
    label_maps,
    picture_name,
    pose_entry,
    write_entries,
    write_jpeg,
    write_labels,
    write_png,
    write_table,
)
from sameperson.world.pictures.attributes import attributes
from sameperson.world.pictures.conditions import all_cameras, people_by_video, split_folder, tracklets_of
from sameperson.world.pictures.crop import Crop, Shot, render_shots
from sameperson.world.pictures.faces import Face, draw_faces
from sameperson.world.places.camera import calibration
from sameperson.world.plan import SPLITS, WorldPlan
from sameperson.world.population import identity_of, wardrobe_of
from sameperson.world.workers import run_jobs, staging_folder

FOLDERS = tuple(SPLITS)
MAPS = ("parsing", "masks", "parts", "amodal", "instances", "everybody", "depth", "irrelevant")
"""Labels that are written as a PNG for each picture."""
FACES = ("lr_face", "hr_face")
FACE_QUALITY = 95
DONE = ".done"
Done = list[dict[str, Any]]
"""The record of a person's pictures: for each one its row and its entries."""


def make_world(
    out: str | Path, plan: WorldPlan, *, workers: int = 1, progress: Callable[[int, int], None] | None = None
) -> int:
    """Draw `plan` into the folder `out`, which must be absent or empty; returns the number of pictures.

    workers: processes that draw; the tree is the same for any number. progress: called with the people done and the
    number of all people.
    Raises InputError where `out` is taken, cannot be written, or is being written by another process.
    """
    out = Path(out)
    with locked(out), writing(out):
        staging = staging_folder(out, workers)
        prepare_tree(staging, plan)
        people = range(1, plan.people + 1)
        waiting = [pid for pid in people if not done_file(staging, pid).exists()]
        draw = partial(draw_person, staging, plan)
        for count, _ in enumerate(run_jobs(draw, waiting, workers), start=plan.people - len(waiting) + 1):
            if progress is not None:
                progress(count, plan.people)
        pictures = gather_labels(staging, plan)
        sweep_tree(staging)
        if out.exists():
            out.rmdir()
        staging.rename(out)
    return pictures


def prepare_tree(staging: Path, plan: WorldPlan) -> None:
    """Make the folders of the tree, or keep those that a killed run of the same plan left."""
    note = staging / "world.json"
    if staging.exists() and not holds_json(note, plan.as_json()):
        discard(staging, note)
    for kind in ("", *(name for name in MAPS if name in plan.labels), *(FACES if "faces" in plan.labels else ())):
        for name in FOLDERS:
            (staging / kind / name).mkdir(parents=True, exist_ok=True)
    (staging / DONE).mkdir(exist_ok=True)
    with atomic(note) as temporary:
        temporary.write_text(json.dumps(plan.as_json()))


def done_file(staging: Path, pid: int) -> Path:
    """The file that records that a person is drawn, with the labels of their pictures."""
    return staging / DONE / f"{pid:04d}.json"


def draw_person(staging: Path, plan: WorldPlan, pid: int) -> int:
    """Draw and write every picture of one person, with its labels; returns the pid."""
    done: Done = []
    for tracklet in tracklets_of(plan, pid):
        crops = render_shots(tracklet.shots, plan.size)
        faces = draw_faces(tracklet.shots, crops) if "faces" in plan.labels else [None] * len(crops)
        for number, (shot, crop, face) in enumerate(zip(tracklet.shots, crops, faces, strict=True)):
            split = split_folder(plan, pid, tracklet, number)
            sequence = plan.group_of(pid)[0] if plan.condition == "dance" else tracklet.outfit
            row = Row(
                path=f"{split}/{picture_name(pid, tracklet.camid, sequence, tracklet.frames[number], number)}.jpg",
                split=SPLITS[split],
                pid=pid,
                camid=tracklet.camid,
                clothes_id=plan.clothes_id(pid, tracklet.outfit),
                track_id=tracklet.track,
                frame=tracklet.frames[number],
                visible=round(crop.visible_share, 4),
            )
            done.append({"row": asdict(row), **write_picture(staging, plan, row, shot, crop, face)})
    with atomic(done_file(staging, pid)) as temporary:
        temporary.write_text(json.dumps(done))
    return pid


def write_picture(
    staging: Path, plan: WorldPlan, row: Row, shot: Shot, crop: Crop, face: Face | None
) -> dict[str, dict[str, Any]]:
    """Write a picture as its camera's JPEG, and its labels; returns the entries for files that pictures share."""
    write_jpeg(staging / row.path, crop.image, shot.camera.jpeg_quality)
    for kind, picture in label_maps(crop).items():
        if kind in plan.labels:
            write_png((staging / kind / row.path).with_suffix(".png"), picture)
    if face is not None:
        for kind, image in zip(FACES, (face.low, face.high), strict=True):
            write_jpeg(staging / kind / row.path, image, FACE_QUALITY)
    name = Path(row.path).name
    entries = {}
    if "keypoints" in plan.labels:
        entries["keypoints"] = keypoint_entry(name, crop.keypoints[:17], crop.mask)
    if "poses" in plan.labels:
        entries["poses"] = pose_entry(name, shot, crop, identity_of(plan, row.pid).betas)
    return entries


def gather_labels(staging: Path, plan: WorldPlan) -> int:
    """Gather the workers' records into tables and lists, and write the files about people and cameras."""
    done: Done = []
    for pid in range(1, plan.people + 1):
        done += read_json(done_file(staging, pid))
    rows = [Row(**item["row"]) for item in done]
    write_labels(staging / "labels.csv", rows)
    for kind in {"keypoints", "poses"} & set(plan.labels):
        for name in FOLDERS:
            entries = [item[kind] for item in done if Path(item["row"]["path"]).parent.name == name]
            write_entries(staging / kind / f"{name}.json", entries)
    write_people(staging / "people.csv", plan)
    together = people_by_video(plan)
    if together:
        (staging / "video.json").write_text(json.dumps(together, indent=1) + "\n")
    else:
        cameras = [calibration(camera) for camera in all_cameras(plan)]
        (staging / "cameras.json").write_text(json.dumps(cameras, indent=1) + "\n")
    counts = {name: sum(Path(row.path).parent.name == name for row in rows) for name in FOLDERS}
    (staging / "world.json").write_text(json.dumps({**plan.as_json(), "pictures": counts}, indent=1) + "\n")
    shutil.rmtree(staging / DONE)
    return len(rows)


def write_people(path: Path, plan: WorldPlan) -> None:
    """Write the attributes of people, a row for each of their outfits."""
    everyone = [
        (pid, plan.clothes_id(pid, number), attributes(identity_of(plan, pid), outfit))
        for pid in range(1, plan.people + 1)
        for number, outfit in enumerate(wardrobe_of(plan, pid))
    ]
    names = list(everyone[0][2])
    write_table(path, ["pid", "clothes_id", *names], ((pid, worn, *seen.values()) for pid, worn, seen in everyone))
