"""Market-1501 (Zheng et al., ICCV 2015) and trees in its form.

`0002_c1s1_000451_03.jpg` is person, camera, sequence, frame, box. Beside the pictures there may lie what
`sameperson world make` writes: `labels.csv` (clothes_id, track_id, frame by path) and priors (`priors.locations`). The
frame number in the name starts anew in each sequence, so it is not read as `frame`.
"""

from __future__ import annotations

from pathlib import Path

from sameperson.data.dataset import Dataset
from sameperson.data.layout import Counts, Layout
from sameperson.data.readers.label_table import labels_beside
from sameperson.data.readers.named_files import CAMERA, NameForm, root_of, samples_in_folder

FOLDERS = ("bounding_box_train", "query", "bounding_box_test")
RELEASE = "Market-1501-v15.09.15"
FORM = NameForm("Market-1501", rf"(?P<pid>-1|\d{{1,9}})_c{CAMERA}(s\d+)?(_f?\d+)+", "0002_c1s1_000451_03.jpg")


def read_market1501(root: Path, pattern: str | None = None) -> Dataset:  # noqa: ARG001 - readers share one signature
    """Read the dataset in `root`, or in the folder of the official release inside it.

    Junk (-1) and distractors (0) stay in the gallery, as published; scoring leaves them out.
    """
    root = root_of(root, FOLDERS, FORM, (RELEASE,))
    labels = labels_beside(root)
    train, query, gallery = (samples_in_folder(root, folder, FORM, labels) for folder in FOLDERS)
    return Dataset("market1501", train, query, gallery)


def market_name(path: str) -> tuple[int, int] | None:
    """Read pid and camid (from 0) from a file's name; None where it is not of Market's form.

    >>> market_name("query/0002_c1s1_000451_03.jpg")
    (2, 0)
    """
    match = FORM.matches.fullmatch(path)
    return match and (int(match["pid"]), int(match["camid"]) - 1)


def in_market_form(path: Path) -> bool:
    """Tell whether a path, or the release's folder inside it, holds Market-1501's three folders."""
    return any(all((root / name).is_dir() for name in FOLDERS) for root in (path, path / RELEASE))


LAYOUT = Layout(
    name="market1501",
    title="Market-1501",
    read=read_market1501,
    recognise=in_market_form,
    release={"train": Counts(12936, 751), "query": Counts(3368, 750), "gallery": Counts(19732, 750)},
    cameras=6,
    about="junk (-1) and distractors (0) stay in the gallery's files; junk is dropped before scoring",
)
