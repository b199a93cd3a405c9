"""DukeMTMC-reID: Market-1501's folders, and names with the camera's frame number."""

from __future__ import annotations

from pathlib import Path

from sameperson.data.miniatures.market1501 import FOLDERS
from sameperson.data.miniatures.miniature import Miniature, Splits, WorldTree
from sameperson.world.pictures.annotations import Row

FRAMES = 100_000
"""Frames a day, more than a walk past a camera has; each outfit counts as another day."""


def duke_name(world: WorldTree, row: Row) -> str:
    """Compose a name such as `0001_c2_f0046182.jpg`: person, camera, frame."""
    day = row.clothes_id % world.plan.outfits
    return f"{row.pid:04d}_c{row.camid + 1}_f{day * FRAMES + row.frame:07d}.jpg"


def write(world: WorldTree, out: Path) -> Splits:
    """Write the three folders."""
    splits = {split: world.split(split) for split in FOLDERS}
    for split, folder in FOLDERS.items():
        for row in splits[split]:
            world.copy(row, out / folder / duke_name(world, row))
    return splits


MINIATURE = Miniature("dukemtmc", write, {"labels": ()})
