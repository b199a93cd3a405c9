"""A world on disk: a Market-1501 tree with its labels beside it.

The tree is drawn person by person in worker processes, each person's generators being its own, so that the bytes
depend on the plan alone. It grows under a hidden name and takes its own when whole; a killed run goes on from the
people it finished.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import asdict
from functools import cache, partial
from pathlib import Path
from typing import Any

import cv2

from sameperson.checks import InputError, atomic, writing
from sameperson.world.camera import Camera, sample_camera
from sameperson.world.crop import Crop, render_shots
from sameperson.world.forms import (
    Row,
    keypoint_entry,
    picture_name,
    write_keypoints,
    write_labels,
    write_mask,
    write_parsing,
)
from sameperson.world.labels import to_lip
from sameperson.world.plan import GALLERY, QUERY, TRAIN, Stream, WorldPlan
from sameperson.world.walk import walk_past

FOLDERS = (TRAIN, QUERY, GALLERY)
DONE = ".done"
Done = list[dict[str, Any]]
"""What is written down of a person: for each picture its row and its keypoint entry."""


def make_world(
    out: str | Path, plan: WorldPlan, *, workers: int = 1, progress: Callable[[int, int], None] | None = None
) -> int:
    """Draw `plan` into the folder `out`, which must be absent or empty; returns the number of pictures.

    workers: processes that draw; the tree is the same whatever their number. progress: called with people done, in all.
    Raises InputError where `out` is taken or cannot be written.
    """
    out = Path(out)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise InputError(f"{out}: there already", "a new or empty folder", "choose another name or remove it")
    if workers < 1:
        raise InputError(f"--workers {workers}", "at least 1", "raise --workers")
    growing = out.with_name(f".{out.name}.part")
    with writing(out):
        prepare(growing, plan)
        people = range(1, plan.people + 1)
        waiting = [pid for pid in people if not done_file(growing, pid).exists()]
        for count, _ in enumerate(drawn(growing, plan, waiting, workers), start=plan.people - len(waiting) + 1):
            if progress is not None:
                progress(count, plan.people)
        pictures = finish(growing, plan)
        if out.exists():
            out.rmdir()
        growing.rename(out)
    return pictures


def prepare(growing: Path, plan: WorldPlan) -> None:
    """Make the growing tree, or keep the one that a killed run of the same plan left."""
    note = growing / "world.json"
    if growing.exists() and not (note.exists() and json.loads(note.read_text()) == plan.as_json()):
        shutil.rmtree(growing)
    for folder in FOLDERS:
        for labels in ("", "parsing", "masks"):
            (growing / labels / folder).mkdir(parents=True, exist_ok=True)
    (growing / DONE).mkdir(exist_ok=True)
    with atomic(note) as temporary:
        temporary.write_text(json.dumps(plan.as_json()))


def drawn(growing: Path, plan: WorldPlan, waiting: Sequence[int], workers: int) -> Iterator[int]:
    """Draw the waiting people, here or in worker processes; yields each when it is done."""
    draw = partial(draw_person, growing, plan)
    if workers == 1 or len(waiting) < 2:
        yield from map(draw, waiting)
        return
    with pool(min(workers, len(waiting))) as processes:
        for finished in as_completed([processes.submit(draw, pid) for pid in waiting]):
            yield finished.result()


@contextmanager
def pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    """Worker processes that are forked from a clean one, never from this process with its threads."""
    method = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
    context = multiprocessing.get_context(method)
    if method == "forkserver":
        context.set_forkserver_preload(["sameperson.world.dataset"])
    processes = ProcessPoolExecutor(workers, context, initializer=follow_the_parent)
    try:
        yield processes
    except BrokenProcessPool as error:
        raise RuntimeError("a drawing process died; is there enough memory?") from error
    finally:
        processes.shutdown(cancel_futures=True)


def follow_the_parent() -> None:
    """End this worker when the process that started it is killed."""
    parent = multiprocessing.parent_process()
    cv2.setNumThreads(1)

    def wait() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def done_file(growing: Path, pid: int) -> Path:
    """Where it is written down that a person is drawn, and how."""
    return growing / DONE / f"{pid:04d}.json"


def draw_person(growing: Path, plan: WorldPlan, pid: int) -> int:
    """Every picture of one person, with its labels; returns the pid."""
    done: Done = []
    cameras = all_cameras(plan)
    for walk in walk_past(plan, pid, cameras):
        crops = render_shots(walk.shots, plan.size)
        for shot, (crop, frame) in enumerate(zip(crops, walk.frames, strict=True)):
            name = picture_name(pid, walk.camera, walk.outfit, frame, shot)
            row = Row(
                path=f"{plan.folder(pid, walk.outfit, walk.camera, shot)}/{name}.jpg",
                split={TRAIN: "train", QUERY: "query", GALLERY: "gallery"}[
                    plan.folder(pid, walk.outfit, walk.camera, shot)
                ],
                pid=pid,
                camid=walk.camera,
                clothes_id=plan.clothes_id(pid, walk.outfit),
                track_id=plan.track_id(pid, walk.outfit, walk.camera),
                frame=frame,
            )
            write_crop(growing, row, crop, cameras[walk.camera])
            entry = keypoint_entry(f"{name}.jpg", crop.keypoints[:17], crop.mask)
            done.append({"row": asdict(row), "keypoints": entry})
    with atomic(done_file(growing, pid)) as temporary:
        temporary.write_text(json.dumps(done))
    return pid


def write_crop(growing: Path, row: Row, crop: Crop, camera: Camera) -> None:
    """A picture as its camera's JPEG, its parsing and its mask."""
    path = growing / row.path
    quality = [cv2.IMWRITE_JPEG_QUALITY, camera.jpeg_quality]
    encoded = cv2.imencode(".jpg", crop.image[..., ::-1], quality)[1]
    path.write_bytes(encoded.tobytes())
    write_parsing((growing / "parsing" / row.path).with_suffix(".png"), to_lip(crop.parsing))
    write_mask((growing / "masks" / row.path).with_suffix(".png"), crop.mask)


def finish(growing: Path, plan: WorldPlan) -> int:
    """Gather what the workers wrote down into labels.csv and the keypoint files."""
    done: Done = []
    for pid in range(1, plan.people + 1):
        done += json.loads(done_file(growing, pid).read_text())
    rows = [Row(**item["row"]) for item in done]
    write_labels(growing / "labels.csv", rows)
    for folder in FOLDERS:
        entries = [item["keypoints"] for item in done if Path(item["row"]["path"]).parent.name == folder]
        write_keypoints(growing / "keypoints" / f"{folder}.json", entries)
    counts = {folder: sum(Path(row.path).parent.name == folder for row in rows) for folder in FOLDERS}
    (growing / "world.json").write_text(json.dumps({**plan.as_json(), "pictures": counts}, indent=1) + "\n")
    shutil.rmtree(growing / DONE)
    return len(rows)


@cache
def all_cameras(plan: WorldPlan) -> tuple[Camera, ...]:
    """The cameras of a world, the same for everyone."""
    return tuple(sample_camera(plan.rng(Stream.CAMERA, number)) for number in range(plan.cameras))
