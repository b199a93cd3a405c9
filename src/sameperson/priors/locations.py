"""Where priors lie beside pictures: the places that every reader looks in, and that `sameperson priors make` fills."""

from __future__ import annotations

import os
from pathlib import Path

from sameperson.priors.load import PRIORS
from sameperson.priors.maps import ENDINGS

FOLDERS = frozenset(name for kind in PRIORS.values() for name in kind.folders)
"""Folders that are not read as pictures, though some hold PNG or JPEG files."""
NOT_PICTURES = FOLDERS | {"parts", "amodal", "instances", "everybody", "depth"}
"""The same, and the folders that the world writes beside its pictures and no method reads."""
HEAD = 8192
"""Bytes of a JSON file that tell its form."""


def find_priors(root: Path, folder: str | None = None) -> dict[str, Path]:
    """Find the priors that lie in `root` for all pictures below it, or for those in a folder of it.

    `keypoints/query.json`, `keypoints/query/` and `parsing/query/` are of the folder `query`. `keypoints.json`, and a
    folder such as `parsing/` whose files lie in it side by side, are of all pictures.
    """
    found = {prior: _place(root, kind.folders, folder) for prior, kind in PRIORS.items()}
    return {prior: place for prior, place in found.items() if place is not None}


def find_priors_of_pictures(root: Path) -> dict[str, Path]:
    """Find the priors of the pictures in a folder: those that lie in it, else those that lie beside it.

    `people/query/masks/` and `people/masks/query/` both are of the pictures in `people/query`.
    """
    root = Path(os.path.abspath(root))  # noqa: PTH100 - resolve() would follow links away from what lies beside
    return {**find_priors(root.parent, root.name), **find_priors(root)}


def _place(root: Path, names: tuple[str, ...], folder: str | None) -> Path | None:
    for name in names:
        shared_folder, shared_file = root / name, root / f"{name}.json"
        own = [] if folder is None else [root / name / f"{folder}.json", root / name / folder]
        for place in own:
            if place.exists():
                return place
        if shared_file.is_file():
            return shared_file
        if shared_folder.is_dir() and (folder is None or _one_a_picture(shared_folder)):
            return shared_folder
    return None


def _one_a_picture(folder: Path) -> bool:
    """Tell whether a folder's own files are of one picture each, so that it is not divided like the pictures."""
    with os.scandir(folder) as entries:
        first = next((entry.name for entry in entries if entry.is_file() and entry.name[0] != "."), "")
    return first.lower().endswith((*ENDINGS, ".txt", "_keypoints.json")) or _of_mmpose(folder / first)


def _of_mmpose(file: Path) -> bool:
    """Tell by its start whether a file is MMPose's of one picture; a file of bodies by name has image_id there."""
    if file.suffix.lower() != ".json":
        return False
    with file.open("rb") as opened:
        start = opened.read(HEAD)
    return b'"image_id"' not in start and (b'"keypoint_scores"' in start or b'"meta_info"' in start)
