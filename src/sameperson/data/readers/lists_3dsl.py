"""3DSL's lists (Chen et al., CVPR 2021) of any dataset, with poses and masks beside the pictures.

list/train.txt, list/query.txt, list/gallery.txt   `image_path pid camid`, paths relative to the folder above list/
pose/   AlphaPose's JSON: one file, or one for each list (train.json, ...)
mask/   a PNG of the same name for each picture, zero for the background
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sameperson.checks import InputError, existing_folder
from sameperson.data.dataset import Dataset
from sameperson.data.layout import Layout
from sameperson.data.readers.list_file import read_list
from sameperson.data.readers.listed import require_consistent, require_pictures, warn_missing

WANTED = "list/train.txt, list/query.txt and list/gallery.txt"


def read_3dsl(root: Path, pattern: str | None = None) -> Dataset:
    """Read the dataset that the lists in `root`/list name.

    Raises InputError for a missing list or picture, a line of another form, and for a list whose people contradict
    the names of its files.
    """
    root = existing_folder(root, f"a folder with {WANTED}")
    missing = [name for name in ("train", "query", "gallery") if not (root / "list" / f"{name}.txt").is_file()]
    if missing:
        found = f"{root}: no {', no '.join(f'list/{name}.txt' for name in missing)}"
        raise InputError(found, WANTED, "write the lists, or set data.reader=list")
    dataset = read_checked_list(root, pattern)
    splits = dataset.splits()
    for name, samples in splits.items():
        places = {"keypoints": pose_file(root / "pose", name), "mask": root / "mask"}
        priors = {prior: place for prior, place in places.items() if place.exists()}
        splits[name] = replace(samples, priors={**samples.priors, **priors})
    if (root / "mask").is_dir():
        warn_missing(splits["train"], root / "mask", "mask")
    return replace(dataset, name="lists-3dsl", **splits)


def read_checked_list(root: Path, pattern: str | None = None) -> Dataset:
    """Read a folder's lists as `list_file.read_list` does, and check each line against the files and their names."""
    dataset = read_list(root, pattern)
    place = root / "list" if (root / "list").is_dir() else root
    for name, samples in dataset.splits().items():
        source = place / f"{name}.txt"
        if source.is_file():
            paths = samples.path.tolist()
            require_pictures(root, paths, source)
            require_consistent(source, paths, samples.pid.tolist())
    return dataset


def pose_file(folder: Path, split: str) -> Path:
    """Find the poses of a split: the split's own file, the only file, or the folder itself."""
    own = folder / f"{split}.json"
    files = sorted(folder.glob("*.json"))
    return own if own.is_file() else files[0] if len(files) == 1 else folder


LAYOUT = Layout(
    name="lists-3dsl",
    title="3DSL's lists",
    read=read_3dsl,
    recognise=lambda path: (
        (path / "list" / "train.txt").is_file() and any((path / name).is_dir() for name in ("pose", "mask"))
    ),
    protocols=("market1501", "camera_blind"),
    priors=("keypoints", "mask"),
    about="lists of any dataset; poses and masks are only needed of the training pictures",
)
