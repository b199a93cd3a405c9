"""SYSU-MM01: six cameras, of which the third and the sixth are infrared, a folder a person, lists of people."""

from __future__ import annotations

from pathlib import Path

from sameperson.data.miniatures.infrared import copy_infrared
from sameperson.data.miniatures.miniature import Miniature, Splits, WorldTree, running_numbers, write_lines

INFRARED = (2, 5)


def write(world: WorldTree, out: Path) -> Splits:
    """Six folders and three lists: the last training person, if there are several, is listed for validation."""
    numbers = running_numbers(world.rows)
    for row in world.rows:
        name = out / f"cam{row.camid + 1}" / f"{row.pid:04d}" / f"{numbers[row]:04d}.jpg"
        if row.camid in INFRARED:
            copy_infrared(world, row, name)
        else:
            world.copy(row, name)
    people = sorted({row.pid for row in world.split("train")})
    tested = sorted({row.pid for row in world.split("query", "gallery")})
    held = people[-1:] if len(people) > 1 else []
    for part, pids in (("train", people[: len(people) - len(held)]), ("val", held), ("test", tested)):
        write_lines(out / "exp" / f"{part}_id.txt", [",".join(map(str, pids))])
    test = world.split("query", "gallery")
    return {
        "train": world.split("train"),
        "query": [row for row in test if row.camid in INFRARED],
        "gallery": [row for row in test if row.camid not in INFRARED],
    }


MINIATURE = Miniature("sysu-mm01", write, {"labels": (), "cameras": 6})
