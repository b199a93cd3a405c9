"""Labels in the forms other tools read: AlphaPose/COCO keypoints, LIP palette PNG, mask PNG, one CSV of labels."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sameperson.world.labels import PALETTE, Label

CONFIDENCE = np.array([0.0, 0.5, 1.0])
"""How sure a joint is said to be: outside the picture, hidden, visible."""


@dataclass(frozen=True)
class Row:
    """A picture's line in labels.csv; path is relative to the tree, camid counts from 0."""

    path: str
    split: str
    pid: int
    camid: int
    clothes_id: int
    track_id: int
    frame: int


def picture_name(pid: int, camera: int, outfit: int, frame: int, box: int) -> str:
    """A file name as in Market-1501: person, camera, sequence, frame, box.

    >>> picture_name(7, 0, 1, 151, 2)
    '0007_c1s2_000151_02'
    """
    return f"{pid:04d}_c{camera + 1}s{outfit + 1}_{frame:06d}_{box:02d}"


def keypoint_entry(image: str, keypoints: NDArray[np.floating], mask: NDArray[np.bool_]) -> dict[str, Any]:
    """One person of an AlphaPose result file.

    keypoints: (17, 3) x, y in pixels and visibility 0 outside, 1 hidden, 2 visible. mask: (H, W), who is where.
    """
    confidence = CONFIDENCE[keypoints[:, 2].astype(int)]
    points = np.column_stack([keypoints[:, :2], confidence]).round(3)
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    box = [0, 0, 0, 0]
    if len(rows):
        box = [columns[0], rows[0], columns[-1] - columns[0] + 1, rows[-1] - rows[0] + 1]
    return {
        "image_id": image,
        "category_id": 1,
        "keypoints": points.ravel().tolist(),
        "score": float(confidence.mean().round(3)),
        "box": [int(side) for side in box],
    }


def write_keypoints(path: Path, entries: Sequence[dict[str, Any]]) -> None:
    """A list of `keypoint_entry` as JSON, one line each."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("[" + ",\n".join(json.dumps(entry) for entry in entries) + "]\n", encoding="utf-8")


def write_parsing(path: Path, lip: NDArray[np.uint8]) -> None:
    """(H, W) LIP-20 ids as a palette PNG: the ids are the values, the palette is for the eye."""
    picture = Image.fromarray(lip)
    picture.putpalette(PALETTE[: Label.RIGHT_SHOE + 1].ravel().tolist())
    picture.save(path, format="PNG", compress_level=6)


def write_mask(path: Path, mask: NDArray[np.bool_]) -> None:
    """(H, W) bool as 0/255 PNG."""
    Image.fromarray(mask.astype(np.uint8) * 255).save(path, format="PNG", compress_level=6)


def write_labels(path: Path, rows: Iterable[Row]) -> None:
    """labels.csv."""
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(field.name for field in fields(Row))
        table.writerows(astuple(row) for row in rows)
