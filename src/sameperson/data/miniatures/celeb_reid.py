"""Celeb-reID and Celeb-reID-light: names with three numbers, of which the second only looks like a camera."""

from __future__ import annotations

from pathlib import Path

from sameperson.data.miniatures.miniature import Miniature, Splits, WorldTree

FOLDERS = ("train", "query", "gallery")


def write(world: WorldTree, out: Path) -> Splits:
    """Write three folders; the second number is the world's camera, the third counts a person's pictures."""
    seen: dict[int, int] = {}
    for row in world.rows:
        number = seen[row.pid] = seen.get(row.pid, -1) + 1
        world.copy(row, out / row.split / f"{row.pid}_{row.camid + 1}_{number}.jpg")
    return {split: world.split(split) for split in FOLDERS}


NEEDS = {"labels": (), "condition": "clothes", "outfits": 2}
MINIATURE = Miniature("celeb-reid", write, NEEDS)
LIGHT_MINIATURE = Miniature("celeb-reid-light", write, NEEDS)
