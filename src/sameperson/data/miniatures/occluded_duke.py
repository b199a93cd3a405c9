"""Occluded-Duke: DukeMTMC-reID's folders and names, and the authors' lists of names for each split."""

from __future__ import annotations

from pathlib import Path

from sameperson.data.miniatures import dukemtmc
from sameperson.data.miniatures.dukemtmc import duke_name
from sameperson.data.miniatures.miniature import Miniature, Splits, WorldTree, write_lines


def write(world: WorldTree, out: Path) -> Splits:
    """Write three folders and a list for each."""
    splits = dukemtmc.write(world, out)
    for split, rows in splits.items():
        write_lines(out / f"{split}.list", [duke_name(world, row) for row in rows])
    return splits


MINIATURE = Miniature("occluded-duke", write, {"labels": (), "condition": "occluded"})
