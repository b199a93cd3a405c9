"""A tree of synthetic people under several conditions at once, with the truth of each picture beside it.

The same people walk through the cameras of each condition. `truth.csv` says of each picture its condition, the visible
share of its person, and the share of its pixels that shows other people; no method reads it.
"""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import astuple, dataclass, fields
from pathlib import Path

import numpy as np
from PIL import Image

from sameperson.world.dataset import FOLDERS, make_world
from sameperson.world.plan import WorldPlan

CONDITIONS = ("plain", "occluded", "crowd", "lowres", "lowlight", "blur")
CAMERAS, SEEN_IN, SHOTS = 12, 2, 2
"""Cameras of each condition, how many of them each person walks past, and the pictures in each."""
MAPS = ("parsing", "masks", "everybody")
TRUTH = "truth.csv"
OTHERS = 2
"""The label of other people in the world's maps of everybody."""


@dataclass(frozen=True)
class Truth:
    """What is true of a picture. visible: share of the person that nothing hides; others: share of other people."""

    path: str
    condition: str
    visible: float
    others: float


def make_mixed_world(out: Path, people: int, seed: int, size: tuple[int, int] = (128, 64), workers: int = 1) -> None:
    """Draw the tree: `people` test people, and two more for training, in front of each condition's own cameras."""
    truths: list[Truth] = []
    table: list[list[str]] = []
    for number, condition in enumerate(CONDITIONS):
        plan = WorldPlan(
            people + 2, people, CAMERAS, shots=SHOTS, seed=seed, size=size, condition=condition,
            labels=("keypoints", "parsing", "masks", "everybody"),
            camera_seed=100 * seed + number, seen_in=SEEN_IN,
        )  # fmt: skip
        made = out / condition
        make_world(made, plan, workers=workers)
        rows, truth = moved(made, out, condition, CAMERAS * number)
        table += rows if not table else rows[1:]
        truths += truth
        if number == 0:
            shutil.copy(made / "people.csv", out / "people.csv")
        shutil.rmtree(made)
    write_rows(out / "labels.csv", table)
    write_rows(out / TRUTH, [[field.name for field in fields(Truth)], *(list(astuple(truth)) for truth in truths)])


def moved(made: Path, out: Path, condition: str, offset: int) -> tuple[list[list[str]], list[Truth]]:
    """Move a world's pictures and labels into the tree, its cameras counted on from `offset`.

    Returns the rows of labels.csv, the header first, and the truth of each picture.
    """
    with (made / "labels.csv").open(newline="") as file:
        header, *rows = list(csv.reader(file))
    at = {name: header.index(name) for name in ("path", "camid", "visible")}
    names, truths = {}, []
    for row in rows:
        old = row[at["path"]]
        camera = int(row[at["camid"]]) + offset
        head, tail = old.split("_c", 1)
        new = f"{head}_c{camera + 1}s{tail.split('s', 1)[1]}"
        names[old] = new
        everybody = np.asarray(Image.open((made / "everybody" / old).with_suffix(".png")))
        others = float((everybody == OTHERS).mean())
        truths.append(Truth(new, condition, float(row[at["visible"]]), round(others, 4)))
        row[at["path"]], row[at["camid"]] = new, str(camera)
        for kind in ("", *MAPS):
            source = made / kind / old
            target = out / kind / new
            target.parent.mkdir(parents=True, exist_ok=True)
            ending = source.suffix if kind == "" else ".png"
            source.with_suffix(ending).rename(target.with_suffix(ending))
    for folder in FOLDERS:
        merge_keypoints(made / "keypoints" / f"{folder}.json", out / "keypoints" / f"{folder}.json", names, folder)
    return [header, *rows], truths


def merge_keypoints(made: Path, out: Path, names: dict[str, str], folder: str) -> None:
    """Add a world's keypoints to those of the tree, under the new names of the pictures."""
    entries = json.loads(out.read_text()) if out.exists() else []
    for entry in json.loads(made.read_text()):
        entries.append({**entry, "image_id": Path(names[f"{folder}/{entry['image_id']}"]).name})
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(entries))


def write_rows(path: Path, rows: list[list[str]]) -> None:
    """Write a table."""
    with path.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def read_truth(root: Path) -> dict[str, Truth]:
    """Read the truth of each picture, by its path."""
    with (root / TRUTH).open(newline="") as file:
        rows = list(csv.DictReader(file))
    return {
        row["path"]: Truth(row["path"], row["condition"], float(row["visible"]), float(row["others"])) for row in rows
    }
