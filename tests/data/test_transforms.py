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


def test_scale_and_rotation_stay_in_their_bounds_and_change_nothing_else() -> None:
    plain, turned = drawn(300, erase=0.5), drawn(300, erase=0.5, scale=0.25, rotate=30)
    zooms = [t.geometry.zoom for t in turned]
    degrees = [t.geometry.degrees for t in turned]
    assert min(zooms) == 0.75 and max(zooms) == 1.25 and 0.9 < np.mean(zooms) < 1.1
    assert min(degrees) < -40 and max(degrees) > 40 and max(map(abs, degrees)) <= 60
    assert 0.3 < np.mean([value == 0 for value in degrees]) < 0.5
    assert plain[0].geometry == turned[0].geometry.plain and plain[0].box == turned[0].box
    assert all(t.geometry.degrees == 0 for t in drawn(scale=0.1)) and all(t.geometry.zoom == 1 for t in drawn(rotate=9))
    assert all(t.geometry.degrees for t in drawn(rotate=9, rotate_share=1))


def test_picture_labels_and_keypoints_turn_alike() -> None:
    """A bright dot, its label and its keypoint lie in one place of the sample; beyond the edges is the border."""
    dot = np.full((40, 20, 3), 30, np.uint8)
    dot[17:22, 8:13] = 250
    labels = (dot[..., 0] > 100).astype(np.uint8)
    point = np.array([[10.5, 19.5, 1.0]], np.float32)
    augment = Augment(scale=0.5, rotate=40, rotate_share=1, erase=0, pad=3, border="mean", border_labels="ignore")
    data = Data(size=(80, 40), mean=(0.5, 0.75, 1.0), augment=augment)
    borders = 0
    for seed in range(100):
        transform = sample_transform((40, 20), data, np.random.default_rng(seed))
        x, y, seen = transform.points(point, None)[0]
        placed, picture = transform.labels(labels, (80, 40), None), transform.picture(dot)
        assert seen and placed[int(y), int(x)] == 1 and picture[int(y), int(x)].min() > 200
        if (placed[0, :3] == 255).all() and (placed[:3, 0] == 255).all():
            borders += 1
            assert picture[0, 0].tolist() == [128, 191, 255]
        assert transform.levels(labels)[placed == 255].max(initial=0) <= 1
    assert borders > 20


def test_the_border_of_a_shifted_picture_is_named_too() -> None:
    data = Data(size=(24, 12), augment=Augment(erase=0, pad=6, flip=0, border="mean", border_labels="ignore"))
    transform = sample_transform((24, 12), data, np.random.default_rng(3))
    down, right = transform.geometry.shift
    assert (down, right) != (0, 0)
    outside = np.ones((24, 12), bool)
    outside[max(down, 0) : 24 + down, max(right, 0) : 12 + right] = False
    assert (transform.labels(np.ones((24, 12), np.uint8), (24, 12), None) == np.where(outside, 255, 1)).all()
    assert (transform.picture(PICTURE)[outside] == [124, 116, 104]).all()
