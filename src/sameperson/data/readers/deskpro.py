"""DeskPro's layout (Wu et al., ICIP 2022) of Celeb-reID, Celeb-reID-light and PRCC: pictures with three priors.

`imgs/`, `lr_face/` (the face as it was cut out), `hr_face/` (the same, restored) and `mask/` (large where clothes are
not, channel 0) each hold bounding_box_train, query and bounding_box_test with the same file names. Names are
`12_c3_45.jpg` (celeb, prcc) or `12_3_45.jpg` (celeb-light): person, camera, number.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import numpy as np

from sameperson.checks import InputError, existing_folder, walk
from sameperson.data.dataset import Dataset
from sameperson.data.layout import Layout
from sameperson.data.readers.listed import stem
from sameperson.data.readers.named_files import NameForm, first_picture, root_of, samples_in_folder
from sameperson.types import Samples

log = logging.getLogger(__name__)
FOLDERS = ("bounding_box_train", "query", "bounding_box_test")
PRIORS = {"face": "lr_face", "face_restored": "hr_face", "irrelevant": "mask"}
PATTERN = r"(?P<pid>\d{1,9})_C(?P<camid>\d{1,4})_(?P<frame>\d{1,9})"
FORM = NameForm("DeskPro's celeb or prcc", PATTERN.replace("C", "c"), "12_c3_45.jpg", zero=True)
LIGHT = NameForm("DeskPro's celeb-light", PATTERN.replace("C", ""), "12_3_45.jpg", zero=True)


def read_deskpro(root: Path, pattern: str | None = None) -> Dataset:  # noqa: ARG001 - readers share one signature
    """Read the dataset in `root`; training pictures that lack a prior are left out, and a warning counts them.

    Raises InputError for a missing folder, a name of neither form, and where no training picture has all its priors.
    """
    root = existing_folder(root, f"imgs/, {', '.join(f'{name}/' for name in PRIORS.values())}")
    images = root_of(existing_folder(root / "imgs", "the pictures"), FOLDERS, FORM)
    form = LIGHT if LIGHT.fits(first_picture(images / FOLDERS[0]) or "") else FORM
    splits = [samples_in_folder(images, folder, form) for folder in FOLDERS]
    if any((samples.camid < 0).any() for samples in splits):  # they count from 0 here
        splits = [replace(samples, camid=samples.camid + np.int32(1)) for samples in splits]
    priors = {prior: root / name for prior, name in PRIORS.items() if (root / name).is_dir()}
    train, query, gallery = (replace(samples, priors=priors) for samples in splits)
    protocol = "celeb_reid" if "celeb" in root.name.lower() else "market1501"
    return Dataset("deskpro", with_all_priors(train, root), query, gallery, protocol)


def with_all_priors(train: Samples, root: Path) -> Samples:
    """Keep the training pictures that have every prior, since the method learns from no others."""
    names = [stem(path) for path in train.path.tolist()]
    complete = np.ones(len(train), bool)
    for prior in PRIORS.values():
        folder = root / prior / FOLDERS[0]
        have = {stem(name) for _, _, files in walk(folder) for name in files}
        here = np.array([name in have for name in names])
        if not here.any():
            expected = f"a picture in {prior}/{FOLDERS[0]} for each in imgs/{FOLDERS[0]}, of the same name"
            then = "put them there, or read imgs/ itself with data.reader=market1501"
            raise InputError(f"{folder}: nothing of the training pictures", expected, then)
        complete &= here
    if not complete.any():
        expected = "some training pictures with all of them"
        found = f"{root}: no picture of imgs/{FOLDERS[0]} is in {', '.join(PRIORS.values())} alike"
        raise InputError(found, expected, "compare the file names")
    if not complete.all():
        lacking = np.flatnonzero(~complete)
        first = root / "imgs" / str(train.path[lacking[0]])
        what = ", ".join(PRIORS.values())
        log.warning("%s of %s training pictures lack one of %s, left out: %s", len(lacking), len(complete), what, first)
    return train.take(complete)


LAYOUT = Layout(
    name="deskpro",
    title="DeskPro's folders",
    read=read_deskpro,
    recognise=lambda path: all((path / "imgs" / name).is_dir() for name in FOLDERS),
    protocols=("celeb_reid", "market1501", "camera_blind"),
    priors=tuple(PRIORS),
    about="training pictures without a face, its restoration or a mask are left out, as the method does; test pictures "
    "stay; the cameras of celeb and celeb-light are none",
)
