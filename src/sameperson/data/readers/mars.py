"""MARS (Zheng et al., ECCV 2016): Market-1501 on video, in tracklets.

bbox_train/0065/0065C1T0002F0016.jpg   person, camera, tracklet of the person, frame of the tracklet
bbox_test/, with 00-1 (junk) and 0000 (distractors)
info/train_name.txt, info/test_name.txt   the pictures in the order of their tracklets
info/tracks_train_info.mat, info/tracks_test_info.mat   first and last picture (from 1), person, camera
info/query_IDX.mat   the test tracklets (from 1) that are queries
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sameperson.checks import InputError, existing_folder, existing_text
from sameperson.data.dataset import Dataset
from sameperson.data.layout import Counts, Layout
from sameperson.data.readers.listed import require_pictures
from sameperson.data.readers.matlab import matrix_in
from sameperson.data.readers.named_files import NameForm, read_names
from sameperson.types import Samples

# Junk is written 00-1 in place of four digits: the zeros are skipped, so that the number is -1.
FORM = NameForm(
    "MARS",
    r"(?:00(?=-1))?(?P<pid>-1|\d{4})C(?P<camid>[1-9])T(?P<track_id>\d{4})F(?P<frame>\d{3,9})",
    "0065C1T0002F0016.jpg",
)
FOLDERS = ("bbox_train", "bbox_test", "info")


def read_mars(root: Path, pattern: str | None = None) -> Dataset:  # noqa: ARG001 - readers share one signature
    """Read the dataset in `root`; `track_id` is the number (from 0) of the tracklet in its split's .mat file.

    All test tracklets are the gallery, queries among them: a query's own camera is dropped before scoring, and with it
    the query itself, and without the other queries 140 of them would have no match (guxinqian/TKP issue 6).

    Raises InputError for a missing folder, list or picture, and where names and tracklets contradict each other.
    """
    root = existing_folder(root, "a MARS tree")
    missing = [name for name in FOLDERS if not (root / name).is_dir()]
    if missing:
        found = f"{root}: no {', no '.join(missing)}"
        then = "info/ is published apart from the pictures, in liangzheng06/MARS-evaluation"
        raise InputError(found, f"the folders {', '.join(FOLDERS)}", then)
    train, _ = _read(root, "train")
    gallery, tracks = _read(root, "test")
    file = root / "info" / "query_IDX.mat"
    asked = matrix_in(file, 1).ravel()
    beyond = asked[(asked < 1) | (asked > tracks)]
    if len(beyond):
        raise InputError(f"{file}: query {beyond[0]}", f"tracklets 1 to {tracks}", "both files must be of one release")
    query = gallery.take(np.isin(gallery.track_id, asked - 1))
    return Dataset("mars", train, query, gallery, tracks=True)


def _read(root: Path, part: str) -> tuple[Samples, int]:
    """Read the pictures of a split's tracklets, and how many tracklets there are."""
    listing, info = root / "info" / f"{part}_name.txt", root / "info" / f"tracks_{part}_info.mat"
    try:
        names = existing_text(listing, "the names of the pictures").read_text(encoding="utf-8-sig").split()
    except UnicodeDecodeError as error:
        raise InputError(f"{listing}: not UTF-8 text", f"names like {FORM.example}", "get it anew") from error
    if not names:
        raise InputError(f"{listing}: no lines", f"names like {FORM.example}", "get it anew")
    said = read_names(names, FORM, listing)
    tracks = matrix_in(info, 4)
    rows, track = _pictures_of(info, tracks, len(names))
    for column, what, named in ((2, "person", said["pid"]), (3, "camera", said["camid"])):
        wrong = np.flatnonzero(named[rows] != tracks[track, column])
        if len(wrong):
            row, number = rows[wrong[0]], track[wrong[0]]
            found = f"{info}: tracklet {number + 1} is {what} {tracks[number, column]}, but its picture {row + 1}"
            then = "the list is shuffled: get both files of one release"
            raise InputError(f"{found} in {listing.name} is {names[row]}", f"one {what} a tracklet", then)
    paths = [f"bbox_{part}/{names[row][:4]}/{names[row]}" for row in rows.tolist()]
    require_pictures(root, paths, listing)
    columns = {"track_id": track, "frame": said["frame"][rows]}
    return Samples.of(paths, said["pid"][rows], said["camid"][rows] - 1, root=root, **columns), len(tracks)


def _pictures_of(info: Path, tracks: NDArray[np.int64], count: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the row in the list and the number of the tracklet of every picture of every tracklet, all from 0."""
    first, last = tracks[:, 0], tracks[:, 1]
    wrong = np.flatnonzero((first < 1) | (last < first) | (last > count))
    if len(wrong):
        number = wrong[0]
        found = f"{info}: tracklet {number + 1} has pictures {first[number]} to {last[number]}"
        raise InputError(found, f"pictures 1 to {count}, as many as are listed", "get both files of one release")
    length = last - first + 1
    if length.sum() > count:
        found = f"{info}: tracklets of {length.sum()} pictures in all"
        raise InputError(found, f"each of {count} pictures in one", "get both files of one release")
    track = np.repeat(np.arange(len(tracks)), length)
    within = np.arange(len(track)) - np.repeat(np.cumsum(length) - length, length)
    return first[track] - 1 + within, track


LAYOUT = Layout(
    name="mars",
    title="MARS",
    read=read_mars,
    recognise=lambda path: (path / "bbox_train").is_dir() and (path / "bbox_test").is_dir(),
    release={"train": Counts(509914, 625), "gallery": Counts(681089, 634)},
    cameras=6,
    about="tracklets; the gallery holds the queries too, as in the official evaluation; junk (-1) and distractors (0) "
    "stay in it; info/ is published apart from the pictures",
)
