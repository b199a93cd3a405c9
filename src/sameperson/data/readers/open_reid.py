"""The JSON form of open-reid, in which FD-GAN packages Market-1501 and DukeMTMC-reID, and DanceReID in that form.

    images/*.jpg
    poses/<stem>.txt   a joint a line: `row column` of 18 (Market, Duke), `x y` of 17 (DanceReID), -1 for missing
    meta.json          {"identities": files of each person, by camera (open-reid) or in one list (DanceReID)}
    splits.json        [{"trainval": people, "query": people, "gallery": people}, ...], of which the first counts
    video.json         DanceReID: video -> its people

`00000007_0002_00000004.jpg` is person, camera, number; `0007_000151.jpg` of DanceReID is person and frame of the video.
Query and gallery hold all pictures of their people, who keep the numbers of the files; a person 0 who is more than a
distractor becomes `named_files.ZERO` and keeps the name "0".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sameperson.checks import InputError, existing_folder
from sameperson.data.dataset import Dataset
from sameperson.data.layout import Counts, Layout
from sameperson.data.readers.listed import require_pictures, stem, warn_missing
from sameperson.data.readers.named_files import ZERO, first_picture
from sameperson.data.readers.open_reid_json import PARTS, SPLITS, identities_in, people_in, videos_in
from sameperson.types import UNKNOWN, Samples

Row = tuple[str, int, int, int]
"""File, person, camera, frame."""


@dataclass(frozen=True)
class Form:
    """How files are named, as a pattern and an example; by_camera: whether meta.json lists them by camera."""

    names: re.Pattern[str]
    example: str
    by_camera: bool


OPEN_REID = Form(re.compile(r"(\d{1,9})_(\d{1,9})_(\d{1,9})", re.ASCII), "00000007_0002_00000004.jpg", by_camera=True)
DANCE = Form(re.compile(r"(\d{1,9})_(\d{1,9})", re.ASCII), "0007_000151.jpg", by_camera=False)


def read_open_reid(root: Path, pattern: str | None = None) -> Dataset:  # noqa: ARG001 - readers share one signature
    """Read the dataset that meta.json and splits.json in `root` describe.

    Raises InputError for files of another form, for people whom both training and testing name, for a listed picture
    that is missing, and for one listed under another person or camera than its name says.
    """
    train, query, gallery = _samples(root, OPEN_REID, {})
    return Dataset("open-reid", train, query, gallery)


def read_dancereid(root: Path, pattern: str | None = None) -> Dataset:  # noqa: ARG001 - readers share one signature
    """Read DanceReID: `camid` and `frame` are the number of the frame, `track_id` that of the video in video.json.

    Raises InputError as `read_open_reid` does.
    """
    train, query, gallery = _samples(root, DANCE, videos_in(existing_folder(root, "a DanceReID tree") / "video.json"))
    return Dataset("dancereid", train, query, gallery, protocol="dancereid")


def _samples(root: Path, form: Form, videos: Mapping[int, int]) -> list[Samples]:
    """Read the samples of trainval, query and gallery."""
    root = existing_folder(root, "images/, poses/, meta.json and splits.json")
    images, meta = existing_folder(root / "images", "the pictures that meta.json lists"), root / "meta.json"
    identities = identities_in(meta)
    lists = next((root / name for name in SPLITS if (root / name).is_file()), root / SPLITS[0])
    people = people_in(lists, len(identities))
    listed = {pid: list(_rows(meta, identities[pid], pid, form)) for pid in sorted(set().union(*people.values()))}
    require_pictures(images, (name for rows in listed.values() for name, *_ in rows), meta)
    # Market's background is in the gallery alone; a person 0 who is asked for or learned from is a person.
    zero = ZERO if 0 in {*people["trainval"], *people["query"]} else 0
    poses = root / "poses"
    splits = []
    for part in PARTS:
        rows = [row for pid in people[part] for row in listed[pid]]
        splits.append(
            Samples.of(
                [f"images/{name}" for name, *_ in rows],
                [pid or zero for _, pid, _, _ in rows],
                [camid for _, _, camid, _ in rows],
                frame=[frame for *_, frame in rows],
                track_id=[videos.get(pid, UNKNOWN) for _, pid, _, _ in rows],
                root=root,
                priors={"keypoints": poses} if poses.is_dir() else {},
                names={zero: "0"} if zero else {},
            )
        )
    if poses.is_dir():
        warn_missing(splits[0], poses, "pose")
    return splits


def _rows(meta: Path, files: list[Any], pid: int, form: Form) -> Iterator[Row]:
    """Yield the pictures of one person; raises InputError where person or camera is not as in a picture's name."""
    cameras = [[item] if isinstance(item, str) else item for item in files]
    for place, names in enumerate(cameras):
        for name in names:
            match = form.names.fullmatch(stem(name))
            if match is None:
                then = "choose the reader that suits it: open-reid or dancereid"
                raise InputError(f"{meta}: lists {name} as person {pid}", f"names like {form.example}", then)
            who, *_, number = map(int, match.groups())
            camera = int(match[2])
            if who != pid or (form.by_camera and camera != place):
                found = f"{meta}: lists {name} as person {pid}" + (f" in camera {place}" if form.by_camera else "")
                raise InputError(found, "who its name says", "the list is shuffled: write meta.json anew")
            yield name, pid, camera, UNKNOWN if form.by_camera else number


def _recognise(path: Path) -> bool:
    return (
        (path / "meta.json").is_file()
        and any((path / name).is_file() for name in SPLITS)
        and (path / "images").is_dir()
    )


def _recognise_dancereid(path: Path) -> bool:
    if not _recognise(path):
        return False
    first = first_picture(path / "images") or ""
    return (path / "video.json").is_file() or DANCE.names.fullmatch(stem(first)) is not None


LAYOUT = Layout(
    name="open-reid",
    title="open-reid's JSON form",
    read=read_open_reid,
    recognise=_recognise,
    priors=("keypoints",),
    about="query and gallery both hold every picture of the people that splits.json names for them, so that the "
    "figures are not those of the datasets' own queries",
)

DANCEREID = Layout(
    name="dancereid",
    title="DanceReID",
    read=read_dancereid,
    recognise=_recognise_dancereid,
    release={"train": Counts(34754, 71), "query": Counts(19526, 29), "gallery": Counts(19526, 29)},
    protocols=("dancereid",),
    priors=("keypoints",),
    about="down-sampled by 5; a camera is the number of a frame in its video, so that pictures of one moment are never "
    "matched; query and gallery are the same pictures; its published generator trains on test people, "
    "which is where the paper's 31,643 training pictures come from",
)
