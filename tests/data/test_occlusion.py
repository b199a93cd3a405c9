"""What is pasted in front of a person comes from somebody else, and no label shows through it."""

from functools import partial

import numpy as np
import pytest

from sameperson.config import Augment, Data
from sameperson.data.loading import picture_of_another, train_loader
from sameperson.data.occlusion import sample_occluder
from sameperson.data.readers import read_dataset
from sameperson.data.transforms import sample_transform
from sameperson.images.decode import picture_of
from sameperson.overrides import load_recipe

SIZE = (64, 32)
PICTURE = np.full((*SIZE, 3), 200, np.uint8)
OTHER = np.random.default_rng(0).integers(0, 100, (48, 24, 3)).astype(np.uint8)


def other(_: np.random.Generator) -> np.ndarray:
    return OTHER


def drawn(seed: int, **augment):
    data = Data(size=SIZE, augment=Augment(**{"flip": 0, "pad": 0, "erase": 0, "occlude": 1} | augment))
    return sample_transform(SIZE, data, np.random.default_rng(seed), other)


@pytest.mark.parametrize("seed", range(30))
def test_the_box_alone_is_painted_and_labels_under_it_are_background(seed):
    transform = drawn(seed)
    box = transform.occluder.box
    assert box.top >= 0 and box.left >= 0 and box.top + box.height == SIZE[0] and box.left + box.width <= SIZE[1]
    inside = np.zeros(SIZE, bool)
    inside[box.top : box.top + box.height, box.left : box.left + box.width] = True
    sample = transform.picture(PICTURE)
    assert (sample[~inside] == 200).all() and (sample[inside] < 200).all()
    labels = transform.labels(np.full(SIZE, 7, np.uint8), SIZE, None)
    assert (labels[inside] == 0).all() and (labels[~inside] == 7).all()
    levels = transform.levels(np.full(SIZE, 255, np.uint8))
    assert (levels[inside] == 0).all() and (levels[~inside] == 255).all()
    y, x = np.mgrid[0 : SIZE[0], 0 : SIZE[1]] + 0.5
    points = np.stack([x, y, np.ones(SIZE)], axis=-1).reshape(-1, 3).astype(np.float32)
    assert (transform.points(points, None)[:, 2].reshape(SIZE).astype(bool) == ~inside).all()
    assert (PICTURE == 200).all()


def test_it_hides_legs_a_side_or_a_strip_but_never_most_of_a_person():
    boxes = [sample_occluder(SIZE, lambda: OTHER, np.random.default_rng(seed)).box for seed in range(500)]
    shares = np.array([box.height * box.width for box in boxes]) / (SIZE[0] * SIZE[1])
    assert shares.max() <= 0.62 and shares.min() >= 0.05 and 0.2 < shares.mean() < 0.4
    assert {box.left == 0 for box in boxes} == {True, False}
    tops = {box.top < 0.45 * SIZE[0] for box in boxes}
    assert tops == {True, False}


def test_people_and_things_are_pasted():
    """A person is the picture itself in the sample's size; a thing is a patch of it, enlarged until it is smooth."""
    rough = [
        np.abs(np.diff(sample_occluder(SIZE, lambda: OTHER, np.random.default_rng(seed)).paint.astype(int), axis=0))
        for seed in range(200)
    ]
    means = np.array([one.mean() if one.size else 0 for one in rough])
    assert 60 < (means > 12).sum() < 140


def test_without_it_the_augmentation_is_as_before():
    words = {"flip": 0.5, "pad": 3, "erase": 0.5, "jpeg": 0.5, "occlude": 0}
    data = Data(size=SIZE, augment=Augment(**words))
    first, second = np.random.default_rng(3), np.random.default_rng(3)
    for _ in range(50):
        with_other, without = sample_transform(SIZE, data, first, other), sample_transform(SIZE, data, second)
        assert (with_other.picture(PICTURE) == without.picture(PICTURE)).all() and with_other.occluder is None
    assert 60 < sum(drawn(seed, occlude=0.5).occluder is not None for seed in range(200)) < 140


def test_faults_of_the_camera_show_what_is_pasted_too():
    coarse = drawn(4, coarse=0, jpeg=1)
    clean = drawn(4)
    box = clean.occluder.box
    part = slice(box.top, box.top + box.height), slice(box.left, box.left + box.width)
    assert (coarse.picture(PICTURE)[part] != clean.picture(PICTURE)[part]).any()


def test_it_is_always_somebody_else(crowd):
    recipe = load_recipe("baseline/world_small", [f"data.root={crowd}"])
    train = read_dataset(recipe.data).train
    for row in range(len(train)):
        own = [picture_of(train, other) for other in np.flatnonzero(train.pid == train.pid[row])]
        found = [picture_of_another(train, row, np.random.default_rng(seed)) for seed in range(20)]
        assert not any((one == mine).all() for one in found for mine in own)
        assert len({one.tobytes() for one in found}) > 5
    alone = train.take(np.flatnonzero(train.pid == train.pid[0]))
    assert (picture_of_another(alone, 0, np.random.default_rng(0)) == picture_of(alone, 0)).all()


def test_batches_do_not_depend_on_the_threads(crowd):
    def images(workers: int) -> np.ndarray:
        words = [f"data.root={crowd}", f"data.workers={workers}", "data.augment.occlude=1", "data.size=32,16"]
        recipe = load_recipe("baseline/world_small", [*words, "sampler.people=4", "sampler.pictures=2"])
        batches = train_loader(read_dataset(recipe.data).train, recipe, 0)
        return np.concatenate([batch.images.numpy() for batch in batches])

    assert (images(0) == images(3)).all()


def test_the_drawing_is_repeatable():
    draw = partial(sample_occluder, SIZE, lambda: OTHER)
    first, second = draw(np.random.default_rng(9)), draw(np.random.default_rng(9))
    assert first.box == second.box and (first.paint == second.paint).all()
