"""MSMT17 (Wei et al., CVPR 2018), V1 and the V2 with blurred faces, which differ in the names of their folders.

    MSMT17_V1/train/0000/0000_000_01_0303morning_0008_0.jpg    person, number, camera, time, frame, box
    MSMT17_V1/list_{train,val,query,gallery}.txt               `0000/0000_000_01_0303morning_0008_0.jpg 0`

Training and test people are both counted from 0 but are different people, so they get numbers of their own: 10000 and
up in training, 20000 and up in the test. The list of validation pictures shows the training people; they are used for
training too, as in published figures.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from sameperson.checks import InputError, existing_folder
from sameperson.data.dataset import Dataset
from sameperson.data.layout import Counts, Layout
from sameperson.data.readers.listed import require_pictures
from sameperson.data.readers.name_lists import listed_names, require_people
from sameperson.data.readers.named_files import CAMERA, NameForm, looks_like, samples_from_names
from sameperson.types import Samples

VERSIONS = {"MSMT17_V1": ("train", "test"), "MSMT17_V2": ("mask_train_v2", "mask_test_v2")}
LISTS = {"train": ("list_train.txt", "list_val.txt"), "query": ("list_query.txt",), "gallery": ("list_gallery.txt",)}
FORM = NameForm("MSMT17", rf"(?P<pid>\d{{4}})_\d+_{CAMERA}_.+", "0000_000_01_0303morning_0008_0.jpg")
LINE = "`0000/0000_000_01_0303morning_0008_0.jpg 0` on each line"
FIRST = {"train": 10_000, "query": 20_000, "gallery": 20_000}
"""Split -> pid of its person 0."""


def read_msmt17(root: Path, pattern: str | None = None) -> Dataset:  # noqa: ARG001 - readers share one signature
    """Read the dataset in `root`, or in the folder of a version inside it, V1 before V2.

    Raises InputError for a missing folder or list, a listed picture that is not there, and a list whose people are not
    those of the files' names.
    """
    root, folders = _place(root)
    train, query, gallery = (_read(root, folders[split != "train"], split) for split in LISTS)
    return Dataset("msmt17", train, query, gallery, "msmt17")


def _place(root: Path) -> tuple[Path, tuple[str, str]]:
    """Find the folder of a version, and the names of its folders of training and of test people."""
    root = existing_folder(root, "an MSMT17 tree")
    found = next(_places(root), None)
    if found is None:
        kinds = " or ".join(f"{version} with {' and '.join(folders)}" for version, folders in VERSIONS.items())
        place = next((root / name for name in VERSIONS if (root / name).is_dir()), root)
        raise InputError(f"{place}: no such folders", kinds, "check data.root")
    missing = [name for names in LISTS.values() for name in names if not (found[0] / name).is_file()]
    if missing:
        raise InputError(f"{found[0]}: no {', no '.join(missing)}", "the lists of the release", "copy them there")
    return found


def _places(root: Path) -> Iterator[tuple[Path, tuple[str, str]]]:
    for place in (root, *(root / name for name in VERSIONS)):
        for folders in VERSIONS.values():
            if all((place / name).is_dir() for name in folders):
                yield place, folders


def _read(root: Path, folder: str, split: str) -> Samples:
    names: list[str] = []
    for name in LISTS[split]:
        source = root / name
        paths, words = listed_names(source, 2, LINE)
        require_people(paths, words, FORM, source)
        require_pictures(root / folder, paths, source)
        names += paths
    samples = samples_from_names(root, folder, names, FORM)
    people = {int(pid): f"{folder}/{pid:04d}" for pid in np.unique(samples.pid)}
    first = FIRST[split]
    return replace(samples, pid=samples.pid + first, names={pid + first: name for pid, name in people.items()})


def _recognise(path: Path) -> bool:
    return any(looks_like(place, folders, FORM) for place, folders in _places(path))


LAYOUT = Layout(
    name="msmt17",
    title="MSMT17",
    read=read_msmt17,
    recognise=_recognise,
    release={"train": Counts(32621), "query": Counts(11659), "gallery": Counts(82161)},
    cameras=15,
    protocols=("msmt17", "market1501"),
    about="training and test people are both counted from 0, here from 10000 and from 20000; val is learned from too",
)
