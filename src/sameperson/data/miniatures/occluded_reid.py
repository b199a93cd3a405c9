"""Occluded-REID: test people alone, hidden ones in one folder and whole ones in another, a folder a person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from sameperson.checks import PICTURES
from sameperson.data.miniatures.miniature import Miniature, Splits, WorldTree
from sameperson.world.pictures.annotations import Row

FOLDERS = {"query": "occluded_body_images", "gallery": "whole_body_images"}
SUFFIX = ".tif" if ".tif" in PICTURES else ".png"
"""TIFF as in the release, where it is read."""


def write(world: WorldTree, out: Path) -> Splits:
    """Two folders; those who would be learned from are left out."""
    splits = {split: world.split(split) for split in FOLDERS}
    for split, folder in FOLDERS.items():
        for number, row in numbered(splits[split]):
            world.copy(row, out / folder / f"{row.pid:03d}" / f"{row.pid:03d}_{number:02d}{SUFFIX}")
    return {"train": [], **splits}


def numbered(rows: Iterable[Row]) -> Iterator[tuple[int, Row]]:
    """Each picture with its running number (from 1) among those of its person."""
    seen: dict[int, int] = {}
    for row in rows:
        number = seen[row.pid] = seen.get(row.pid, 0) + 1
        yield number, row


MINIATURE = Miniature("occluded-reid", write, {"labels": (), "condition": "occluded"})
