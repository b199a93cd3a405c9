"""DanceReID and open-reid: files named by person, a pose file each, and JSON that lists identities and splits."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from sameperson.data.miniatures.miniature import Miniature, Splits, WorldTree, write_lines
from sameperson.priors.skeletons import COCO, OPENPOSE, Skeleton, converted
from sameperson.world.pictures.annotations import Row
from sameperson.world.plan import WorldPlan

MISSING = -1.0
"""The coordinate of a joint that is not visible."""


def write_dancereid(world: WorldTree, out: Path) -> Splits:
    """Write one video for each group; people count from 0, and every test picture is both query and gallery."""
    train, tested = world.split("train"), world.split("query", "gallery")
    identities: list[list[str]] = [[] for _ in range(world.plan.people)]
    names = {row: f"{row.pid - 1:04d}_{row.frame:06d}" for row in [*train, *tested]}
    for row, name in names.items():
        identities[row.pid - 1].append(f"{name}.jpg")
        world.copy(row, out / "images" / f"{name}.jpg")
    write_poses(world, out / "poses", names, COCO)
    write_meta(out, identities, sorted({row.pid - 1 for row in train}), *[sorted({row.pid - 1 for row in tested})] * 2)
    write_json(out / "video.json", videos(world.plan))
    return {"train": train, "query": tested, "gallery": tested}


def write_open_reid(world: WorldTree, out: Path) -> Splits:
    """Write FD-GAN's package of Market-1501; person 0 is the background, which also occurs in the gallery."""
    train, tested = world.split("train"), world.split("query", "gallery")
    strangers = [(row, replace(row, pid=0)) for row in train if row.pid == 1]
    identities: list[list[list[str]]] = [[[] for _ in range(world.plan.cameras)] for _ in range(world.plan.people + 1)]
    names = {}
    for source, row in [*((row, row) for row in [*train, *tested]), *strangers]:
        here = identities[row.pid][row.camid]
        names[row] = f"{row.pid:08d}_{row.camid:04d}_{len(here):08d}"
        here.append(f"{names[row]}.jpg")
        world.copy(source, out / "images" / here[-1])
    write_poses(world, out / "poses", names, OPENPOSE)
    people = sorted({row.pid for row in tested})
    write_meta(out, identities, sorted({row.pid for row in train}), people, [0, *people])
    return {"train": train, "query": tested, "gallery": [*tested, *(row for _, row in strangers)]}


def videos(plan: WorldPlan) -> dict[str, list[int]]:
    """List the people (from 0) of each video, in the order of their numbers."""
    return {f"{number:03d}": [pid - 1 for pid in members] for number, members in groups(plan)}


def groups(plan: WorldPlan) -> list[tuple[int, Sequence[int]]]:
    """List number and members (from 1) of every group."""
    return sorted({plan.group_of(pid)[0]: plan.group_of(pid)[1] for pid in range(1, plan.people + 1)}.items())


def write_poses(world: WorldTree, folder: Path, names: dict[Row, str], skeleton: Skeleton) -> None:
    """Write a pose file for each picture: lines `x y` for COCO's joints, `row column` for OpenPose's.

    Hidden joints are written too.
    """
    entries = world.entries("keypoints")
    for row, name in names.items():
        points = np.array(entries[row.path]["keypoints"], np.float32).reshape(-1, 3)
        points = converted(points, COCO, skeleton)
        places = np.where(points[:, 2:] > 0, points[:, :2], MISSING)
        places = places if skeleton is COCO else places[:, ::-1]
        write_lines(folder / f"{name}.txt", (f"{one:.3f} {two:.3f}" for one, two in places.tolist()))


def write_meta(
    out: Path, identities: Sequence[Any], trainval: Iterable[int], query: Iterable[int], gallery: Iterable[int]
) -> None:
    """Write meta.json and splits.json."""
    write_json(out / "meta.json", {"name": "miniature", "shot": "single", "identities": identities})
    split = {"trainval": list(trainval), "query": list(query), "gallery": list(gallery)}
    write_json(out / "splits.json", [split])


def write_json(path: Path, content: object) -> None:
    """Write a JSON file."""
    path.write_text(json.dumps(content) + "\n", encoding="utf-8")


DANCEREID = Miniature("dancereid", write_dancereid, {"condition": "dance", "labels": ("keypoints",)})
OPEN_REID = Miniature("open-reid", write_open_reid, {"labels": ("keypoints",)})
