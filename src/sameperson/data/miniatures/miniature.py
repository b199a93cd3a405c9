"""The definition of a miniature: the plan that a layout needs, and a writer that lays a drawn world out in it."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from PIL import Image

from sameperson.world.pictures.annotations import Row
from sameperson.world.plan import WorldPlan

JPEG_QUALITY = 95
"""Quality of pictures that are converted."""


@dataclass(frozen=True)
class WorldTree:
    """A world on disk, from which a writer takes pictures, labels and priors.

    root: the tree of `dataset.make_world`, in Market-1501's form. rows: its pictures, each `path` relative to `root`.
    """

    root: Path
    plan: WorldPlan
    rows: tuple[Row, ...]

    @classmethod
    def at(cls, root: Path, plan: WorldPlan) -> WorldTree:
        """Read the world that `make_world` drew into `root`."""
        kinds = {"path": str, "split": str, "visible": float}
        with (root / "labels.csv").open(newline="", encoding="utf-8") as file:
            names = [item.name for item in fields(Row)]
            rows = [Row(**{n: kinds.get(n, int)(line[n]) for n in names}) for line in csv.DictReader(file)]
        return cls(root, plan, tuple(rows))

    def split(self, *names: str) -> list[Row]:
        """The pictures of the named splits: train, query, gallery."""
        return [row for row in self.rows if row.split in names]

    def copy(self, row: Row, to: Path, kind: str = "") -> None:
        """Copy a picture, or its label picture of a kind (`parsing`, `lr_face`, ...), to a path of the new tree.

        A path with another suffix than the file's gets the picture in that format. A label picture that the world
        lacks (no face is visible) is left out.
        """
        source = self.root / kind / row.path
        if not source.exists():
            source = source.with_suffix(".png")
        if kind and not source.exists():
            return
        to.parent.mkdir(parents=True, exist_ok=True)
        if source.suffix == to.suffix:
            shutil.copyfile(source, to)
            return
        with Image.open(source) as picture:
            picture.save(to, quality=JPEG_QUALITY)

    def entries(self, kind: str) -> Mapping[str, dict[str, Any]]:
        """Read the entries of `keypoints` or `poses`, by the path of their picture."""
        entries = {}
        for name in sorted({Path(row.path).parent.name for row in self.rows}):
            file = self.root / kind / f"{name}.json"
            entries |= {f"{name}/{entry['image_id']}": entry for entry in json.loads(file.read_text(encoding="utf-8"))}
        return entries


Splits = Mapping[str, Iterable[Row]]
"""Split -> the world's pictures that the written tree has there, as the layout's reader will count them."""


@dataclass(frozen=True)
class Miniature:
    """A miniature of a layout.

    needs: fields of `WorldPlan` that the layout fixes whatever the user asks (conditions, the least cameras, labels).
    write: lays a world out in an empty folder and returns the pictures of each split.
    """

    name: str
    write: Callable[[WorldTree, Path], Splits]
    needs: Mapping[str, Any] = field(default_factory=dict)


def write_lines(path: Path, lines: Iterable[str]) -> None:
    """Write lines to a text file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def running_numbers(rows: Iterable[Row]) -> dict[Row, int]:
    """Number pictures from 1 within their person, outfit and camera."""
    seen: dict[tuple[int, int, int], int] = {}
    numbered = {}
    for row in rows:
        key = row.pid, row.clothes_id, row.camid
        numbered[row] = seen[key] = seen.get(key, 0) + 1
    return numbered
