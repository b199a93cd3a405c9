import numpy as np
import pytest

from sameperson.config import Augment, Data
from sameperson.data.transforms import GREY, change_colour, sample_transform
from sameperson.images.geometry import Geometry

PICTURE = np.random.default_rng(0).integers(40, 200, (24, 12, 3)).astype(np.uint8)


def drawn(count: int = 200, **augment):
    data = Data(size=(24, 12), augment=Augment(**augment))
    rng = np.random.default_rng(1)
    return [sample_transform((24, 12), data, rng) for _ in range(count)]


def test_the_same_generator_gives_the_same_sample() -> None:
    data = Data(size=(24, 12), augment=Augment(erase=1, erase_fill="noise", brightness=0.3, contrast=0.3))
    first, second = (sample_transform((24, 12), data, np.random.default_rng(5)) for _ in range(2))
    assert (first.picture(PICTURE) == second.picture(PICTURE)).all()
    other = sample_transform((24, 12), data, np.random.default_rng(6))
    assert (first.picture(PICTURE) != other.picture(PICTURE)).any()


def test_applying_a_transform_leaves_its_source_alone() -> None:
    before = PICTURE.copy()
    for transform in drawn(20, flip=0, pad=0, erase=1, brightness=0.2):
        transform.picture(PICTURE)
    assert (before == PICTURE).all()


def test_every_knob_acts() -> None:
    assert all(t.geometry.mirrored for t in drawn(flip=1))
    assert not any(t.geometry.mirrored for t in drawn(flip=0))
    assert 60 < sum(t.geometry.mirrored for t in drawn(flip=0.5)) < 140
    shifts = {shift for t in drawn(pad=2) for shift in t.geometry.shift}
    assert shifts == {-2, -1, 0, 1, 2}
    assert all(t.geometry.shift == (0, 0) for t in drawn(pad=0))
    assert all(t.box is None for t in drawn(erase=0))
    assert all(t.box is not None for t in drawn(erase=1))
    assert all(t.colour == (1, 1, 1) for t in drawn())
    assert all(0.8 <= t.colour[0] <= 1.2 and t.colour[1:] == (1, 1) for t in drawn(brightness=0.2))
    assert {t.policy for t in drawn(erase_labels="ignore")} == {"ignore"}


def test_nothing_asked_is_a_plain_resize() -> None:
    data = Data(size=(30, 20), augment=Augment(flip=0, pad=0, erase=0))
    transform = sample_transform((24, 12), data, np.random.default_rng(0))
    assert (transform.picture(PICTURE) == Geometry.resizing((24, 12), (30, 20)).picture(PICTURE)).all()


@pytest.mark.parametrize("factors", [(1.2, 1, 1), (1, 0.6, 1), (1, 1, 0.3), (0.9, 1.3, 1.4)])
def test_colour_equals_its_definition(factors: tuple[float, float, float]) -> None:
    brightness, contrast, saturation = factors
    picture = PICTURE * brightness
    mean = (picture @ GREY).mean()
    picture = contrast * picture + (1 - contrast) * mean
    grey = (picture @ GREY)[..., None]
    expected = (saturation * picture + (1 - saturation) * grey).clip(0, 255)
    assert np.abs(change_colour(PICTURE, *factors) - expected).max() < 1


def test_picture_labels_and_keypoints_share_one_geometry_and_one_box() -> None:
    """A bright dot on black, its label and its keypoint go together, or vanish together under the box."""
    dot = np.zeros((24, 12, 3), np.uint8)
    dot[9:12, 5:8] = 250
    labels = (dot[..., 0] > 0).astype(np.uint8)
    point = np.array([[6.5, 10.5, 1.0]], np.float32)
    data = Data(size=(48, 24), augment=Augment(pad=6, erase=0.7, erase_fill="zero"))
    outcomes = set()
    for seed in range(100):
        transform = sample_transform((24, 12), data, np.random.default_rng(seed))
        x, y, seen = transform.points(point, None)[0]
        placed = transform.labels(labels, (48, 24), None)
        outcomes.add(bool(seen))
        if seen:
            assert transform.picture(dot)[int(y), int(x)].min() > 200
            assert placed[int(y), int(x)] == 1
        elif 0 <= x < 24 and 0 <= y < 48:
            assert transform.picture(dot)[int(y), int(x)].max() == 0
            assert placed[int(y), int(x)] == 0
    assert outcomes == {True, False}
