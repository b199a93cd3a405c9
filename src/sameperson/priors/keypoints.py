"""Body keypoints: AlphaPose's or COCO's JSON, read once into one array.

numpy only.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sameperson.checks import InputError, existing_file
from sameperson.priors.names import rows_by_name
from sameperson.types import Samples

COCO = (
    "nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder", "left_elbow",
    "right_elbow", "left_wrist", "right_wrist", "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle",
    "right_ankle",
)  # fmt: skip
COCO_SWAP = (0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15)
"""Which joint takes whose place in the mirror: left and right are the person's own."""


@dataclass(frozen=True)
class Keypoints:
    """One body per picture, for N pictures.

    values: (N, J, 3) float32: x, y in the picture's pixels (0 is the left or upper edge) and confidence in [0, 1].
    valid: (N,) bool; a row without a body is all zeros.
    swap: for each joint the one that takes its place in the mirror.
    """

    values: NDArray[np.float32]
    valid: NDArray[np.bool_]
    swap: tuple[int, ...] = COCO_SWAP

    def read(self, row: int) -> NDArray[np.float32] | None:
        """The body of a picture (J, 3), or None."""
        return self.values[row] if self.valid[row] else None

    def blank(self, count: int, size: tuple[int, int]) -> NDArray[np.float32]:  # noqa: ARG002 - as LabelMaps.blank
        """What `count` pictures without a body have."""
        return np.zeros((count, *self.values.shape[1:]), np.float32)


def load_keypoints(path: Path, samples: Samples) -> Keypoints:
    """COCO-17 keypoints of `samples` from one JSON file.

    Either AlphaPose's list `[{"image_id": file name, "keypoints": [x, y, c] * 17, "score": s, "box": [x, y, w, h]}]`
    or COCO's `{"images": [{"id", "file_name"}], "annotations": [{"image_id", "keypoints", ...}]}`. Of several bodies in
    one picture the one with the highest score counts, and of those the largest.
    """
    path = existing_file(path, "a JSON file of keypoints")
    rows = rows_by_name(samples)
    values = np.zeros((len(samples), len(COCO), 3), np.float32)
    best = np.full((len(samples), 2), -np.inf)
    for place, (name, body) in enumerate(_bodies(path)):
        row = rows.get(name)
        if row is None:
            continue
        try:
            joints = np.asarray(body.get("keypoints"), np.float32).reshape(len(COCO), 3)
            rank = _rank(body, joints)
        except (TypeError, ValueError, LookupError) as error:
            found = f"{path}: body {place} ({name}) is not COCO-17 ({error})"
            raise InputError(
                found, "17 times x, y, confidence; a score; a box", "write these keypoints anew"
            ) from error
        if rank > tuple(best[row]):
            best[row], values[row] = rank, joints
    return Keypoints(values, np.isfinite(best[:, 0]))


def _rank(body: Mapping[str, Any], joints: NDArray[np.float32]) -> tuple[float, float]:
    box = body.get("box", body.get("bbox"))
    if box is None:
        box = [0, 0, *np.ptp(joints[:, :2], axis=0)]
    return float(body.get("score", 0)), float(box[2]) * float(box[3])


def _bodies(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """(file name, body) of either form."""
    try:
        content = json.loads(path.read_text())
        if isinstance(content, dict):
            names = {image["id"]: image["file_name"] for image in content["images"]}
            bodies = [(names[body["image_id"]], body) for body in content["annotations"]]
        else:
            bodies = [(body["image_id"], body) for body in content]
    except (ValueError, KeyError, TypeError) as error:
        expected = "AlphaPose's list of bodies or COCO's images and annotations"
        raise InputError(f"{path}: not keypoints ({error})", expected, "check which file this is") from error
    yield from ((str(name), body) for name, body in bodies)
