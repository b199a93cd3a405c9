"""PRCC (Yang et al., TPAMI 2019): people whom cameras A and B see in the same clothes and C in others.

    prcc/rgb/train/001/A_cropped_rgb001.jpg      person, camera, number
    prcc/rgb/test/A/005/cropped_rgb001.jpg       camera, person, number

The gallery is camera A; queries are of B, in the gallery's clothes, and of C, in others: the protocol says which count.
The `val` folder shows the training people again, so it cannot serve for validation and is not read.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sameperson.data.dataset import Dataset
from sameperson.data.layout import Counts, Layout
from sameperson.data.readers.files import pictures_below
from sameperson.data.readers.named_files import (
    NameForm,
    clothes_ids,
    looks_like,
    read_names,
    renamed_people,
    root_of,
    sample_columns,
)
from sameperson.priors.locations import find_priors
from sameperson.types import Samples, strings

CAMERAS = "ABC"
OTHER_CLOTHES = CAMERAS.index("C")
TRAIN, TEST = "rgb/train", "rgb/test"
TESTS = tuple(f"{TEST}/{camera}" for camera in CAMERAS)
RELEASE = "prcc"
PEOPLE = r"(?P<pid>\d{1,6})"
TRAIN_FORM = NameForm(
    "PRCC", rf"{PEOPLE}/[ABC]_cropped_rgb(?P<frame>\d{{1,9}})", "001/A_cropped_rgb001.jpg", below=True, zero=True
)
TEST_FORM = NameForm(
    "PRCC", rf"[ABC]/{PEOPLE}/cropped_rgb(?P<frame>\d{{1,9}})", "A/005/cropped_rgb001.jpg", below=True, zero=True
)


def read_prcc(root: Path, pattern: str | None = None) -> Dataset:  # noqa: ARG001 - readers share one signature
    """Read the dataset in `root`, or in the folder `prcc` inside it."""
    root = root_of(root, (TRAIN, *TESTS), TRAIN_FORM, (RELEASE,))
    names = pictures_below(root / TRAIN)
    train = _samples(root, TRAIN, names, TRAIN_FORM, [name.rpartition("/")[2][:1] for name in names])
    names = [f"{camera}/{name}" for camera in CAMERAS for name in pictures_below(root / TEST / camera)]
    test = _samples(root, TEST, names, TEST_FORM, [name[0] for name in names])
    return Dataset("prcc", train, test.take(test.camid > 0), test.take(test.camid == 0), "prcc_cross")


def _samples(root: Path, folder: str, names: list[str], form: NameForm, cameras: list[str]) -> Samples:
    columns = sample_columns(read_names(names, form, root / folder), form)
    camid = np.fromiter(map(CAMERAS.index, cameras), np.int32, len(cameras))
    pid = columns["pid"]
    return Samples.of(
        np.strings.add(strings(f"{folder}/"), strings(names)),
        pid,
        camid,
        clothes_id=clothes_ids(pid, (camid == OTHER_CLOTHES).astype(np.int64)),
        frame=columns["frame"],
        root=root,
        priors=find_priors(root, folder),
        names=renamed_people(form),
    )


LAYOUT = Layout(
    name="prcc",
    title="PRCC",
    read=read_prcc,
    recognise=lambda path: looks_like(path, (TRAIN, *TESTS), TRAIN_FORM, (RELEASE,)),
    release={"train": Counts(17896, 150), "query": Counts(3873 + 3543), "gallery": Counts(3384, 71)},
    cameras=3,
    clothes=True,
    protocols=("prcc_cross", "prcc_same", "prcc_cross_single_shot", "prcc_same_single_shot"),
    about="queries are cameras B (same clothes) and C (others) together; the protocol says which of them count",
)
