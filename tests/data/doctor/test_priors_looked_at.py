"""The doctor opens a sample of each prior and says what is wrong with its numbers."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sameperson.data.doctor.prior_maps import multiplied

NAMES = [f"{p}/c{c}/{s}.png" for p in (1, 2, 3) for c in (1, 2) for s in (0, 1)]
BODY = np.array([[12 + 6 * (j % 2), 4 + 3 * j] for j in range(17)], float)
"""Seventeen joints over a picture 32 wide and 64 high."""


@pytest.fixture
def told(crops, said) -> Callable[[], dict[str, str]]:
    """What the doctor says of a folder of crops 64 high and 32 wide, with whatever priors lie beside them."""
    crops(*NAMES)

    def tell() -> dict[str, str]:
        return said(crops())

    return tell


@pytest.fixture
def poses(crops) -> Callable[..., None]:
    def write(change: Callable[[np.ndarray, int], np.ndarray]) -> None:
        root = crops()
        entries = []
        for number, name in enumerate(NAMES):
            xy = change(BODY + number % 3, number)
            joints = np.column_stack([xy, np.full(17, 0.9)]).ravel().tolist()
            entries.append({"image_id": name, "keypoints": joints, "score": 1.0})
        (root / "keypoints.json").write_text(json.dumps(entries))

    return write


@pytest.fixture
def maps(crops) -> Callable[..., None]:
    def write(folder: str, draw: Callable[[int], np.ndarray], mode: str | None = None) -> None:
        for number, name in enumerate(NAMES):
            file = crops() / folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            picture = Image.fromarray(draw(number))
            (picture if mode is None else picture.convert(mode)).save(file)

    return write


def person(*labels: int, size: tuple[int, int] = (64, 32)) -> np.ndarray:
    """A map with background at its edge and bands of labels in its middle."""
    values = np.zeros(size, np.uint8)
    for band, rows in zip(labels, np.array_split(np.arange(4, size[0] - 4), max(len(labels), 1)), strict=False):
        values[rows, size[1] // 4 : -size[1] // 4] = band
    return values


def of(told: dict[str, str], prior: str) -> set[str]:
    """The kinds of findings on a prior."""
    return {kind for kind in told if kind.endswith(f"-{prior}") or kind.startswith(f"{prior}-")}


def test_sound_priors_have_no_finding(told, poses, maps) -> None:
    poses(lambda body, _: body)
    maps("parsing", lambda n: person(13, 5, 9, 18 + n % 2))
    maps("masks", lambda _: person(255))
    maps("irrelevant", lambda n: person(255, 120, 40 + n))
    maps("lr_face", lambda _: np.full((12, 10, 3), 90, np.uint8))
    found = told()
    for prior in ("keypoints", "parsing", "mask", "irrelevant", "face"):
        assert not of(found, prior), found


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        (lambda body, _: body / (32, 64), "keypoints-scaled", "scaled to 0..1 (OpenPose's keypoint_scale 3)"),
        (lambda body, _: body / (16, 32) - 1, "keypoints-scaled", "scaled to -1..1 (OpenPose's keypoint_scale 4)"),
        (lambda body, _: body * 8, "keypoints-outside", "12 pictures in train lie outside"),
        (lambda body, _: body / 8 + 3, "keypoints-clumped", "less than 15 % of their picture"),
        (lambda body, _: 0 * body + 7, "keypoints-clumped", "12 pictures"),
        (lambda _, __: BODY, "keypoints-same", "all 12 pictures in train are the same body"),
    ],
)
def test_keypoints_of_another_scale(told, poses, change, kind: str, words: str) -> None:
    poses(change)
    found = told()
    assert words in found[kind]
    assert "scale them to pixels" in found[kind] or "make them" in found[kind]


@pytest.mark.parametrize(
    ("draw", "mode", "kind", "words"),
    [
        (
            lambda _: np.dstack([person(85, 170)] * 3),
            None,
            "colours-parsing",
            "12 parsing maps of 12 looked at are R",
        ),
        (lambda _: np.dstack([person(85)] * 4), None, "colours-parsing", "are RGBA colour pictures"),
        (lambda _: person(5, 9).astype(np.uint16), None, "colours-parsing", "are I;16 16-bit"),
        (lambda _: person(5, 9), "LA", "colours-parsing", "grey pictures with transparency"),
        (lambda n: person(12, 25, 38, 12 * (n % 2)), None, "multiplied-parsing", "values 0, 12, 25, 38"),
        (lambda _: person(130, 50, 90), None, "multiplied-parsing", "multiplied by 10 (values 0, 50, 90, 130)"),
        (lambda _: person(255), None, "multiplied-parsing", "only 0 and 255: masks of a person"),
        (lambda _: person(1, 20, 23), None, "labels-parsing", "lip does not have: 20, 23 (of 0 to 19)"),
        (lambda _: person(), None, "empty-parsing", "warning: 12 parsing maps of 12 looked at: nothing but background"),
        (
            lambda _: np.full((64, 32), 5, np.uint8),
            None,
            "full-parsing",
            "warning: 12 parsing maps of 12 looked at: ",
        ),
        (lambda _: person(5, 9, size=(64, 64)), None, "stretched-parsing", "64 x 64 for 32 x 64"),
        (lambda _: np.array([[0], [5]], np.uint8), None, "coarse-parsing", "less than 1/8 of the picture's height"),
    ],
)
def test_maps_that_are_no_labels(told, maps, draw, mode, kind: str, words: str) -> None:
    maps("parsing", draw, mode)
    found = told()
    assert words in found[kind]
    assert of(found, "parsing") == {kind}


def test_one_empty_map_is_a_note(told, maps) -> None:
    maps("parsing", lambda n: person(5, 9) if n else person())
    assert told()["empty-parsing"].startswith("note: 1 parsing map of 12 looked at")


def test_masks_that_say_nothing(told, maps) -> None:
    maps("masks", lambda n: person(255) if n % 4 == 0 else person())
    maps("irrelevant", lambda _: np.full((64, 32), 255, np.uint8))
    found = told()
    assert found["empty-mask"].startswith("warning: 9 mask maps of 12 looked at: nothing but background")
    assert found["full-irrelevant"].startswith("warning: 12 irrelevant maps of 12 looked at: no background")
    maps("masks", lambda _: np.dstack([person(255)] * 3))
    assert "RGB colour pictures, not one-channel masks" in told()["colours-mask"]


def test_faces_larger_than_their_picture(told, maps, crops) -> None:
    maps("lr_face", lambda n: np.full((90 if n < 2 else 9, 10, 3), 90, np.uint8))
    maps("hr_face", lambda _: np.full((512, 512, 3), 90, np.uint8))
    (crops() / "lr_face" / NAMES[5]).write_bytes(b"no face")
    found = told()
    assert "2 face crops larger than the picture" in found["outside-face"]
    assert "1 face crop cannot be read" in found["broken-face"]
    assert not of(found, "face_restored")


@pytest.mark.parametrize(
    ("values", "count", "step"),
    [
        ([0, 12, 25, 38], 20, 12.75),  # floor(k * 255 / 20)
        ([0, 13, 27, 40, 54], 20, 255 / 19),  # k * 255 / 19
        ([0, 36, 73, 109, 146], 8, 255 / 7),
        ([0, 30, 70, 110], 20, 10.0),
        ([0, 20, 23], 20, None),
        ([0, 40], 20, None),
        ([0, 1, 21, 22], 20, None),
    ],
)
def test_multiplied_labels_are_told_from_another_set(values: list[int], count: int, step: float | None) -> None:
    found = multiplied(np.array(values), count)
    assert found == (None if step is None else pytest.approx(step))


def test_the_folders_of_priors_are_no_pictures(told, maps, crops) -> None:
    maps("parsing", lambda _: person(5, 9))
    maps("masks", lambda _: person(255))
    assert "unlisted" not in told()
    assert Path(crops()).joinpath("parsing").is_dir()
