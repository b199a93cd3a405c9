"""Tracks of a film, as DanceReID publishes them: in every frame boxes with a tracker's number and 17 joints each.

    {frame: {box: {"id": from 1, "box_pos": (x1, x2, y1, y2), "pose_pos": (17, 2) of x, y}}}

Either a .npy file in which `np.save` put that dict (a pickle, which `restricted_unpickler` reads), or the same as JSON.
numpy only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from sameperson.checks import InputError, existing_file, read_json
from sameperson.data.prepare.annotation import LATEST_FRAME
from sameperson.data.prepare.restricted_unpickler import Refused, read_plain

JOINTS = 17
"""COCO's, in its order."""
MOST_BOXES = 2_000_000
FEW_BOXES, LEAST_BOX = 50_000, 64
"""A small file may hold so many boxes, and any file another for so many of its bytes, which a box takes at least."""
LARGEST = 1 << 28
"""Bytes of a file; the published ones have about a twentieth of that."""
FORM = '{frame: {box: {"id", "box_pos": x1, x2, y1, y2, "pose_pos": 17 times x, y}}}'
OBJECT = re.compile(rb"\{'descr': '\|O\d?', 'fortran_order': (?:True|False), 'shape': \((?:1,)?\), \} *\n?")
"""The header of a .npy file that holds one object."""
SUFFIXES = (".npy", ".json")


@dataclass(frozen=True, eq=False)
class Tracks:
    """N boxes in the order of their frames.

    frame: (N,) int64; person: (N,) int64, the tracker's number less 1; box: (N, 4) float64 left, top, right, bottom in
    pixels of the film; pose: (N, 17, 2) float64 x, y there, NaN for a missing joint.
    """

    frame: NDArray[np.int64]
    person: NDArray[np.int64]
    box: NDArray[np.float64]
    pose: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.frame)


def read_tracks(path: Path) -> Tracks:
    """The tracks in a .npy or .json file.

    Raises InputError for a file of another form, and for one that holds anything but plain data.
    """
    size = existing_file(path, "tracks as .npy or .json").stat().st_size
    if size > LARGEST:
        raise InputError(
            f"{path}: {size >> 20} MB", f"at most {LARGEST >> 20} MB of tracks", "check which file this is"
        )
    in_json = read_json(path, FORM, wrong="no tracks") if path.suffix == ".json" else None
    try:
        content = in_json if path.suffix == ".json" else saved(path.read_bytes())
    except Refused as error:
        expected = "a dict of numbers, words and numpy arrays alone, as np.save writes it"
        raise InputError(
            f"{path}: holds {error}", expected, "do not trust this file; tracks may also be JSON"
        ) from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: no tracks ({error})", FORM, "check which file this is") from error
    try:
        return gathered(content, min(MOST_BOXES, FEW_BOXES + size // LEAST_BOX))
    except (ValueError, TypeError, LookupError, OverflowError) as error:
        raise InputError(f"{path}: no tracks ({error})", FORM, "check which file this is") from error


def saved(data: bytes) -> Any:
    """What `np.save` saved of one object, as plain data. Raises ValueError for other files."""
    if data[:6] != b"\x93NUMPY" or len(data) < 12:
        raise ValueError("no .npy file")
    start = 10 if data[6] == 1 else 12
    end = start + int.from_bytes(data[8:start], "little")
    if OBJECT.fullmatch(data[start:end]) is None:
        raise ValueError(f"{data[start : min(end, start + 60)]!r} is not one object")
    value = read_plain(data[end:])
    return value.item() if isinstance(value, np.ndarray) and value.size == 1 else value


def gathered(content: Any, most: int) -> Tracks:
    """Columns from nested dicts. Raises ValueError, TypeError or LookupError for another form or over `most` boxes."""
    rows: list[tuple[int, int]] = []
    boxes: list[NDArray[np.float64]] = []
    poses: list[NDArray[np.float64]] = []
    for name, people in mapping(content, "the whole").items():
        frame = number(name, "a frame", LATEST_FRAME)
        for place, entry in mapping(people, f"frame {frame}").items():
            where = f"box {str(place)[:12]!a} of frame {frame}"
            entry = mapping(entry, where)
            for key in ("id", "box_pos", "pose_pos"):
                if key not in entry:
                    raise ValueError(f"{where} has no {key}")
            box, pose = numbers(entry["box_pos"]), numbers(entry["pose_pos"])
            if box.shape != (4,) or pose.ndim != 2 or len(pose) != JOINTS or pose.shape[1] not in (2, 3):
                raise ValueError(f"{where}: box_pos {box.shape}, pose_pos {pose.shape}")
            rows.append((frame, number(entry["id"], f"the id of {where}", LATEST_FRAME, 1) - 1))
            boxes.append(box[[0, 2, 1, 3]])
            poses.append(pose[:, :2])
            if len(rows) > most:
                raise ValueError(f"more than {most:,} boxes")
    order = np.argsort(np.array([frame for frame, _ in rows], np.int64), kind="stable")
    who = np.array(rows, np.int64).reshape(-1, 2)[order]
    pose = np.array(poses, np.float64).reshape(-1, JOINTS, 2)[order]
    # Detectors write a joint they did not find as 0 0 or as -1 -1.
    missing = ~np.isfinite(pose).all(-1) | (pose <= 0).all(-1)
    pose[missing] = np.nan
    return Tracks(who[:, 0], who[:, 1], np.array(boxes, np.float64).reshape(-1, 4)[order], pose)


def mapping(value: Any, what: str) -> Mapping[Any, Any]:
    """A dict, or ValueError."""
    if not isinstance(value, dict):
        raise ValueError(f"{what} is {type(value).__name__}, not a dict")
    return value


def number(value: Any, what: str, most: int, least: int = 0) -> int:
    """A whole number, also as a word or as an array of one; ValueError otherwise."""
    if isinstance(value, np.ndarray) and value.size == 1:
        value = value.item()
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        value = int(value)
    if not is_number(value) or not least <= value <= most or value != int(value):
        raise ValueError(f"{what} is no whole number from {least} to {most}")
    return int(value)


def numbers(value: Any) -> NDArray[np.float64]:
    """An array of a few numbers, also from lists of them (nested once); ValueError otherwise.

    Sizes are looked at before anything is copied: many boxes may share one large value.
    """
    if isinstance(value, (list, tuple)) and len(value) <= JOINTS:
        nested = any(isinstance(row, (list, tuple, np.ndarray)) for row in value)
        value = np.array([few(row) for row in value] if nested else few(value))
    if not isinstance(value, np.ndarray) or value.size > 3 * JOINTS or value.dtype.kind not in "biuf":
        raise ValueError("no numbers where a box or a pose should be")
    return value.astype(np.float64)


def few(values: Any) -> list[float]:
    """Up to a joint's or a box's numbers."""
    if isinstance(values, np.ndarray) and values.ndim == 1 and values.size <= 4:
        values = values.tolist()
    if isinstance(values, (list, tuple)) and len(values) <= 4:
        values = [one.item() if isinstance(one, np.ndarray) and one.size == 1 else one for one in values]
        if all(is_number(one) for one in values):
            return [float(one) for one in values]
    raise ValueError("no numbers where a box or a pose should be")


def is_number(value: Any) -> TypeGuard[int | float]:
    """Whether a value is a number, which neither true nor false is."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)
