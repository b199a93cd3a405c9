"""RegDB: a visible-light and a thermal camera, a folder a person, lists of who is learned from and tested on."""

from __future__ import annotations

from pathlib import Path

from sameperson.data.miniatures.infrared import copy_infrared
from sameperson.data.miniatures.miniature import Miniature, Splits, WorldTree, running_numbers, write_lines

CAMERAS = ("Visible", "Thermal")


def write(world: WorldTree, out: Path) -> Splits:
    """Two folders of BMP, and the lists of two splits, of which the second learns from whom the first tests."""
    numbers = running_numbers(world.rows)
    halves = {"train": world.split("train"), "test": world.split("query", "gallery")}
    for part, rows in halves.items():
        people = sorted({row.pid for row in rows})
        for camid, camera in enumerate(CAMERAS):
            lines = []
            for row in (row for row in rows if row.camid == camid):
                name = f"{camera}/{row.pid}/male_front_{camera[0].lower()}_{numbers[row]:05d}_{row.pid}.bmp"
                if camid:
                    copy_infrared(world, row, out / name)
                else:
                    world.copy(row, out / name)
                lines.append(f"{name} {people.index(row.pid)}")
            other = {"train": "test", "test": "train"}[part]
            write_lines(out / "idx" / f"{part}_{camera.lower()}_1.txt", lines)
            write_lines(out / "idx" / f"{other}_{camera.lower()}_2.txt", lines)
    return {"train": halves["train"], "query": halves["test"], "gallery": halves["test"]}


MINIATURE = Miniature("regdb", write, {"labels": (), "cameras": 2})
