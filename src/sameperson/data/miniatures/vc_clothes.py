"""VC-Clothes: four cameras; the second and the third show the same clothes, the fourth shows others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from sameperson.data.miniatures.miniature import Miniature, Splits, WorldTree, running_numbers
from sameperson.world.pictures.annotations import Row

FOLDERS = ("train", "query", "gallery")
WORN = {0: (0, 1), 1: (0,), 2: (0,), 3: (1,)}
"""Camera -> the outfits worn before it."""


def write(world: WorldTree, out: Path) -> Splits:
    """Write three folders; a test person's first picture in each camera and outfit is a query."""
    outfits = world.plan.outfits
    numbers = running_numbers(world.rows)
    splits: dict[str, list[Row]] = {name: [] for name in FOLDERS}
    for row in pictures_by_camera_outfit(world.rows, outfits):
        outfit = row.clothes_id % outfits + 1
        asked = numbers[row] == 1 and (outfit == 1 or world.plan.shots > 1)
        split = "train" if row.split == "train" else "query" if asked else "gallery"
        world.copy(row, out / split / f"{row.pid:04d}-{row.camid + 1:02d}-{outfit:02d}-{numbers[row]:02d}.jpg")
        splits[split].append(replace(row, split=split))
    return splits


def pictures_by_camera_outfit(rows: Iterable[Row], outfits: int) -> list[Row]:
    """Keep the pictures with an outfit that is worn before their camera."""
    return [row for row in rows if row.clothes_id % outfits in WORN[row.camid]]


MINIATURE = Miniature("vc-clothes", write, {"labels": (), "condition": "clothes", "cameras": 4, "outfits": 2})
