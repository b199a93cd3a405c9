"""List-based layouts: plain lists, 3DSL's with poses and masks, and FGPR, whose people dress alike in groups."""

from __future__ import annotations

from pathlib import Path

from sameperson.data.miniatures.miniature import Miniature, Splits, WorldTree, write_lines
from sameperson.world.pictures.annotations import Row, write_entries

PARTS = ("train", "query", "gallery")


def write_lists(world: WorldTree, out: Path, place: Path = Path()) -> Splits:
    """Write the pictures into one folder, and three lists of them into `place` below `out`; cameras count from 0."""
    splits = {part: world.split(part) for part in PARTS}
    for part, rows in splits.items():
        for row in rows:
            world.copy(row, out / picture(row))
        write_lines(out / place / f"{part}.txt", (f"{picture(row)} {row.pid} {row.camid}" for row in rows))
    return splits


def picture(row: Row) -> str:
    """The path of a picture in the tree."""
    return f"images/{Path(row.path).name}"


def write_3dsl(world: WorldTree, out: Path) -> Splits:
    """Write lists in list/, the AlphaPose file of the training pictures in pose/, and their masks in mask/."""
    splits = write_lists(world, out, Path("list"))
    entries = world.entries("keypoints")
    write_entries(out / "pose" / "alphapose-results.json", [entries[row.path] for row in splits["train"]])
    for row in splits["train"]:
        world.copy(row, (out / "mask" / Path(row.path).name).with_suffix(".png"), "masks")
    return splits


LIST = Miniature("list", write_lists, {"labels": ()})
FGPR = Miniature("fgpr", write_lists, {"condition": "twins", "labels": ()})
LISTS_3DSL = Miniature("lists-3dsl", write_3dsl, {"labels": ("keypoints", "masks")})
