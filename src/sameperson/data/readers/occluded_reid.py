"""Occluded-REID (Zhuo et al., ICME 2018): people behind things, searched for among pictures that show them whole.

    Occluded_REID/occluded_body_images/001/001_01.tif    person, number: the queries
    Occluded_REID/whole_body_images/001/001_01.tif       the gallery

The release names no cameras and has no training pictures. Its authors trained on half of the people; most later work
learns from Market-1501 and asks for all 200, which is what is read here.
"""

from __future__ import annotations

from pathlib import Path

from sameperson.data.dataset import Dataset
from sameperson.data.layout import Counts, Layout
from sameperson.data.readers.named_files import NameForm, looks_like, root_of, samples_in_folder
from sameperson.types import Samples

RELEASE = "Occluded_REID"
FOLDERS = ("occluded_body_images", "whole_body_images")
"""Of the queries and of the gallery."""
PARTIAL = "partial_body_images"
"""A folder that only Partial-REID has, whose other two are called as these."""
FORM = NameForm("Occluded-REID", r"(?P<pid>\d{1,6})_\d{1,9}", "001/001_01.tif", zero=True)


def read_occluded_reid(root: Path, pattern: str | None = None) -> Dataset:  # noqa: ARG001 - readers share one signature
    """The dataset in `root`, or in the folder of the release inside it."""
    return read_probes(root, "occluded-reid", FOLDERS, FORM, (RELEASE,))


def read_probes(root: Path, name: str, folders: tuple[str, str], form: NameForm, inside: tuple[str, ...]) -> Dataset:
    """A dataset without training pictures and cameras: the queries and the gallery are two folders."""
    root = root_of(root, folders, form, inside)
    query, gallery = (samples_in_folder(root, folder, form) for folder in folders)
    return Dataset(name, Samples.of([], [], root=root), query, gallery, "camera_blind")


def _recognise(path: Path) -> bool:
    places = [place for place in (path, path / RELEASE) if not (place / PARTIAL).is_dir()]
    return any(looks_like(place, FOLDERS, FORM) for place in places)


LAYOUT = Layout(
    name="occluded-reid",
    title="Occluded-REID",
    read=read_occluded_reid,
    recognise=_recognise,
    release={"query": Counts(1000, 200), "gallery": Counts(1000, 200)},
    protocols=("camera_blind",),
    about="every query is occluded and no gallery picture is; no cameras and no training pictures: learn from "
    "another set",
)
