"""A network of ours that parses makes the maps that another needs, while pictures are embedded."""

import numpy as np
import pytest
import torch
from PIL import Image

from sameperson.checks import InputError
from sameperson.config import Data, Parsing, Recipe
from sameperson.evaluation.embed import embed
from sameperson.evaluation.parser_maps import BLOCK, with_parser
from sameperson.methods.load import TrainedNetwork, describe
from sameperson.methods.method import Embedded, Method
from sameperson.priors.label_sets import LIP, merge_table
from sameperson.types import Samples

LEFT, RIGHT, HAT = (LIP.labels.index(name) for name in ("left-arm", "right-arm", "hat"))
PICTURES = 2 * BLOCK + 7
SIZE, PARSER_SIZE = (8, 4), (16, 8)


class ByColour(Method):
    """A parser: red is a hat, green a left arm, blue a right arm, anything dark the background."""

    def __init__(self, labels="lip"):
        super().__init__()
        self.label_set = labels
        self.scale = torch.nn.Parameter(torch.ones(()))
        self.sizes = []

    def parse(self, images):
        self.sizes.append(tuple(images.shape))
        scores = torch.full((len(images), len(LIP.labels), *images.shape[2:]), -1.0)
        scores[:, 0] = 0.2
        for channel, label in enumerate((HAT, LEFT, RIGHT)):
            scores[:, label] = images[:, channel] * self.scale
        return scores


class Unrolled(Method):
    """Its feature is what it is given of a prior."""

    def __init__(self, *needs):
        super().__init__()
        self.needs = needs
        self.scale = torch.nn.Parameter(torch.ones(()))

    def embed(self, images, priors, give="features"):
        assert all(bool(flags.all()) for flags in priors.valid.values())
        return Embedded(torch.cat([priors[name].float().flatten(1) for name in self.needs], 1) * self.scale)


def network(method, size=SIZE, **data):
    recipe = Recipe(data=Data(size=size, mean=(0, 0, 0), std=(1, 1, 1), **data))
    return TrainedNetwork(method.eval(), describe(recipe, 1, needs=method.needs, checksum=str(method.needs)))


@pytest.fixture
def people(tmp_path):
    """Pictures 8 x 4 of pixels that are black or one pure colour, and no map beside them."""
    rng = np.random.default_rng(2)
    palette = np.array([[0, 0, 0], [255, 0, 0], [0, 255, 0], [0, 0, 255]], np.uint8)
    for row in range(PICTURES):
        Image.fromarray(palette[rng.integers(0, 4, SIZE)]).save(tmp_path / f"{row:02d}.png")
    return Samples.of([f"{row:02d}.png" for row in range(PICTURES)], range(PICTURES), root=tmp_path)


def by_hand(samples, row):
    """LIP's labels of a picture, pixel by pixel."""
    pixels, labels = np.asarray(Image.open(samples.file(row))), np.zeros(SIZE, np.uint8)
    for place in np.ndindex(SIZE):
        for channel, label in enumerate((HAT, LEFT, RIGHT)):
            if pixels[place][channel] == 255:
                labels[place] = label
    return labels


@pytest.mark.parametrize("workers", [0, 3])
def test_the_maps_are_those_that_the_parser_sees(people, workers):
    both = with_parser(network(Unrolled("parsing")), network(ByColour()))
    found, _, _ = embed(both, people, batch=10, workers=workers)
    for row in range(PICTURES):
        np.testing.assert_array_equal(found.features[row], by_hand(people, row).ravel())


def test_each_block_is_parsed_once_at_the_parser_s_own_size(people):
    parser = ByColour()
    embed(with_parser(network(Unrolled("parsing", "mask")), network(parser, PARSER_SIZE)), people, batch=10, workers=2)
    once = [(BLOCK, 3, *PARSER_SIZE), (BLOCK, 3, *PARSER_SIZE), (7, 3, *PARSER_SIZE)]
    assert sorted(parser.sizes) == sorted(once)  # for the maps and the masks together


def test_they_are_merged_and_mirrored_as_maps_from_files_are(people):
    both = with_parser(network(Unrolled("parsing"), parsing=Parsing(merge="study-7")), network(ByColour()))
    found, _, _ = embed(both, people, flip=True)
    other = {0: 0, 1: 1, 3: 4, 4: 3}
    for row in range(PICTURES):
        merged = merge_table("lip", "study-7")[by_hand(people, row)]
        mirrored = np.vectorize(other.get)(merged[:, ::-1])
        np.testing.assert_array_equal(found.features[row], merged.ravel() + mirrored.ravel())


@pytest.mark.parametrize("labels", ["lip", "isp-20", "pascal"])
def test_a_mask_is_made_of_any_labels(people, labels):
    found, _, _ = embed(with_parser(network(Unrolled("mask")), network(ByColour(labels))), people)
    for row in range(PICTURES):
        np.testing.assert_array_equal(found.features[row], (by_hand(people, row) > 0).ravel())


def test_broken_pictures_are_left_out(people):
    people.file(5).write_bytes(b"")
    both = with_parser(network(Unrolled("parsing")), network(ByColour()))
    found, kept, broken = embed(both, people, batch=10, workers=2, skip_broken=True)
    assert [item.row for item in broken] == [5] and len(kept) == PICTURES - 1
    np.testing.assert_array_equal(found.features[5], by_hand(people, 6).ravel())


def test_the_parser_is_in_the_fingerprint(people):
    alone, parser = network(Unrolled("parsing")), network(ByColour())
    both = with_parser(alone, parser)
    assert both.fingerprint not in (alone.fingerprint, parser.fingerprint)
    assert embed(both, people.take([0]))[0].fingerprint == both.fingerprint


@pytest.mark.parametrize(
    ("needing", "parser", "says"),
    [
        (("parsing",), ByColour("isp-7"), "a parser of isp-7 labels for weights that read lip labels"),
        (("parsing",), ByColour("study-7"), "a parser of study-7 labels for weights that read lip labels"),
        (("keypoints",), ByColour(), "that need no parsing maps or masks"),
        ((), ByColour(), "that need no parsing maps or masks"),
        (("parsing",), Unrolled(), "which says nothing of pixels"),
    ],
)
def test_a_parser_that_does_not_fit_is_one_line(needing, parser, says):
    with pytest.raises(InputError, match=says):
        with_parser(network(Unrolled(*needing)), network(parser))
