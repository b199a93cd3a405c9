"""CUHK03 in the new protocol (Zhong et al., CVPR 2017), boxes drawn by hand or found by a detector.

    cuhk03-np/labeled/bounding_box_train/0001_c1_1.png    person, camera, number
    cuhk03-np/detected/...

Each of the two has Market-1501's three folders and is a layout of its own.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from shlex import quote

from sameperson.checks import InputError, existing_folder
from sameperson.data.dataset import Dataset
from sameperson.data.layout import Counts, Layout
from sameperson.data.readers.market1501 import FOLDERS
from sameperson.data.readers.named_files import NameForm, first_picture, looks_like, named_dataset, root_of

LABELED, DETECTED = "labeled", "detected"
RELEASE = "cuhk03-np"
FORM = NameForm("CUHK03-NP", r"(?P<pid>\d{4})_c(?P<camid>[12])_\d{1,4}", "0001_c1_1.png", zero=True)


def read_cuhk03(root: Path, pattern: str | None = None, *, boxes: str) -> Dataset:  # noqa: ARG001 - see readers
    """Read the dataset with one kind of boxes, `labeled` or `detected`, in `root`, which may hold both.

    Raises InputError also where `root` is the folder of the other kind.
    """
    root = existing_folder(root, "a CUHK03-NP tree")
    other = DETECTED if boxes == LABELED else LABELED
    if root.name.lower() == other:
        then = f"set data.reader=cuhk03-{other}, or data.root={quote(str(root.with_name(boxes)))}"
        raise InputError(f"{root}: the {other} boxes", f"the {boxes} ones", then)
    root = root_of(root, FOLDERS, FORM, (boxes, f"{RELEASE}/{boxes}"))
    return named_dataset(f"cuhk03-{boxes}", root, FOLDERS, FORM, "market1501")


def recognise(path: Path, boxes: str) -> bool:
    """Tell whether a path holds boxes of this kind.

    A folder that is named after neither kind may be either, if its pictures are PNG files.
    """
    places = [path / boxes, path / RELEASE / boxes]
    name = path.name.lower()
    if name == boxes or (name not in (LABELED, DETECTED) and _of_png(path / FOLDERS[0])):
        places.append(path)
    return any(looks_like(place, FOLDERS, FORM) for place in places)


def _of_png(folder: Path) -> bool:
    first = first_picture(folder) if folder.is_dir() else None
    return first is not None and first.lower().endswith(".png")


def _layout(boxes: str, gallery: Counts, train: Counts, about: str) -> Layout:
    return Layout(
        name=f"cuhk03-{boxes}",
        title=f"CUHK03-NP, {boxes}",
        read=partial(read_cuhk03, boxes=boxes),
        recognise=partial(recognise, boxes=boxes),
        release={"train": train, "query": Counts(1400, 700), "gallery": gallery},
        cameras=2,
        protocols=("market1501", "cuhk03_single_shot"),
        about=about,
    )


LAYOUT = _layout(
    LABELED, Counts(5328, 700), Counts(7368, 767), "boxes drawn by hand; the release learns 767 people and asks for 700"
)
DETECTED_LAYOUT = _layout(DETECTED, Counts(5332, 700), Counts(7365, 767), "boxes that a detector found, the harder set")
