"""Pose files: the forms in which pose estimators store bodies, each read as (picture's name, body).

AlphaPose: a list of bodies in one JSON file, or pictures by name. COCO: images and annotations. OpenPose: a JSON file a
picture. FD-GAN: a text file a picture, one body in it. numpy only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sameperson.checks import InputError, existing_file, existing_folder, read_json, walk
from sameperson.priors.name_match import stem_of
from sameperson.priors.skeletons import BODY_25, COCO, OPENPOSE, Skeleton

FARTHEST = 1e6
"""Pixels from the corner beyond which a coordinate is a mistake."""
LARGEST_TEXT = 100_000
"""Bytes of a text file of one body; a hundred times what it needs."""
FORMS = "AlphaPose's list of bodies, COCO's images and annotations, or OpenPose's people"
LAYOUTS: Mapping[int, tuple[Skeleton, tuple[int, ...]]] = {
    17: (COCO, tuple(range(17))),
    18: (OPENPOSE, tuple(range(18))),
    25: (OPENPOSE, BODY_25),
    26: (COCO, tuple(range(17))),
    133: (COCO, tuple(range(17))),
    136: (COCO, tuple(range(17))),
}
"""Joints in a file -> the skeleton, and which of them are its joints (Halpe's 26 and 136 and
COCO-WholeBody's 133 start with COCO's)."""


class Body(NamedTuple):
    """One body: points (J, 3) float32 of x, y, confidence in [0, 1], and (score, area) to choose among several by."""

    points: NDArray[np.float32]
    skeleton: Skeleton
    rank: tuple[float, float]


class NamedBody(NamedTuple):
    """A body of the picture that the file calls `name`.

    folder: the folder of pictures that the file is about, if the file is named after one, such as `query.json`.
    stem: whether the name lacks its ending.
    """

    name: str
    body: Body
    folder: str = ""
    stem: bool = False


def read_bodies(path: Path) -> Iterator[NamedBody]:
    """Read every body in a JSON file, or in a folder of JSON or text files.

    Raises InputError that names the file, and the body in it, where something is not as it should be.
    """
    if path.is_dir():
        yield from _bodies_in_folder(path)
    elif path.exists():
        yield from _bodies_in_json(path, stem_of(path.name))
    else:
        raise InputError(f"{path}: no such file or folder", f"keypoints: {FORMS}", "check the path")


def _bodies_in_folder(folder: Path) -> Iterator[NamedBody]:
    folder = existing_folder(folder, "a folder of keypoints")
    found = False
    for place, folders, files in walk(folder):
        folders.sort()
        below = Path(place).relative_to(folder).as_posix()
        start = "" if below == "." else f"{below}/"
        for name in sorted(files):
            if name.endswith(".txt"):
                yield NamedBody(start + stem_of(name), _body_in_text(Path(place, name)), stem=True)
            elif name.endswith(".json"):
                yield from _bodies_in_json(Path(place, name), start + stem_of(name).removesuffix("_keypoints"))
            else:
                continue
            found = True
    if not found:
        raise InputError(
            f"{folder}: no keypoints in it", "a .txt or .json file a picture", "check which folder this is"
        )


def _joints(text: str) -> NDArray[np.float32]:
    """Read FD-GAN's 18 lines of `row col`, or DanceReID's 17 of `x y`; a joint with a -1 is missing.

    >>> _joints("7 5\\n" + "-1 -1\\n" * 17)[:2].tolist()
    [[5.0, 7.0, 1.0], [0.0, 0.0, 0.0]]
    """
    lines = [line.split() for line in text.splitlines() if line.strip()]
    if len(lines) not in (17, 18) or any(len(line) != 2 for line in lines):
        raise ValueError(f"{len(lines)} lines, of {len(lines[0]) if lines else 0} numbers")
    pairs = np.array(lines, np.float64)
    there = (pairs != -1).all(axis=1, keepdims=True)
    xy = pairs[:, ::-1] if len(lines) == 18 else pairs
    return np.concatenate([np.where(there, xy, 0), there], axis=1).astype(np.float32)


def _body_in_text(file: Path) -> Body:
    existing_file(file, "the joints of a body")
    try:
        with file.open(encoding="utf-8") as opened:
            text = opened.read(LARGEST_TEXT + 1)
        if len(text) > LARGEST_TEXT:
            raise ValueError("too long")
        points = _joints(text)
        _require_sane(points[:, :2], "coordinate")
    except (ValueError, OverflowError, OSError) as error:
        expected = "18 lines `row column` or 17 lines `x y`, -1 for a missing joint"
        raise InputError(f"{file}: not a body ({error})", expected, "write it anew or remove it") from error
    return Body(points, LAYOUTS[len(points)][0], (1.0, 0.0))


def _bodies_in_json(file: Path, stem: str) -> Iterator[NamedBody]:
    """Read the bodies in a JSON file of any form; stem: the file's name, which names a picture or a folder of them."""
    content = read_json(file, f"keypoints: {FORMS}", wrong="not keypoints")
    try:
        entries = _entries(content, stem)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, OSError) as error:
        found = f"{file}: not keypoints ({type(error).__name__}: {error})"
        raise InputError(found, FORMS, "check which file this is") from error
    alone = isinstance(content, dict) and "people" in content
    for place, (name, entry) in enumerate(entries):
        try:
            body = _body(entry)
        except (TypeError, ValueError, LookupError, AttributeError, OverflowError, RecursionError) as error:
            found = f"{file}: body {place} ({name}): {error}"
            expected = "17 or 18 times x, y, confidence in pixels; a score; a box left, top, width, height"
            raise InputError(found, expected, "write these keypoints anew") from error
        yield NamedBody(name, body, "" if alone else stem, alone)


def _entries(content: Any, stem: str) -> list[tuple[str, Any]]:
    """List (picture's name, body) from JSON of any form; stem: the picture's name where the form has none."""
    if isinstance(content, list):  # AlphaPose
        return [(str(entry["image_id"]), entry) for entry in content]
    if "people" in content:  # OpenPose
        return [(stem, person) for person in content["people"]]
    if "annotations" in content:  # COCO
        names = {image["id"]: str(image["file_name"]) for image in content["images"]}
        return [(names[entry["image_id"]], entry) for entry in content["annotations"]]
    pictures = {name: entry.get("bodies", entry.get("people")) for name, entry in content.items()}
    return [(name, body) for name, bodies in pictures.items() for body in [*bodies]]  # AlphaPose, by picture


def _body(entry: Mapping[str, Any]) -> Body:
    names = ("keypoints", "joints", "pose_keypoints_2d")
    values = next((entry[name] for name in names if name in entry), None)
    if values is None:
        raise ValueError("no keypoints")
    numbers = np.asarray(values, np.float64)
    count, rest = divmod(numbers.size, 3)
    if rest or count not in LAYOUTS or numbers.ndim > 2:
        raise ValueError(f"{numbers.size} numbers")
    skeleton, which = LAYOUTS[count]
    points = numbers.reshape(count, 3)[list(which)]
    _require_sane(points, "keypoint")
    confidence = points[:, 2].clip(0, 1)
    score = float(entry.get("score", confidence.mean()))
    box = entry.get("box", entry.get("bbox"))
    width, height = np.ptp(points[confidence > 0, :2], axis=0) if box is None and confidence.any() else (0.0, 0.0)
    if box is not None:
        _, _, width, height = (float(side) for side in box)
    _require_sane(np.array([score, width, height]), "score or box")
    if width < 0 or height < 0:
        raise ValueError(f"a box of {width:g} x {height:g}")
    clean = np.column_stack([points[:, :2], confidence]).astype(np.float32)
    return Body(clean, skeleton, (score, float(width * height)))


def _require_sane(values: NDArray[np.float64] | NDArray[np.float32], what: str) -> None:
    reach = np.abs(values).max(initial=0)
    if not reach <= FARTHEST:  # also where it is no number
        raise ValueError(f"a {what} of {reach:g}")
