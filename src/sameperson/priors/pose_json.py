"""Pose JSON: the bodies in a JSON file of AlphaPose, PoseFlow, OpenPose, COCO or MMPose.

What is none of these is named by what is in it. numpy only.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sameperson.checks import InputError, read_json
from sameperson.priors.skeletons import BODY_25, COCO, OPENPOSE, Skeleton

FARTHEST = 1e6
"""Pixels from the corner beyond which a coordinate is a mistake."""
FORMS = "AlphaPose's or PoseFlow's bodies, COCO's images and annotations, OpenPose's people, or MMPose's instances"
SHOWN = 5
"""Names in a file of an unknown form that an error lists."""
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


class _Entry(NamedTuple):
    """A body as it stands in the file; alone: the file is of one picture, whose name is the file's."""

    name: str
    content: Any
    alone: bool = False


def bodies_in_json(file: Path, stem: str) -> Iterator[NamedBody]:
    """Read the bodies in a JSON file of any form; stem: the file's name, which names a picture or a folder of them.

    Raises InputError that names the file, and the body in it, where something is not as it should be.
    """
    content = read_json(file, f"keypoints: {FORMS}", wrong="not keypoints")
    try:
        entries = list(_entries(content, stem))
    except ValueError as error:
        raise InputError(f"{file}: not keypoints ({error})", FORMS, "check which file this is") from error
    for place, entry in enumerate(entries):
        try:
            body = _body(entry.content)
        except ValueError as error:
            found = f"{file}: body {place} ({entry.name}): {error}"
            expected = "17 or 18 times x, y, confidence in pixels; a score; a box left, top, width, height"
            raise InputError(found, expected, "write these keypoints anew") from error
        yield NamedBody(entry.name, body, "" if entry.alone else stem, entry.alone)


def described(content: Any) -> str:
    """Say in words what a JSON value is.

    >>> described({"frames": [], "fps": 25}), described([1, 2]), described(None)
    ('an object of frames, fps', 'a list of 2, the first of them a number', 'null')
    """
    match content:
        case None:
            return "null"
        case bool() | int() | float():
            return "a number"
        case str():
            return f"the text {content[:40]!r}"
        case []:
            return "an empty list"
        case [first, *_]:
            kind = "a list" if isinstance(first, list) else described(first)
            return f"a list of {len(content)}, the first of them {kind}"
        case {}:
            names = ", ".join(str(name)[:40] for name in list(content)[:SHOWN])
            return (
                f"an object of {names}{' and more' if len(content) > SHOWN else ''}" if content else "an empty object"
            )
    return "something else"


def _entries(content: Any, stem: str) -> Iterator[_Entry]:
    """List the bodies of JSON of any form; stem: the picture's name where the form has none."""
    match content:
        case []:
            return
        case [{"image_id": _}, *_]:  # AlphaPose, tracked or not
            for entry in content:
                yield _Entry(str(_member(entry, "image_id")), entry)
        case [{"keypoints": _, "keypoint_scores": _}, *_]:  # MMPose, a file a picture
            yield from _instances(content, stem)
        case [{"instances": _}, *_] | {"instance_info": [{"instances": _}, *_]}:
            raise ValueError("MMPose's results of a film, whose frames have numbers and no names")
        case {"instance_info": list(instances)}:
            folder, slash, name = stem.rpartition("/")
            yield from _instances(instances, folder + slash + name.removeprefix("results_"))
        case {"people": people}:  # OpenPose
            for person in _list(people, "people"):
                yield _Entry(stem, person, alone=True)
        case {"annotations": annotations}:
            yield from _coco(content, _list(annotations, "annotations"))
        case dict() if content and all(isinstance(value, (dict, list)) for value in content.values()):
            yield from _by_picture(content)
        case _:
            raise ValueError(described(content))


def _instances(bodies: Sequence[Any], stem: str) -> Iterator[_Entry]:
    for body in bodies:
        yield _Entry(stem, body, alone=True)


def _coco(content: Mapping[str, Any], annotations: Sequence[Any]) -> Iterator[_Entry]:
    images = _list(content.get("images"), "images")
    names = {_key(_member(image, "id")): str(_member(image, "file_name")) for image in images}
    for number, entry in enumerate(annotations):
        image = _key(_member(entry, "image_id"))
        if image not in names:
            raise ValueError(f"annotation {number} is of image {image}, which images lacks")
        yield _Entry(names[image], entry)


def _by_picture(content: Mapping[str, Any]) -> Iterator[_Entry]:
    """List bodies by picture, as PoseFlow has them (a list) and AlphaPose (an object of bodies or people)."""
    for name, entry in content.items():
        bodies = entry
        if isinstance(entry, dict):
            bodies = entry.get("bodies", entry.get("people"))
        if not isinstance(bodies, list):
            raise ValueError(f"{name[:60]!r} is {described(entry)}")
        for body in bodies:
            yield _Entry(name, body)


def _member(entry: Any, name: str) -> Any:
    if not isinstance(entry, dict) or name not in entry:
        raise ValueError(f"{described(entry)}, without {name}")
    return entry[name]


def _key(value: Any) -> int | str:
    if not isinstance(value, (int, str)):
        raise ValueError(f"an image's id is {described(value)}")
    return value


def _list(value: Any, name: str) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError(f"{name} is {described(value)}")
    return value


def _body(entry: Any) -> Body:
    if not isinstance(entry, dict):
        raise ValueError(described(entry))
    names = ("keypoints", "joints", "pose_keypoints_2d")
    values = next((entry[name] for name in names if name in entry), None)
    if values is None:
        raise ValueError(f"no keypoints in {described(entry)}")
    numbers = _table(values, "keypoints")
    if "keypoint_scores" in entry:  # MMPose: x, y, and the scores apart
        scores = _table(entry["keypoint_scores"], "keypoint_scores").ravel()
        if numbers.shape != (len(scores), 2):
            shape = " x ".join(str(length) for length in numbers.shape)
            raise ValueError(f"{shape} numbers with {len(scores)} keypoint_scores, not x and y of each")
        numbers = np.column_stack([numbers, scores])
    count, rest = divmod(numbers.size, 3)
    if rest or count not in LAYOUTS or numbers.ndim > 2:
        raise ValueError(f"{numbers.size} numbers")
    skeleton, which = LAYOUTS[count]
    points = numbers.reshape(count, 3)[list(which)]
    require_sane(points, "keypoint")
    confidence = points[:, 2].clip(0, 1)
    seen = points[confidence > 0, :2]
    width, height = _box(entry) or (np.ptp(seen, axis=0) if len(seen) else (0.0, 0.0))
    score = _score(entry, float(confidence.mean()))
    require_sane(np.array([score, width, height]), "score or box")
    if width < 0 or height < 0:
        raise ValueError(f"a box of {width:g} x {height:g}")
    clean = np.column_stack([points[:, :2], confidence]).astype(np.float32)
    return Body(clean, skeleton, (score, float(width * height)))


def _box(entry: Mapping[str, Any]) -> tuple[float, float] | None:
    """Return the (width, height) of a body's box: left, top, width, height, or MMPose's corners in a list of boxes."""
    box = entry.get("box", entry.get("bbox"))
    if box is None:
        return None
    sides = _table(box, "box").ravel()
    if len(sides) < 4:
        raise ValueError(f"a box of {len(sides)} numbers")
    left, top, width, height = sides[:4].tolist()
    corners = "keypoint_scores" in entry
    return (width - left, height - top) if corners else (width, height)


def _score(entry: Mapping[str, Any], mean: float) -> float:
    value = next((entry[name] for name in ("score", "scores", "bbox_score") if name in entry), mean)
    if not isinstance(value, (int, float)) or (isinstance(value, int) and abs(value) > FARTHEST):
        raise ValueError(f"a score that is {described(value)}")
    return float(value)


def _table(values: Any, name: str) -> NDArray[np.float64]:
    """Return numbers, or rows of as many numbers each, as an array."""
    try:
        return np.asarray(values, np.float64)
    except (TypeError, ValueError, OverflowError) as error:  # whose texts speak of Python
        raise ValueError(f"{name} is not a table of numbers") from error


def require_sane(values: NDArray[np.float64] | NDArray[np.float32], what: str) -> None:
    """Raise ValueError for numbers that are not finite, or too large for a picture."""
    reach = np.abs(values).max(initial=0)
    if not reach <= FARTHEST or math.isnan(reach):
        raise ValueError(f"a {what} of {reach:g}")
