"""MSMT17 V1: a folder for each person, lists, and training and test people that both count from 0."""

from __future__ import annotations

from pathlib import Path

from sameperson.data.miniatures.miniature import Miniature, Splits, WorldTree, write_lines

ROOT = "MSMT17_V1"
FOLDERS = {"train": "train", "query": "test", "gallery": "test"}


def write(world: WorldTree, out: Path) -> Splits:
    """Write pictures by person, and four lists; a training person's second picture is listed for validation."""
    splits = {split: world.split(split) for split in FOLDERS}
    listed: dict[str, list[str]] = {name: [] for name in ("train", "val", "query", "gallery")}
    first = {"train": 1, "test": world.plan.people - world.plan.test_people + 1}
    seen: dict[int, int] = {}
    for split, folder in FOLDERS.items():
        for row in splits[split]:
            pid = row.pid - first[folder]
            number = seen[row.pid] = seen.get(row.pid, -1) + 1
            name = f"{pid:04d}/{pid:04d}_{number:03d}_{row.camid + 1:02d}_0303morning_{row.frame:04d}_0.jpg"
            world.copy(row, out / ROOT / folder / name)
            listed["val" if split == "train" and number == 1 else split].append(f"{name} {pid}")
    for name, lines in listed.items():
        write_lines(out / ROOT / f"list_{name}.txt", lines)
    return splits


MINIATURE = Miniature("msmt17", write, {"labels": ()})
