"""Partial-REID (Zheng et al., ICCV 2015): parts of people, searched for among pictures that show them whole.

    Partial-REID_Dataset/partial_body_images/001_001.jpg     person, number: what the occluded pictures show of them
    Partial-REID_Dataset/occluded_body_images/001_001.jpg    people behind things
    Partial-REID_Dataset/whole_body_images/001_001.jpg       the gallery

Papers ask for the partial pictures or for the occluded ones, so each of the two is a layout of its own. The release
names no cameras and has no training pictures: most work learns from Market-1501.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from sameperson.data.dataset import Dataset
from sameperson.data.layout import Counts, Layout
from sameperson.data.readers.named_files import NameForm, looks_like
from sameperson.data.readers.occluded_reid import read_probes

PARTS, OCCLUDED, WHOLE = "partial_body_images", "occluded_body_images", "whole_body_images"
RELEASES = ("Partial-REID_Dataset", "Partial_REID", "PartialREID")
"""What the release's folder is called, in the release and in what other tools make of it."""
FORM = NameForm("Partial-REID", r"(?P<pid>\d{1,6})_\d{1,9}", "001_001.jpg", zero=True)


def read_partial_reid(root: Path, pattern: str | None = None, *, name: str, queries: str) -> Dataset:  # noqa: ARG001
    """The dataset in `root`, or in the folder of the release inside it; queries: the folder that asks."""
    return read_probes(root, name, (queries, WHOLE), FORM, RELEASES)


def recognise(path: Path, queries: str) -> bool:
    """Whether a path is the release, or holds it. All its folders are called for: Occluded-REID has two of them."""
    first = (queries, *(name for name in (PARTS, WHOLE) if name != queries))
    return looks_like(path, first, FORM, RELEASES)


def _layout(name: str, title: str, queries: str, about: str) -> Layout:
    return Layout(
        name=name,
        title=title,
        read=partial(read_partial_reid, name=name, queries=queries),
        recognise=partial(recognise, queries=queries),
        release={"query": Counts(300, 60), "gallery": Counts(300, 60)},
        protocols=("camera_blind",),
        about=f"{about}; no cameras and no training pictures: learn from another set",
    )


LAYOUT = _layout("partial-reid", "Partial-REID", PARTS, "queries are parts of people, cut out by hand")
OCCLUDED_LAYOUT = _layout(
    "partial-reid-occluded", "Partial-REID, occluded", OCCLUDED, "queries are people behind things, not cut"
)
