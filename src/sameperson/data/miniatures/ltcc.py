"""LTCC: PNGs named by person (from 0), outfit, camera and frame, and lists of who changes clothes."""

from __future__ import annotations

from pathlib import Path

from sameperson.data.miniatures.miniature import Miniature, Splits, WorldTree, write_lines

FOLDERS = {"train": "train", "query": "query", "gallery": "test"}


def write(world: WorldTree, out: Path) -> Splits:
    """Write three folders and `info/`; the last person of each half wears only the first outfit."""
    outfits = world.plan.outfits
    faithful = {max(row.pid for row in world.split(*half)) for half in (("train",), ("query", "gallery"))}
    rows = [row for row in world.rows if row.pid not in faithful or row.clothes_id % outfits == 0]
    for row in rows:
        name = f"{row.pid - 1:03d}_{row.clothes_id % outfits + 1}_c{row.camid + 1}_{row.frame:06d}.png"
        world.copy(row, out / FOLDERS[row.split] / name)
    for half, name in ((("train",), "train"), (("query", "gallery"), "test")):
        people = {row.pid for row in rows if row.split in half}
        for who, chosen in (("change", people - faithful), ("unchange", people & faithful)):
            write_lines(out / "info" / f"cloth-{who}_id_{name}.txt", [str(pid - 1) for pid in sorted(chosen)])
    return {split: [row for row in rows if row.split == split] for split in FOLDERS}


MINIATURE = Miniature("ltcc", write, {"labels": (), "condition": "clothes", "outfits": 2})
