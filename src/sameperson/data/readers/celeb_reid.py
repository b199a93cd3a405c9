"""Celeb-reID and its light half (Huang et al., IJCNN 2019): celebrities in pictures of street photographers.

    Celeb-reID/{train,query,gallery}/1_2_0.jpg    person, b, c

What b and c mean is not published. Other tools take b for a camera and c for a frame, and so does `camid` here. But b
is no camera, and a protocol that leaves out the pictures of "the same camera" may leave a query without a match. The
protocol celeb_reid leaves them out only if every query keeps a match, and the reader warns of queries that would lose
theirs. Clothes are not labelled; few people wear the same twice.
"""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path

from sameperson.data.dataset import Dataset
from sameperson.data.layout import Counts, Layout
from sameperson.data.readers.named_files import NameForm, looks_like, named_dataset, root_of
from sameperson.types import Samples

log = logging.getLogger(__name__)
FOLDERS = ("train", "query", "gallery")
WHOLE, LIGHT = "Celeb-reID", "Celeb-reID-light"
NAMES = r"(?P<pid>\d{1,6})_(?P<camid>\d{1,9})_(?P<frame>\d{1,9})"
EXAMPLE = "1_2_0.jpg"
FORM = NameForm(WHOLE, NAMES, EXAMPLE, zero=True, first_camera=0)


def read_celeb_reid(root: Path, pattern: str | None = None, *, release: str) -> Dataset:  # noqa: ARG001 - see readers
    """Read the dataset in `root`, or in the folder of that release inside it."""
    form = NameForm(release, NAMES, EXAMPLE, zero=True, first_camera=0)
    root = root_of(root, FOLDERS, form, (release,))
    dataset = named_dataset(release.lower(), root, FOLDERS, form, "celeb_reid")
    lost = lost_queries(dataset.query, dataset.gallery)
    if lost:
        text = "%s: %s of %s queries have nothing to find outside their own `camera`, which is none; use celeb_reid"
        log.warning(text, root, lost, len(dataset.query))
    return dataset


def lost_queries(query: Samples, gallery: Samples) -> int:
    """Count the queries that have matches in the gallery, but only under their own camera."""
    seen = {(int(pid), int(camid)) for pid, camid in zip(gallery.pid, gallery.camid, strict=True)}
    cameras: dict[int, int] = {}
    for pid, _ in seen:
        cameras[pid] = cameras.get(pid, 0) + 1
    pairs = zip(query.pid.tolist(), query.camid.tolist(), strict=True)
    return sum(cameras.get(pid, 0) == 1 and (pid, camid) in seen for pid, camid in pairs)


def recognise(path: Path, release: str) -> bool:
    """Tell whether a path is this release or holds its folder.

    A folder that is not named after the light half may be either release.
    """
    either = release == LIGHT or "light" not in path.name.lower()
    return looks_like(path / release, FOLDERS, FORM) or (either and looks_like(path, FOLDERS, FORM))


def _layout(release: str, train: Counts, query: Counts, gallery: Counts) -> Layout:
    return Layout(
        name=release.lower(),
        title=release,
        read=partial(read_celeb_reid, release=release),
        recognise=partial(recognise, release=release),
        release={"train": train, "query": query, "gallery": gallery},
        protocols=("celeb_reid", "market1501", "camera_blind"),
        about="what is read as a camera is none; clothes change from picture to picture and are not labelled",
    )


LAYOUT = _layout(WHOLE, Counts(20208, 632), Counts(2972, 420), Counts(11006, 420))
LIGHT_LAYOUT = _layout(LIGHT, Counts(9021, 490), Counts(887, 100), Counts(934, 100))
