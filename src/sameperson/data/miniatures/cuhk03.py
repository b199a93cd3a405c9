"""CUHK03-NP: two cameras, PNG, every picture both in a hand-drawn and in a detected box."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PIL import Image

from sameperson.data.miniatures.market1501 import FOLDERS
from sameperson.data.miniatures.miniature import Miniature, Splits, WorldTree

LABELED, DETECTED = "labeled", "detected"
CUT = 16
"""A detected box lacks 1 / CUT of the picture at the top and at the left."""


def write(world: WorldTree, out: Path, boxes: str) -> Splits:
    """Write both trees, of which one kind of boxes counts; the detector missed the last training picture."""
    splits = {split: world.split(split) for split in FOLDERS}
    seen: dict[tuple[int, int], int] = {}
    for split, folder in FOLDERS.items():
        for row in splits[split]:
            key = row.pid, row.camid
            number = seen[key] = seen.get(key, 0) + 1
            name = f"{row.pid:04d}_c{row.camid + 1}_{number}.png"
            world.copy(row, out / LABELED / folder / name)
            if row != splits["train"][-1]:
                crop_like_detector(out / LABELED / folder / name, out / DETECTED / folder / name)
    return {**splits, "train": splits["train"][:-1]} if boxes == DETECTED else splits


def crop_like_detector(picture: Path, to: Path) -> None:
    """Crop a picture as a less exact detector does."""
    to.parent.mkdir(parents=True, exist_ok=True)
    with Image.open(picture) as image:
        width, height = image.size
        image.crop((width // CUT, height // CUT, width, height)).save(to)


NEEDS = {"labels": (), "cameras": 2}
MINIATURE = Miniature("cuhk03-labeled", partial(write, boxes=LABELED), NEEDS)
DETECTED_MINIATURE = Miniature("cuhk03-detected", partial(write, boxes=DETECTED), NEEDS)
