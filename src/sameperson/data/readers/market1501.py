"""Market-1501 (Zheng et al., ICCV 2015) and trees in its form.

`0002_c1s1_000451_03.jpg` is person, camera, sequence, frame, box. Beside the pictures there may lie, as
`sameperson world make` writes them: `labels.csv` (clothes_id, track_id, frame by path), `keypoints/<folder>.json`,
`parsing/<folder>/*.png` and `masks/<folder>/*.png`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from sameperson.checks import InputError, existing_folder
from sameperson.data.dataset import Dataset
from sameperson.data.layout import Counts, Layout
from sameperson.data.readers.csv_table import csv_table
from sameperson.data.readers.files import pictures_below
from sameperson.types import UNKNOWN, Samples

FOLDERS = ("bounding_box_train", "query", "bounding_box_test")
RELEASE = "Market-1501-v15.09.15"
NAME = re.compile(r"(?P<pid>-1|\d{1,9})_c(?P<camid>\d{1,9})(s\d+)?(_f?\d+)+")
MORE = ("clothes_id", "track_id", "frame")
PRIORS = {"keypoints": "keypoints/{}.json", "parsing": "parsing/{}", "mask": "masks/{}"}


def read_market1501(root: Path, pattern: str | None = None) -> Dataset:  # noqa: ARG001 - readers share one signature
    """The dataset in `root`, or in the folder of the official release inside it.

    Junk (-1) and distractors (0) stay in the gallery, as published; scoring leaves them out.
    """
    root = existing_folder(root, "a Market-1501 tree")
    root = root / RELEASE if (root / RELEASE).is_dir() else root
    missing = [name for name in FOLDERS if not (root / name).is_dir()]
    if missing:
        expected = f"the folders {', '.join(FOLDERS)}"
        raise InputError(f"{root}: no {', no '.join(missing)}", expected, "check data.root, or set data.reader=folder")
    more = _more(root / "labels.csv")
    train, query, gallery = (_read(root, folder, more) for folder in FOLDERS)
    return Dataset("market1501", train, query, gallery)


def market_name(path: str) -> tuple[int, int] | None:
    """pid and camid (from 0) that a file's name says, or None where it is not of Market's form.

    >>> market_name("query/0002_c1s1_000451_03.jpg")
    (2, 0)
    """
    match = NAME.fullmatch(Path(path).stem)
    return match and (int(match["pid"]), int(match["camid"]) - 1)


def _read(root: Path, folder: str, more: Mapping[str, list[int]]) -> Samples:
    paths = [f"{folder}/{name}" for name in pictures_below(root / folder)]
    who = []
    for path in paths:
        name = market_name(path)
        if name is None:
            expected = "a name like 0002_c1s1_000451_03.jpg"
            raise InputError(f"{root / path}: not of Market-1501", expected, "rename it, or set data.reader=folder")
        who.append(name)
    pid, camid = zip(*who, strict=True)
    unknown = [UNKNOWN] * len(MORE)
    columns = dict(zip(MORE, zip(*(more.get(path, unknown) for path in paths), strict=True), strict=True))
    beside = {prior: root / form.format(folder) for prior, form in PRIORS.items()}
    priors = {prior: place for prior, place in beside.items() if place.exists()}
    return Samples.of(paths, pid, camid, root=root, priors=priors, **columns)


def _more(file: Path) -> Mapping[str, list[int]]:
    """Path -> clothes_id, track_id, frame, from the table beside the pictures if there is one."""
    if not file.exists():
        return {}
    table = csv_table(file, ("path",))
    unknown = [""] * len(table["path"])
    rows = zip(table["path"], *(table.get(name, unknown) for name in MORE), strict=True)
    try:
        return {path: [int(cell) if cell else UNKNOWN for cell in cells] for path, *cells in rows}
    except ValueError as error:
        raise InputError(
            f"{file}: {error}", f"numbers as {', '.join(MORE)}", "write it anew or move it away"
        ) from error


LAYOUT = Layout(
    name="market1501",
    title="Market-1501",
    read=read_market1501,
    recognise=lambda path: any(all((root / name).is_dir() for name in FOLDERS) for root in (path, path / RELEASE)),
    release={"train": Counts(12936, 751), "query": Counts(3368, 750), "gallery": Counts(19732, 750)},
    cameras=6,
    about="junk (-1) and distractors (0) stay in the gallery's files; junk is dropped before scoring",
)
