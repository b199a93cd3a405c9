"""CCVID (Gu et al., CVPR 2022): tracklets of people who change their clothes.

train.txt, query.txt and gallery.txt have lines `session1/001_01 001 u0_l0_s0_c0_a0`: the folder of a tracklet, the
person, what is worn. The second number of the folder is the camera; session 3 was filmed on its own, so its cameras
count on after the twelve of the others. An outfit is a person's: the same words on another are another's clothes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sameperson.checks import InputError, existing_folder, existing_text
from sameperson.data.dataset import Dataset
from sameperson.data.layout import Layout
from sameperson.data.readers.files import pictures_below
from sameperson.data.readers.listed import stem
from sameperson.types import Samples

LISTS = ("train.txt", "query.txt", "gallery.txt")
EXAMPLE = "`session1/001_01 001 u0_l0_s0_c0_a0`"
LINE = re.compile(
    r"(?P<folder>(?:[\w./-]{1,100}/)?(?P<session>[\w-]{1,50})/(?P<who>\d{1,9})_(?P<camera>\d{1,4}))"
    r"\s+(?P<pid>\d{1,9})\s+(?P<worn>\S+)",
    re.ASCII,
)
LATER, CAMERAS = "session3", 12
"""The session that was filmed by cameras of its own, and how many the others have."""


@dataclass(frozen=True)
class Tracklet:
    """A tracklet, from a line of a list; worn: what the person wears, in the list's words."""

    folder: str
    pid: int
    camid: int
    worn: str


def read_ccvid(root: Path, pattern: str | None = None) -> Dataset:  # noqa: ARG001 - readers share one signature
    """Read the dataset in `root`; `track_id` counts over all lists, `frame` is a picture's place in its tracklet.

    Raises InputError for a missing list, a line of another form, a tracklet without pictures, and for lists that give
    one folder number to two people.
    """
    root = existing_folder(root, f"a CCVID tree with {', '.join(LISTS)}")
    missing = [name for name in LISTS if not (root / name).is_file()]
    if missing:
        raise InputError(f"{root}: no {', no '.join(missing)}", f"the lists {', '.join(LISTS)}", "check data.root")
    known: dict[tuple[str, str], tuple[int, str]] = {}
    lists = [list(_tracklets(root / name, known)) for name in LISTS]
    outfits = sorted({(track.pid, track.worn) for tracks in lists for track in tracks})
    number = {outfit: place for place, outfit in enumerate(outfits)}
    splits, first = [], 0
    for name, tracks in zip(LISTS, lists, strict=True):
        splits.append(_samples(root, root / name, tracks, [number[track.pid, track.worn] for track in tracks], first))
        first += len(tracks)
    train, query, gallery = splits
    return Dataset("ccvid", train, query, gallery, protocol="cross_clothes", tracks=True)


def _tracklets(file: Path, known: dict[tuple[str, str], tuple[int, str]]) -> Iterator[Tracklet]:
    """Read the tracklets that a list names.

    known: session and folder number -> the person they were given to, and the line that did so.
    """
    try:
        lines = existing_text(file, "a list of tracklets").read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise InputError(f"{file}: not UTF-8 text", f"lines like {EXAMPLE}", "save it as UTF-8") from error
    if not any(line.strip() for line in lines):
        raise InputError(f"{file}: no lines", f"lines like {EXAMPLE}", "check which file this is")
    for count, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        match = LINE.fullmatch(line.strip())
        if match is None:
            raise InputError(f"{file}: line {count} is {line.strip()!a}", EXAMPLE, "correct the line")
        where, pid, camera = f"{file}: line {count}", int(match["pid"]), int(match["camera"])
        before, place = known.setdefault((match["session"], match["who"]), (pid, where))
        if before != pid:
            found = f"{where} says person {pid} of {match['folder']}, {place} person {before} of the same number"
            raise InputError(found, "one person a number", "the list is shuffled: get it anew")
        if camera < 1:
            raise InputError(f"{where}: camera {camera} of {match['folder']}", "cameras from 1", "correct the line")
        camid = camera - 1 + (CAMERAS if match["session"] == LATER else 0)
        yield Tracklet(match["folder"], pid, camid, match["worn"])


def _samples(root: Path, file: Path, tracks: Sequence[Tracklet], clothes: Sequence[int], first: int) -> Samples:
    """Return all pictures of some tracklets, which are numbered from `first`."""
    paths: list[str] = []
    count = []
    for track in tracks:
        names = pictures_below(root / track.folder, f"the pictures of a tracklet that {file} lists")
        names.sort(key=_in_order)
        paths += [f"{track.folder}/{name}" for name in names]
        count.append(len(names))
    columns = {
        "pid": [track.pid for track in tracks],
        "camid": [track.camid for track in tracks],
        "clothes_id": clothes,
        "track_id": range(first, first + len(tracks)),
    }
    columns = {name: np.repeat(np.array(column), count) for name, column in columns.items()}
    frame = np.concatenate([np.arange(length) for length in count])
    return Samples.of(paths, columns.pop("pid"), root=root, frame=frame, **columns)


def _in_order(name: str) -> tuple[int, str]:
    """Sort frames by the number that ends their name, whatever the zeros before it."""
    number = re.search(r"\d{1,18}$", stem(name))
    return int(number[0]) if number else 0, name


LAYOUT = Layout(
    name="ccvid",
    title="CCVID",
    read=read_ccvid,
    recognise=lambda path: all((path / name).is_file() for name in LISTS) and (path / "session1").is_dir(),
    clothes=True,
    protocols=("cross_clothes", "same_clothes", "market1501"),
    about="tracklets; a camera is a walk of a session, and clothes are the list's words on one person",
)
