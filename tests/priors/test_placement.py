"""A square that lies on a picture lies on it still in every prior, after any augmentation."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sameperson.checks import InputError
from sameperson.config import Augment, Data, Parsing
from sameperson.data.prior_batch import PriorBatch
from sameperson.data.transforms import Transform, sample_transform
from sameperson.images.geometry import Geometry
from sameperson.priors.load import PRIORS, open_priors
from sameperson.types import Samples

SIZE = (32, 16)
LEFT_WRIST, RIGHT_WRIST = 9, 10


@pytest.fixture
def samples(tmp_path: Path) -> Samples:
    """One picture with a white square, its arm, and a second picture of which nothing is known."""
    values = np.zeros(SIZE, np.uint8)
    values[8:16, 4:8] = 1
    for folder, picture in {
        "parsing": values * 14,
        "mask": values * 255,
        "irrelevant": values * 200,
        "pictures": np.repeat(values[..., None] * 255, 3, axis=2),
    }.items():
        (tmp_path / folder).mkdir()
        Image.fromarray(picture).save(tmp_path / folder / "a.png")
    face = np.zeros((12, 12, 3), np.uint8)
    face[:, :6] = 255
    for folder in ("face", "face_restored"):
        (tmp_path / folder).mkdir()
        Image.fromarray(face).save(tmp_path / folder / "a.jpg", quality=100)
    joints = np.zeros((17, 3))
    joints[LEFT_WRIST] = 6, 12, 0.9  # the square's middle
    bodies = [{"image_id": "a.jpg", "keypoints": joints.ravel().tolist()}]
    (tmp_path / "keypoints").write_text(json.dumps(bodies))
    Image.fromarray(np.repeat(values[..., None] * 255, 3, axis=2)).save(tmp_path / "a.jpg", quality=100)
    Image.fromarray(np.zeros((*SIZE, 3), np.uint8)).save(tmp_path / "b.jpg")
    return Samples.of(["a.jpg", "b.jpg"], [1, 1], root=tmp_path, priors={name: tmp_path / name for name in PRIORS})


def prior_batch(samples: Samples, transform: Transform, data: Data) -> PriorBatch:
    batch = PriorBatch.empty(open_priors(samples, tuple(PRIORS), data), 2, SIZE)
    batch.put(0, 0, transform)
    batch.put(1, 1, transform)
    return batch


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("shift", [(0, 0), (5, -2), (-4, 3)])
def test_the_square_is_at_the_same_place_everywhere(samples: Samples, mirrored: bool, shift: tuple[int, int]) -> None:
    data = Data(size=SIZE, parsing=Parsing(merge="study-7"), face_size=(4, 4))
    transform = Transform(Geometry(SIZE, SIZE, SIZE, shift, mirrored))
    batch = prior_batch(samples, transform, data)
    # by hand: rows 8 to 16 move down, columns 4 to 8 across, then all is mirrored in 16 columns
    rows = range(8 + shift[0], 16 + shift[0])
    columns = range(4 + shift[1], 8 + shift[1])
    columns = [15 - column for column in columns] if mirrored else list(columns)
    expected = np.zeros(SIZE, bool)
    expected[np.ix_(rows, columns)] = True
    picture = transform.picture(np.repeat((samples_picture(samples))[..., None], 3, axis=2))
    assert ((picture[..., 0] > 128) == expected).all()
    assert (batch.arrays["mask"][0] == expected).all()
    assert (batch.arrays["parsing"][0] == np.where(expected, 4 if mirrored else 3, 0)).all()  # left arm, right arm
    assert (batch.arrays["irrelevant"][0] == np.where(expected, 200, 0)).all()
    wrist = RIGHT_WRIST if mirrored else LEFT_WRIST
    middle = [np.mean(columns) + 0.5, np.mean(rows) + 0.5, 0.9]
    assert batch.arrays["keypoints"][0, wrist].tolist() == pytest.approx(middle)
    assert batch.arrays["keypoints"][0, [LEFT_WRIST + RIGHT_WRIST - wrist], 2] == 0
    for name in ("face", "face_restored"):
        face = batch.arrays[name][0]
        assert face.shape == (3, 4, 4)
        bright = face.mean(axis=(0, 1)) > 128
        assert bright.tolist() == [False, False, True, True] if mirrored else [True, True, False, False]
    for name, values in batch.arrays.items():
        assert batch.valid[name].tolist() == [True, False]
        assert not values[1].any()


def samples_picture(samples: Samples) -> np.ndarray:
    return np.array(Image.open(samples.root / "mask" / "a.png"))


def test_openpose_joints_change_sides_too(samples: Samples) -> None:
    mirrored = Transform(Geometry(SIZE, SIZE, SIZE, (0, 0), True))
    batch = prior_batch(samples, mirrored, Data(size=SIZE, skeleton="openpose", face_size=(4, 4)))
    points = batch.arrays["keypoints"][0]
    assert points.shape == (18, 3)
    assert points[4].tolist() == pytest.approx([10, 12, 0.9])  # OpenPose's right wrist
    assert (np.delete(points, 4, axis=0)[:, 2] == 0).all()


def test_an_erased_box_takes_labels_but_neither_grey_masks_nor_faces(samples: Samples) -> None:
    data = Data(size=SIZE, augment=Augment(flip=0, pad=0, erase=1, erase_area=(0.3, 0.4)), face_size=(4, 4))
    for seed in range(50):
        transform = sample_transform(SIZE, data, np.random.default_rng(seed))
        batch = prior_batch(samples, transform, data)
        box = transform.box
        assert box is not None
        covered = np.zeros(SIZE, bool)
        covered[box.top : box.top + box.height, box.left : box.left + box.width] = True
        square = samples_picture(samples) > 0
        assert (batch.arrays["mask"][0] == (square & ~covered)).all()
        assert (batch.arrays["irrelevant"][0] == 200 * square).all()
        assert batch.arrays["face"][0].max() > 200
        hidden = box.left <= 6 < box.left + box.width and box.top <= 12 < box.top + box.height
        assert (batch.arrays["keypoints"][0, LEFT_WRIST, 2] == 0) == hidden


def test_grey_masks_of_another_size_are_interpolated_as_pictures_are(tmp_path: Path) -> None:
    levels = np.array([[0, 100], [100, 200]], np.uint8)
    Image.fromarray(levels).save(tmp_path / "a.png")
    Image.fromarray(np.stack([levels, levels * 0, levels * 0], axis=2)).save(tmp_path / "b.png")  # channel 0 counts
    samples = Samples.of(["a.jpg", "b.jpg"], [1, 1], root=tmp_path, priors={"irrelevant": tmp_path})
    prior = open_priors(samples, ["irrelevant"])["irrelevant"]
    transform = Transform(Geometry.resizing((64, 32), (4, 4)))
    naive = np.zeros((4, 4))
    for row in range(4):
        for column in range(4):
            # the middle of a cell in the coordinates of the 2 x 2 middles, held at the outer ones
            y, x = (min(max((place + 0.5) / 2 - 0.5, 0), 1) for place in (row, column))
            naive[row, column] = 100 * y + 100 * x
    for row in range(2):
        placed = prior.place(row, transform)
        assert placed.dtype == np.uint8
        assert np.abs(placed - naive).max() <= 1


def test_a_damaged_prior_is_named_when_it_is_read(samples: Samples) -> None:
    for name in ("parsing", "irrelevant", "face"):
        file = next((samples.root / name).iterdir())
        file.write_bytes(file.read_bytes()[:20])
        prior = open_priors(samples, [name], Data(face_size=(4, 4)))[name]
        with pytest.raises(InputError, match=file.name):
            prior.place(0, Transform(Geometry.resizing(SIZE, SIZE)))


def test_a_prior_of_other_pictures_is_no_prior(samples: Samples) -> None:
    others = Samples.of(["y/c.jpg", "y/d.jpg"], [1, 1], root=samples.root, priors=samples.priors)
    for name in PRIORS:
        with pytest.raises(InputError, match=rf"{name} of none of the 2 pictures in .*; .* such as y/c\.jpg"):
            open_priors(others, [name])


def test_a_path_is_surer_than_a_name(tmp_path: Path) -> None:
    samples = Samples.of(["one/a.jpg", "two/b.jpg"], [1, 2], root=tmp_path, priors={"mask": tmp_path / "masks"})
    for name, size in (("a.png", 1), ("one/a.png", 2), ("b.png", 3), ("three/b.png", 4)):
        (tmp_path / "masks" / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.ones((size, size), np.uint8)).save(tmp_path / "masks" / name)
    prior = open_priors(samples, ["mask"])["mask"]
    grids = [prior.place(row, Transform(Geometry.resizing((4, 4), (4, 4)))).shape for row in range(2)]
    assert grids == [(4, 4), (4, 4)]
    assert [str(name) for name in prior.files.names] == ["one/a.png", "b.png"]  # type: ignore[attr-defined]
