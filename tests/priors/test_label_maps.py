from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sameperson.checks import InputError
from sameperson.priors.label_sets import LIP
from sameperson.priors.masks import load_masks
from sameperson.priors.parsing import load_parsing
from sameperson.types import Samples

SAMPLES = Samples.of(["train/a.jpg", "train/b.jpg", "train/c.jpg"], [1, 1, 2])
LABELS = np.random.default_rng(0).integers(0, 20, (6, 4)).astype(np.uint8)


def save(file: Path, labels: np.ndarray, palette: bool = True) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.fromarray(labels)
    if palette:
        picture.putpalette(np.random.default_rng(1).integers(0, 256, 768).astype(np.uint8).tobytes())
    picture.save(file)


def test_palette_and_grey_parsing_by_name_or_by_path(tmp_path: Path) -> None:
    save(tmp_path / "a.png", LABELS)
    save(tmp_path / "train" / "c.png", LABELS[::-1], palette=False)
    save(tmp_path / "stranger.png", LABELS)
    parsing = load_parsing(tmp_path, SAMPLES)
    assert (parsing.read(0) == LABELS).all()
    assert parsing.read(1) is None
    assert (parsing.read(2) == LABELS[::-1]).all()


def test_mirror_table_exchanges_left_and_right_of_lip(tmp_path: Path) -> None:
    swap = load_parsing(tmp_path, SAMPLES).swap
    assert swap is not None
    for label, name in enumerate(LIP.labels):
        assert LIP.labels[swap[label]] == name.replace("left", "x").replace("right", "left").replace("x", "right")
    assert swap[20:].tolist() == list(range(20, 256))


def test_masks_are_one_on_the_person(tmp_path: Path) -> None:
    save(tmp_path / "a.png", np.where(LABELS > 9, 255, 0).astype(np.uint8), palette=False)
    save(tmp_path / "b.png", LABELS)
    masks = load_masks(tmp_path, SAMPLES)
    assert (masks.read(0) == (LABELS > 9)).all()
    assert (masks.read(1) == (LABELS > 0)).all()
    assert masks.swap is None


def test_strange_maps_are_named(tmp_path: Path) -> None:
    save(tmp_path / "a.png", np.full((6, 4), 33, np.uint8), palette=False)
    save(tmp_path / "b.png", np.zeros((6, 4, 3), np.uint8), palette=False)
    (tmp_path / "c.png").write_text("no picture")
    parsing = load_parsing(tmp_path, SAMPLES)
    for row, says in enumerate(["a.png: label 33 is none of lip's", "b.png: mode RGB", "c.png: cannot identify"]):
        with pytest.raises(InputError, match=says):
            parsing.read(row)
    with pytest.raises(InputError, match="no such folder"):
        load_parsing(tmp_path / "gone", SAMPLES)


def test_unlabelled_pixels_are_allowed(tmp_path: Path) -> None:
    save(tmp_path / "a.png", np.full((6, 4), 255, np.uint8), palette=False)
    read = load_parsing(tmp_path, SAMPLES).read(0)
    assert read is not None
    assert (read == 255).all()
