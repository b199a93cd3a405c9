"""Scores of pictures by what lies beside them: which measure is taken, and what is absent."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

from sameperson.checks import InputError
from sameperson.config import Data, Recipe
from sameperson.evaluation.failures.occluded_share import hidden_body
from sameperson.evaluation.failures.picture_priors import BLOCK, SeenPicture, open_picture_priors
from sameperson.evaluation.failures.picture_scores import SCORES, score_pictures
from sameperson.methods.load import TrainedNetwork, describe
from sameperson.methods.method import Method
from sameperson.priors.label_sets import LIP, STUDY_7, known_set
from sameperson.priors.skeletons import COCO
from sameperson.types import Samples

COUNT, SIZE = 4, (64, 32)
EVERYBODY = "person=1;others=2"


@pytest.fixture
def tree(tmp_path):
    """Four grey pictures of 64x32, the last one broken, without anything beside them."""
    (tmp_path / "query").mkdir()
    for number in range(COUNT):
        pixels = np.random.default_rng(number).integers(0, 40 + 50 * number, (*SIZE, 3), np.uint8)
        Image.fromarray(pixels).save(tmp_path / "query" / f"{number}.png")
    (tmp_path / "query" / "3.png").write_bytes(b"no picture")
    return tmp_path


def samples_in(tree):
    return Samples.of([f"{number}.png" for number in range(COUNT)], range(1, COUNT + 1), root=tree / "query")


def write_maps(folder, make):
    folder.mkdir(parents=True)
    for number in range(COUNT):
        Image.fromarray(make(number)).save(folder / f"{number}.png")


def body(number, half=32):
    """A person as a box, the lower half of every second one missing, at half the picture's size."""
    labels = np.zeros((half, half // 2), np.uint8)
    labels[2:half, 3:13] = 5
    if number % 2:
        labels[half // 2 :] = 0
    return labels


def write_keypoints(tree):
    bodies = []
    for number in range(COUNT):
        points = [(16, 4 + 3 * joint, 1.0 if number else 0.5) for joint in range(len(COCO))]
        bodies.append({"image_id": f"{number}.png", "keypoints": np.ravel(points).tolist(), "score": 1.0})
    (tree / "keypoints").mkdir()
    (tree / "keypoints" / "query.json").write_text(json.dumps(bodies))


def test_pixels_alone_give_resolution_light_and_height(tree):
    scores = score_pictures(open_picture_priors(samples_in(tree)))
    assert set(scores.values) == {"resolution", "light"}
    assert scores.heights.tolist() == [64, 64, 64, 0]
    assert np.isnan(scores.values["light"][3]) and scores.values["light"][0] < scores.values["light"][2]
    assert set(scores.missing) == {"hidden", "several", "clothes", "pose", "bag", "viewpoint"}
    assert not scores.hard("light")[3] and scores.worst("light", np.arange(COUNT)).tolist() == [0, 1, 2]


def test_maps_are_brought_to_the_size_of_the_picture(tree):
    write_maps(tree / "parsing" / "query", body)
    priors = open_picture_priors(samples_in(tree))
    seen = dict(priors.read(range(COUNT)))
    assert set(seen) == {0, 1, 2} and seen[0].labels.shape == SIZE and seen[0].person.shape == SIZE
    scores = score_pictures(priors)
    assert scores.sources["hidden"] == "what parsing/query/ lacks of a standing person"
    assert scores.values["hidden"][1] > 0.3 > scores.values["hidden"][0]
    assert scores.limits["hidden"] > SCORES["hidden"].limit
    assert scores.sources["clothes"] == "clothes in parsing/query/"
    assert scores.hard("clothes").tolist() == [True, False, False, False]


def test_maps_of_one_person_say_nothing_of_others(tree):
    write_maps(tree / "parsing" / "query", body)
    scores = score_pictures(open_picture_priors(samples_in(tree)))
    assert "several" not in scores.values and "everybody" in scores.missing["several"]


def test_a_label_for_others_is_their_share(tree):
    def make(number):
        labels = np.minimum(body(number), 1)
        labels[:, 13:] = 2 * (number == 2)
        return labels

    write_maps(tree / "parsing" / "query", make)
    priors = open_picture_priors(samples_in(tree), EVERYBODY)
    scores = score_pictures(priors)
    assert scores.values["several"][:3] == pytest.approx([0, 0, 3 / 16])
    seen = dict(priors.read([2]))[2]
    assert not seen.person[:, 26:].any() and seen.person.any()


def test_keypoints_alone_and_with_masks(tree):
    write_keypoints(tree)
    alone = score_pictures(open_picture_priors(samples_in(tree)))
    assert alone.sources["hidden"] == "confidence of keypoints/query.json"
    assert alone.values["hidden"][:3] == pytest.approx([0.5, 0, 0])
    assert alone.views[:3].tolist() == ["side"] * 3 and alone.views[3] == ""
    write_maps(tree / "masks" / "query", lambda number: 255 * np.minimum(body(number), 1))
    both = score_pictures(open_picture_priors(samples_in(tree)))
    assert both.sources["hidden"] == "limbs by keypoints/query.json that lie outside masks/query/"
    assert both.values["hidden"][1] > both.values["hidden"][0] == 0


def test_only_the_rows_that_are_asked_for_are_read(tree):
    told = []
    scores = score_pictures(open_picture_priors(samples_in(tree)), [1], progress=lambda *done: told.append(done))
    assert scores.heights.tolist() == [0, 64, 0, 0] and told == [(1, 1)]


def test_a_person_is_what_the_mask_says_and_else_what_the_labels_do():
    picture, labels = np.zeros((2, 2, 3), np.uint8), np.array([[0, 1], [2, 255]], np.uint8)
    mask = np.array([[True, False], [False, False]])
    assert SeenPicture(picture).person is None
    assert SeenPicture(picture, labels, STUDY_7).person.tolist() == [[False, True], [True, False]]
    assert SeenPicture(picture, labels, known_set(EVERYBODY)).person.tolist() == [[False, True], [False, False]]
    assert SeenPicture(picture, labels, LIP, mask).person is mask


class ByColour(Method):
    """A parser: red is the person, green other people, anything dark the background."""

    def __init__(self):
        super().__init__()
        self.label_set = EVERYBODY
        self.scale = torch.nn.Parameter(torch.ones(()))

    def parse(self, images):
        ground = torch.full_like(images[:, :1], 0.5)
        return torch.cat([ground, images[:, :1], images[:, 1:2]], 1) * self.scale


def test_a_parser_makes_the_maps_of_all_pictures(tmp_path):
    count = BLOCK + 3  # more than are held at once
    widths = np.random.default_rng(4).integers(0, 16, count)
    for number, width in enumerate(widths):
        pixels = np.zeros((*SIZE, 3), np.uint8)
        pixels[8:, 16:] = (255, 0, 0)
        pixels[:, :width] = (0, 255, 0)
        Image.fromarray(pixels).save(tmp_path / f"{number}.png")
    samples = Samples.of([f"{number}.png" for number in range(count)], [1] * count, root=tmp_path)
    recipe = Recipe(data=Data(size=SIZE, mean=(0, 0, 0), std=(1, 1, 1)))
    parser = TrainedNetwork(ByColour().eval(), describe(recipe, 1, checksum="by colour"))
    scores = score_pictures(open_picture_priors(samples, parser=parser))
    assert EVERYBODY in scores.sources["several"]
    np.testing.assert_allclose(scores.values["several"], widths / 32)
    person = np.zeros(SIZE, bool)
    person[8:, 16:] = True
    np.testing.assert_allclose(scores.values["hidden"], hidden_body(person))


def test_weights_that_do_not_parse_are_one_line(tree):
    recipe = Recipe(data=Data(size=SIZE))
    silent = TrainedNetwork(Method(), describe(recipe, 1))
    with pytest.raises(InputError, match="says nothing of pixels"):
        open_picture_priors(samples_in(tree), parser=silent)
