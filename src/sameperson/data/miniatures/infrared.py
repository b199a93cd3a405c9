"""Infrared pictures of a miniature: the world's pictures without their colours, in one channel."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from sameperson.data.miniatures.miniature import JPEG_QUALITY, WorldTree
from sameperson.world.pictures.annotations import Row


def copy_infrared(world: WorldTree, row: Row, to: Path) -> None:
    """The picture of a row without its colours, as one channel, at a path of the new tree."""
    to.parent.mkdir(parents=True, exist_ok=True)
    with Image.open(world.root / row.path) as picture:
        picture.convert("L").save(to, quality=JPEG_QUALITY)
