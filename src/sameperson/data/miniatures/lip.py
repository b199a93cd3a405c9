"""LIP: pictures without identities, some with several people, and a parsing label for each pixel."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sameperson.data.miniatures.miniature import Miniature, Splits, WorldTree, write_lines
from sameperson.types import JUNK

SPLITS = {"train": "train", "val": "gallery", "test": "query"}
"""Split of LIP -> the world's; the test pictures have no labels."""


def write(world: WorldTree, out: Path) -> Splits:
    """Write the folders of pictures and of segmentations, and the lists of their names."""
    counted = {}
    for part, split in SPLITS.items():
        counted[part] = [replace(row, pid=JUNK) for row in world.split(split)]
        names = []
        for number, row in enumerate(world.split(split)):
            names.append(f"{number + 1}_{row.frame + 400_000}")
            world.copy(row, out / f"{part}_images" / f"{names[-1]}.jpg")
            if part != "test":
                world.copy(row, out / f"{part}_segmentations" / f"{names[-1]}.png", "parsing")
        write_lines(out / f"{part}_id.txt", names)
    return {"train": counted["train"], "val": counted["val"], "query": [], "gallery": []}


MINIATURE = Miniature("lip", write, {"condition": "crowd", "labels": ("parsing",)})
