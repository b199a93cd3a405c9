"""A network that needs priors is given those of each picture, mirrored with it, zeros where one is missing."""

import json
import logging
from dataclasses import dataclass, field

import numpy as np
import pytest
import torch
from PIL import Image

from sameperson.checks import InputError
from sameperson.config import Data, Parsing
from sameperson.data.batch import Priors
from sameperson.data.needed_priors import open_needed
from sameperson.evaluation.embed import embed
from sameperson.methods.method import Embedded
from sameperson.priors.label_sets import LIP
from sameperson.priors.needs import data_of, needs_in
from sameperson.types import Samples

LEFT, RIGHT, HAT = (LIP.labels.index(name) for name in ("left-arm", "right-arm", "hat"))
HEIGHT, WIDTH = 4, 6
PICTURES = 5
KINDS = ("parsing", "keypoints", "face", "irrelevant")
FORM = needs_in(KINDS, Data(face_size=(2, 2)))


@dataclass
class Sees:
    """A network whose feature is what it is given of a prior, unrolled; it notes each batch."""

    prior: str
    form: dict = field(default_factory=lambda: FORM)
    size: tuple[int, int] = (HEIGHT, WIDTH)
    fingerprint: str = "sees"
    given: list = field(default_factory=list)

    @property
    def needs(self):
        return {self.prior: self.form[self.prior]}

    def features(self, images, give="features", priors=None):
        assert list(priors) == [self.prior]
        self.given.append(priors.valid[self.prior].tolist())
        return Embedded(priors[self.prior].float().flatten(1))


@pytest.fixture
def people(tmp_path):
    """Five pictures 4 x 6 with one of each prior, but for picture 3, which has none."""
    rng, bodies = np.random.default_rng(5), []
    for folder in ("parsing", "lr_face", "irrelevant"):
        (tmp_path / folder).mkdir()
    for row in range(PICTURES):
        Image.fromarray(rng.integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)).save(tmp_path / f"{row}.png")
        if row == 3:
            continue
        labels = rng.choice([0, LEFT, RIGHT, HAT], (HEIGHT, WIDTH)).astype(np.uint8)
        Image.fromarray(labels).save(tmp_path / "parsing" / f"{row}.png")
        Image.fromarray(rng.integers(0, 256, (2, 2, 3), np.uint8)).save(tmp_path / "lr_face" / f"{row}.png")
        Image.fromarray(rng.integers(0, 256, (HEIGHT, WIDTH), np.uint8)).save(tmp_path / "irrelevant" / f"{row}.png")
        joints = np.stack([rng.uniform(0.5, 5.5, 17), rng.uniform(0.5, 3.5, 17), rng.uniform(0.1, 1, 17)], 1)
        bodies.append({"image_id": f"{row}.png", "category_id": 1, "keypoints": joints.ravel().tolist(), "score": 1})
    (tmp_path / "keypoints.json").write_text(json.dumps(bodies))
    return Samples.of([f"{row}.png" for row in range(PICTURES)], range(PICTURES), root=tmp_path)


def stored(samples, prior, row):
    """What a file holds, read with Pillow and json alone."""
    if prior == "keypoints":
        bodies = {
            one["image_id"]: one["keypoints"] for one in json.loads((samples.root / "keypoints.json").read_text())
        }
        return np.array(bodies[f"{row}.png"]).reshape(17, 3)
    folder = {"parsing": "parsing", "face": "lr_face", "irrelevant": "irrelevant"}[prior]
    pixels = np.asarray(Image.open(samples.root / folder / f"{row}.png"), np.float64)
    return pixels.transpose(2, 0, 1) if prior == "face" else pixels


def mirrored(prior, values):
    """The mirror image by plain loops."""
    if prior == "keypoints":  # COCO: the nose, then pairs of a left and a right joint
        partner = [0] + [joint + 1 if joint % 2 else joint - 1 for joint in range(1, 17)]
        return np.array([[WIDTH - values[other, 0], values[other, 1], values[other, 2]] for other in partner])
    flipped = np.empty_like(values)
    for column in range(values.shape[-1]):
        flipped[..., column] = values[..., values.shape[-1] - 1 - column]
    if prior == "parsing":
        other = {LEFT: RIGHT, RIGHT: LEFT}
        for place in np.ndindex(flipped.shape):
            flipped[place] = other.get(int(flipped[place]), flipped[place])
    return flipped


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("prior", KINDS)
def test_each_picture_comes_with_its_own(people, prior, workers):
    network = Sees(prior)
    found, kept, _ = embed(network, people, batch=2, workers=workers)
    for row in range(PICTURES):
        expected = 0 if row == 3 else stored(people, prior, row).ravel()
        np.testing.assert_allclose(found.features[row], expected, atol=1e-5)
    assert network.given == [[True, True], [True, False], [True]]
    assert len(kept) == PICTURES


@pytest.mark.parametrize("prior", KINDS)
def test_a_mirror_image_has_a_mirrored_prior(people, prior):
    found, _, _ = embed(Sees(prior), people, batch=2, flip=True)
    for row in range(PICTURES):
        expected = 0
        if row != 3:
            values = stored(people, prior, row)
            expected = (values + mirrored(prior, values)).ravel()
        np.testing.assert_allclose(found.features[row], expected, atol=1e-4)


def test_merged_labels_change_sides_too(people):
    form = needs_in(["parsing"], Data(parsing=Parsing(merge="study-7")))
    found, _, _ = embed(Sees("parsing", form), people, flip=True)
    for row in (0, 1, 2, 4):
        merged = np.vectorize({0: 0, HAT: 1, LEFT: 3, RIGHT: 4}.get)(stored(people, "parsing", row))
        other = np.vectorize({0: 0, 1: 1, 3: 4, 4: 3}.get)(merged[:, ::-1])
        np.testing.assert_array_equal(found.features[row], (merged + other).ravel())


def test_a_broken_picture_does_not_shift_the_priors(people):
    people.file(1).write_bytes(b"")
    found, kept, broken = embed(Sees("parsing"), people, batch=3, skip_broken=True)
    assert [item.row for item in broken] == [1]
    for place, row in enumerate((0, 2, 3, 4)):
        np.testing.assert_array_equal(found.features[place], 0 if row == 3 else stored(people, "parsing", row).ravel())
    assert len(kept) == 4


def test_rows_of_what_is_open_keep_their_priors(people):
    some = open_needed(people, Sees("parsing").needs).take([4, 3, 0]).take([2, 1])
    found, kept, _ = embed(Sees("parsing"), some)
    assert kept.path.tolist() == ["0.png", "3.png"]
    np.testing.assert_array_equal(found.features, [stored(people, "parsing", 0).ravel(), np.zeros(HEIGHT * WIDTH)])


def test_pictures_without_are_counted_and_named_once(people, caplog):
    with caplog.at_level(logging.WARNING):
        embed(Sees("parsing"), people, batch=2)
    assert [line.message for line in caplog.records] == [f"note: {people.root}: no parsing of 1 of 5 pictures: 3.png"]


def test_priors_lie_beside_the_folder_of_the_pictures_too(people, tmp_path):
    query = tmp_path / "query"
    query.mkdir()
    for row in range(PICTURES):
        people.file(row).rename(query / f"{row}.png")
    beside = tmp_path / "parsing" / "query"
    beside.mkdir()
    for file in (tmp_path / "parsing").glob("*.png"):
        file.rename(beside / file.name)
    pictures = Samples.of([f"{row}.png" for row in range(PICTURES)], range(PICTURES), root=query)
    found, _, _ = embed(Sees("parsing"), pictures)
    label = np.asarray(Image.open(beside / "4.png")).ravel()
    np.testing.assert_array_equal(found.features[4], label)


def test_what_a_reader_says_is_not_looked_for_elsewhere(people, tmp_path):
    """DeskPro's `mask/` holds grey levels, as its reader says; it is not taken for masks of people."""
    (tmp_path / "irrelevant").rename(tmp_path / "mask")
    samples = Samples.of(people.path, people.pid, root=tmp_path, priors={"irrelevant": tmp_path / "mask"})
    with pytest.raises(InputError, match=r"no mask of the 5 pictures"):
        open_needed(samples, needs_in(["mask"], Data()))


def test_nothing_anywhere_is_one_line_that_says_what_to_type(people, tmp_path):
    for row in range(PICTURES):
        (tmp_path / "parsing" / f"{row}.png").unlink(missing_ok=True)
    with pytest.raises(InputError) as none_of_them:
        embed(Sees("parsing"), people)
    assert str(none_of_them.value).startswith(f"{tmp_path / 'parsing'}: parsing of none of the 5 pictures")
    (tmp_path / "parsing").rmdir()
    with pytest.raises(InputError) as nowhere:
        embed(Sees("parsing"), people)
    assert f"no parsing of the 5 pictures in {tmp_path}; expected parsing/ in {tmp_path}" in str(nowhere.value)
    assert f"sameperson priors make parsing {tmp_path} --model NETWORK.onnx" in str(nowhere.value)


def test_pictures_that_are_drawn_have_labels_only_in_a_tree():
    drawn = Samples.of(["query/1.jpg"], [1], source=lambda path: np.zeros((HEIGHT, WIDTH, 3), np.uint8))
    with pytest.raises(InputError, match=r"no parsing of the picture .*sameperson world make people --labels"):
        embed(Sees("parsing"), drawn)


def test_nobody_needs_to_show_a_face(people, tmp_path, caplog):
    for file in (tmp_path / "lr_face").iterdir():
        file.rename(file.with_stem("another"))
        break
    alone = people.take([3])
    network = Sees("face")
    assert not embed(network, alone)[0].features.any()
    assert network.given == [[False]]
    assert "no face of 1 of 1 pictures: 3.png" in caplog.text


def test_no_picture_needs_no_prior(tmp_path):
    assert len(embed(Sees("parsing"), Samples.of([], [], root=tmp_path))[0]) == 0


def test_a_stamp_changes_with_what_it_is_read_from(people, tmp_path):
    def stamps():
        pictures = open_needed(people, FORM)
        return [json.dumps(pictures.stamp(row)) for row in range(PICTURES)]

    before = stamps()
    assert before == stamps() and len(set(before)) == PICTURES
    Image.new("L", (WIDTH, HEIGHT), HAT).save(tmp_path / "parsing" / "2.png")
    bodies = json.loads((tmp_path / "keypoints.json").read_text())
    bodies[1]["keypoints"][0] += 0.25
    (tmp_path / "keypoints.json").write_text(json.dumps(bodies))
    changed = [row for row in range(PICTURES) if stamps()[row] != before[row]]
    assert changed == [1, 2]


def test_needs_are_written_and_read_in_their_form():
    data = Data(parsing=Parsing(labels="atr", merge="spreid"), skeleton="openpose", face_size=(3, 5))
    needs = json.loads(json.dumps(needs_in(("parsing", "keypoints", "face", "irrelevant"), data)))
    assert needs == {
        "parsing": {"parsing.labels": "atr", "parsing.merge": "spreid", "parsing.swap_sides": True},
        "keypoints": {"skeleton": "openpose"},
        "face": {"face_size": [3, 5]},
        "irrelevant": {},
    }
    read = data_of(needs)
    assert (read.parsing, read.skeleton, read.face_size) == (data.parsing, data.skeleton, data.face_size)
    with pytest.raises(InputError, match="did you mean parsing"):
        needs_in(["pasring"], data)
    with pytest.raises(InputError, match=r"weights that need parsing in a form that is not known \(labels"):
        data_of({"parsing": {"parsing.labels": "unheard-of"}})


def test_priors_are_a_mapping_with_flags():
    priors = Priors({"mask": torch.ones(2, 4, 4)}, {"mask": torch.tensor([True, False])})
    assert list(priors) == ["mask"] and len(priors) == 1 and not Priors()
    assert priors.valid["mask"].tolist() == [True, False]
