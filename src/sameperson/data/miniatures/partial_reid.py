"""Partial-REID: test people alone, what is to be seen of hidden ones, the hidden ones themselves, and whole ones."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from sameperson.data.miniatures.miniature import JPEG_QUALITY, Miniature, Splits, WorldTree
from sameperson.data.miniatures.occluded_reid import numbered

PARTS, OCCLUDED, WHOLE = "partial_body_images", "occluded_body_images", "whole_body_images"
SHOWN = 0.6
"""What a partial picture keeps of the height, from the top: things hide legs first."""


def write(world: WorldTree, out: Path) -> Splits:
    """Three folders, of which the layout says which one asks; those who would be learned from are left out."""
    asked, whole = list(numbered(world.split("query"))), list(numbered(world.split("gallery")))
    for number, row in asked:
        name = f"{row.pid:03d}_{number:03d}.jpg"
        world.copy(row, out / OCCLUDED / name)
        cut(out / OCCLUDED / name, out / PARTS / name)
    for number, row in whole:
        world.copy(row, out / WHOLE / f"{row.pid:03d}_{number:03d}.jpg")
    return {"train": [], "query": [row for _, row in asked], "gallery": [row for _, row in whole]}


def cut(picture: Path, to: Path) -> None:
    """The upper part of a picture."""
    to.parent.mkdir(parents=True, exist_ok=True)
    with Image.open(picture) as image:
        image.crop((0, 0, image.width, round(SHOWN * image.height))).save(to, quality=JPEG_QUALITY)


NEEDS = {"labels": (), "condition": "occluded"}
MINIATURE = Miniature("partial-reid", write, NEEDS)
OCCLUDED_MINIATURE = Miniature("partial-reid-occluded", write, NEEDS)
