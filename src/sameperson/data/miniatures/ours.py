"""This package's own layouts: a plain folder of crops, a CSV table, and the world's tree as it is."""

from __future__ import annotations

import shutil
from pathlib import Path

from sameperson.data.miniatures.miniature import Miniature, Splits, WorldTree
from sameperson.data.split import query_and_gallery
from sameperson.types import Samples
from sameperson.world.pictures.annotations import Row, write_table

TABLE = "pictures.csv"
COLUMNS = ("path", "pid", "camid", "split", "clothes_id", "track_id", "frame")


def write_folder(world: WorldTree, out: Path) -> Splits:
    """Write `person/camera/*.jpg` without a split, as for hand-sorted crops: all are for training and testing."""
    names = {f"{row.pid:04d}/c{row.camid + 1}/{Path(row.path).name}": row for row in world.rows}
    for name, row in names.items():
        world.copy(row, out / name)
    ordered = sorted(names)
    rows = [names[name] for name in ordered]
    made = Samples.of(ordered, [row.pid for row in rows], [row.camid for row in rows])
    query, gallery = ([names[path] for path in samples.path.tolist()] for samples in query_and_gallery(made))
    return {"train": rows, "query": query, "gallery": gallery}


def write_csv(world: WorldTree, out: Path) -> Splits:
    """Write one folder of pictures with meaningless names, and a table with every column."""
    lines = []
    for number, row in enumerate(world.rows):
        name = f"crops/{number:05d}.jpg"
        world.copy(row, out / name)
        lines.append((name, *(getattr(row, column) for column in COLUMNS[1:])))
    write_table(out / TABLE, COLUMNS, lines)
    return world_splits(world)


def write_world(world: WorldTree, out: Path) -> Splits:
    """Copy the world's tree with all its labels."""
    shutil.copytree(world.root, out, dirs_exist_ok=True)
    return world_splits(world)


def world_splits(world: WorldTree) -> dict[str, list[Row]]:
    """The world's own train, query and gallery."""
    return {part: world.split(part) for part in ("train", "query", "gallery")}


FOLDER = Miniature("folder", write_folder, {"labels": ()})
CSV = Miniature("csv", write_csv, {"labels": ()})
WORLD = Miniature("world", write_world)
