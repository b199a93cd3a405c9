"""Market-1501: the layout in which worlds are drawn, with some junk and distractors as in the release."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sameperson.data.miniatures.miniature import Miniature, Splits, WorldTree
from sameperson.world.plan import GALLERY, QUERY, TRAIN

FOLDERS = {"train": TRAIN, "query": QUERY, "gallery": GALLERY}
JUNK, DISTRACTOR = "-1_c", "0000_c"


def write(world: WorldTree, out: Path) -> Splits:
    """Write three folders; the gallery also has the first training person as a distractor and the second as junk."""
    splits = {split: world.split(split) for split in FOLDERS}
    for split, folder in FOLDERS.items():
        for row in splits[split]:
            world.copy(row, out / folder / Path(row.path).name)
    strangers = []
    for stand_in, pid, start in ((1, 0, DISTRACTOR), (2, -1, JUNK)):
        for row in (row for row in splits["train"] if row.pid == stand_in):
            name = start + Path(row.path).name.split("_c", 1)[1]
            world.copy(row, out / GALLERY / name)
            strangers.append(replace(row, pid=pid))
    return {**splits, "gallery": [*splits["gallery"], *strangers]}


MINIATURE = Miniature("market1501", write, {"labels": ()})
