"""DanceReID's source videos, the input of `sameperson prepare dancereid`: videos, tracks, annotation, table.

    videos/000_NAME.mp4  npy/NAME.npy  annotation.json  video_data.csv  splits.json

The tracks have a tracker's errors: someone is lost for a while, two people swap numbers, a box has nobody in it. As in
the published annotation, only frames in which a number means the right person are listed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sameperson.checks import InputError
from sameperson.data.miniatures.miniature import Miniature, Splits, WorldTree
from sameperson.world.films.frames import Frame, PersonInstance, render_cameras
from sameperson.world.films.plan import full_frame_camera
from sameperson.world.pictures.annotations import Row, write_table
from sameperson.world.pictures.group_dance import FRAMES_PER_SECOND, sample_group_dance
from sameperson.world.pictures.tracklet import STEP
from sameperson.world.plan import Stream, WorldPlan

LEAST_HEIGHT = 96
"""The least height of a frame, pixels."""
VISIBLE = 0.15
"""The least visible share of an annotated person."""
LETTERS = np.array(list("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"))
HEADER = (
    "PID", "File_name", "Youtube_id", "Num_person", "Song_name", "Style", "Occlusion", "Lose_of_tracking", "Num_frames",
    "Num_bboxes", "Original_title",
)  # fmt: skip
BITS = 4
"""Bits per pixel of the film, about."""

Boxes = dict[int, dict[str, Any]]
"""Box -> its tracker's number (from 1), box_pos (x1, x2, y1, y2) and pose_pos (17, 2)."""


@dataclass(frozen=True)
class TrackerErrors:
    """A tracker's errors in a film, each in a run of frames. lost: the person; swapped: two people, from 0."""

    lost: int
    swapped: tuple[int, int]
    runs: tuple[range, range, range]

    @classmethod
    def at_random(cls, rng: np.random.Generator, people: int, frames: int) -> TrackerErrors:
        """Draw errors long enough that every frame rate up to DanceReID's keeps a wrong frame."""
        long = max(STEP, frames // 6)
        starts = rng.integers(0, max(1, frames - long + 1), 3)
        lost = int(rng.integers(people))
        a, b = (int(one) % people for one in rng.permutation(max(people, 2))[:2])  # who dances alone swaps with nobody
        first, second, third = (range(start, start + long) for start in starts.tolist())
        return cls(lost, (a, b), (first, second, third))

    def number(self, person: int, frame: int) -> int | None:
        """The tracker's number of a person, from 0, None without a box."""
        lost, swapped, _ = self.runs
        if person == self.lost and frame in lost:
            return None
        if person in self.swapped and frame in swapped:
            return self.swapped[1 - self.swapped.index(person)]
        return person

    def has_false_box(self, frame: int) -> bool:
        """Whether a frame has a box with nobody in it."""
        return frame in self.runs[2]


def frame_size(plan: WorldPlan) -> tuple[int, int]:
    """Compute width and height of a film whose dancers are cut out at about the plan's size.

    >>> frame_size(WorldPlan(4, 2, 1, shots=4))
    (640, 360)
    """
    height = max(LEAST_HEIGHT, 2 * round(0.703 * plan.size[0]))
    return 2 * round(height * 8 / 9), height


def render_dance(plan: WorldPlan, video: int, members: range) -> Iterator[Frame]:
    """Render the frames of a dance one after the other; its people are numbered from 1."""
    show = sample_group_dance(plan, video, members)
    camera = full_frame_camera(show.camera, frame_size(plan))
    for frame in range(STEP * plan.shots):
        figures = show.figures(show.first + frame)
        cast = {number: figures[pid] for number, pid in enumerate(members, start=1)}
        yield render_cameras([camera], [cast], [plan.rng(Stream.SHOT, 0, video, frame)])[0]


def write(world: WorldTree, out: Path) -> Splits:
    """Write every film with tracks, annotation and table; the last one's Youtube_id differs from its file name."""
    plan = world.plan
    groups = dict(plan.group_of(pid) for pid in range(1, plan.people + 1))
    annotation: dict[str, dict[str, list[int]]] = {}
    table: list[tuple[Any, ...]] = []
    rows: dict[str, list[Row]] = {"train": [], "query": [], "gallery": []}
    for folder in ("videos", "npy"):
        (out / folder).mkdir()
    for video, members in groups.items():
        rng = plan.rng(Stream.TRACK, 0, video)
        name, other = ("".join(rng.choice(LETTERS, 11)) for _ in range(2))
        errors = TrackerErrors.at_random(rng, len(members), STEP * plan.shots)
        tracks, sure = write_film(out / "videos" / f"{video:03d}_{name}.mp4", plan, video, members, errors)
        np.save(out / "npy" / f"{name}.npy", np.array(tracks, object), allow_pickle=True)
        annotation[name] = {str(person): frames for person, frames in sure.items()}
        boxes = sum(map(len, tracks.values()))
        told = other if video == len(groups) - 1 else name
        counts = (STEP * plan.shots, boxes)
        table.append((members[-1] - 1, f"{video:03d}_{name}.mp4", told, len(members), "", "", "V", "V", *counts, name))
        for part in ("query", "gallery") if plan.is_test(members[0]) else ("train",):
            rows[part] += extracted_pictures(part, video, members, sure)
    (out / "annotation.json").write_text(json.dumps(annotation) + "\n", encoding="utf-8")
    write_table(out / "video_data.csv", HEADER, table)
    test = [pid - 1 for pid in range(1, plan.people + 1) if plan.is_test(pid)]
    split = {"trainval": [pid for pid in range(plan.people) if pid not in test], "query": test, "gallery": test}
    (out / "splits.json").write_text(json.dumps([split]) + "\n", encoding="utf-8")
    return rows


def extracted_pictures(part: str, video: int, members: range, sure: dict[int, list[int]]) -> Iterator[Row]:
    """List the pictures that `prepare dancereid -d 5` extracts from a film."""
    for person, frames in sure.items():
        pid = members[0] - 1 + person
        for frame in frames:
            if frame % STEP == 0:
                name = f"images/{pid:04d}_{frame:06d}.jpg"
                yield Row(name, part, pid + 1, frame, -1, video, frame, 1.0)


def write_film(
    path: Path, plan: WorldPlan, video: int, members: range, errors: TrackerErrors
) -> tuple[dict[int, Boxes], dict[int, list[int]]]:
    """Write one film; returns its tracks by frame, and for each person the frames with the right number."""
    av = require_video()
    width, height = frame_size(plan)
    tracks: dict[int, Boxes] = {}
    sure: dict[int, list[int]] = {person: [] for person in range(len(members))}
    with av.open(str(path), "w", options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream("mpeg4", rate=FRAMES_PER_SECOND)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.bit_rate = BITS * width * height * FRAMES_PER_SECOND
        stream.codec_context.thread_count = 1
        stream.codec_context.options = {"flags": "+bitexact"}
        for frame, taken in enumerate(render_dance(plan, video, members)):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(taken.image, format="rgb24")))
            tracks[frame] = {}
            for one in taken.people:
                number = errors.number(one.pid - 1, frame)
                if number is not None:
                    tracks[frame][len(tracks[frame])] = box_of(one, number + 1)
                if number == one.pid - 1 and one.visible >= VISIBLE:
                    sure[one.pid - 1].append(frame)
            if errors.has_false_box(frame) and taken.people:
                ghost = box_of(taken.people[0], len(members) + 1)
                ghost["pose_pos"] = np.full((17, 2), -1.0)
                tracks[frame][len(tracks[frame])] = ghost
        container.mux(stream.encode(None))
    return tracks, sure


def box_of(one: PersonInstance, number: int) -> dict[str, Any]:
    """Make a box as in the published tracks, in pixels of the film; -1 -1 for a joint outside the frame."""
    left, top, width, height = (float(value) for value in one.box)
    joints = one.keypoints[:17].astype(np.float64)
    pose = np.where(joints[:, 2:] > 0, joints[:, :2], -1.0)
    return {"id": number, "box_pos": (left, left + width, top, top + height), "pose_pos": pose}


def require_video() -> Any:
    """Import PyAV, or raise InputError that says what to install."""
    try:
        import av
    except ImportError as error:
        raise InputError("av is not installed", "PyAV", "type: pip install 'sameperson[video]'") from error
    return av


MINIATURE = Miniature("dancereid-videos", write, {"condition": "dance", "labels": ()})
