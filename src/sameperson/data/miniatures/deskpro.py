"""DeskPro's copy of Celeb-reID: pictures, faces in low and restored resolution, and cloth-irrelevant masks."""

from __future__ import annotations

from pathlib import Path

from sameperson.checks import InputError
from sameperson.data.miniatures.miniature import Miniature, Splits, WorldTree
from sameperson.world.plan import SPLITS

KINDS = {"imgs": "", "lr_face": "lr_face", "hr_face": "hr_face", "mask": "irrelevant"}
"""Folder of the tree -> the world's name of it."""


def write(world: WorldTree, out: Path) -> Splits:
    """Write four folders of three each, with the same names in all; faces only where one is visible."""
    for number, row in enumerate(world.rows):
        folder = Path(row.path).parent.name
        for kind, drawn in KINDS.items():
            (out / kind / folder).mkdir(parents=True, exist_ok=True)
            world.copy(row, out / kind / folder / f"{row.pid}_c{row.camid + 1}_{number}.jpg", drawn)
    splits = {name: world.split(name) for name in SPLITS.values()}
    with_face = [row for row in splits["train"] if (world.root / "lr_face" / row.path).exists()]
    if not with_face:
        height, width = world.plan.size
        found = f"--size {height}x{width}: no face to be seen on any training picture"
        raise InputError(found, "pictures that show faces", "raise --size or --people")
    return {**splits, "train": with_face}  # the method learns from no others


MINIATURE = Miniature("deskpro", write, {"condition": "clothes", "outfits": 2, "labels": ("faces", "irrelevant")})
