"""ISP's tree: Market-1501 and, beside it, the LIP labels of the training pictures."""

from __future__ import annotations

from pathlib import Path

from sameperson.data.miniatures import market1501
from sameperson.data.miniatures.miniature import Miniature, Splits, WorldTree

PGT = "bounding_box_train_parsing_pgt"


def write(world: WorldTree, out: Path) -> Splits:
    """Write Market-1501's three folders and the labels; the world's exact labels replace those of a parser."""
    splits = market1501.write(world, out)
    for row in splits["train"]:
        world.copy(row, (out / PGT / Path(row.path).name).with_suffix(".png"), "parsing")
    return splits


MINIATURE = Miniature("isp", write, {"labels": ("parsing",)})
