"""Painted pictures, pixel by pixel, and sheets on which every colour that occurs is explained."""

import numpy as np
import pytest
from PIL import Image

from sameperson.priors.label_sets import LIP
from sameperson.priors.part_groups import part_set
from sameperson.report.overlays import MARGIN, TILE, Shown, painted, sheet

SEVEN = part_set(7)


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_each_pixel_is_mixed_with_the_colour_of_the_label_over_it(share):
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 256, (16, 8, 3)).astype(np.uint8)
    labels = rng.choice([0, 1, 2, 3, 4, 5, 6, 255], (4, 2)).astype(np.uint8)
    mixed = painted(picture, labels, SEVEN, share)
    for y in range(16):
        for x in range(8):
            label = labels[y // 4, x // 4]
            if label in (0, 255):
                assert (mixed[y, x] == picture[y, x]).all()
            else:
                expected = [(1 - share) * p + share * c for p, c in zip(picture[y, x].tolist(), SEVEN.colours[label])]
                assert mixed[y, x].tolist() == pytest.approx(expected, abs=0.5)
    assert mixed.dtype == np.uint8


def shown(count, labels, size=(64, 32)):
    grey = np.full((*size, 3), 100, np.uint8)
    return [Shown(f"{number}.jpg", grey, labels) for number in range(count)]


def colours_of(page):
    return {tuple(colour) for colour in np.unique(np.asarray(page).reshape(-1, 3), axis=0).tolist()}


def test_a_sheet_has_every_picture_beside_its_copies():
    top = np.zeros((4, 2), np.uint8)
    top[:2] = 1
    page = np.asarray(sheet(shown(1, (top, None)), [SEVEN, LIP], ["parts", "true"], share=1.0))
    picture = page[MARGIN : MARGIN + TILE[1], MARGIN : MARGIN + TILE[0]]
    assert (picture == 100).all()
    first = page[MARGIN : MARGIN + TILE[1], MARGIN + TILE[0] + 2 :][:, : TILE[0]]
    assert (first[: TILE[1] // 2] == SEVEN.colours[1]).all()
    assert (first[TILE[1] // 2 :] == 100).all()
    second = page[MARGIN : MARGIN + TILE[1], MARGIN + 2 * TILE[0] + 4 :][:, : TILE[0]]
    assert (second == 100).all()  # without a map it stays as it is


def test_the_legend_has_the_colours_that_occur_and_no_others():
    labels = np.array([[0, 3], [6, 255]], np.uint8)
    page = sheet(shown(2, (labels,)), [SEVEN], ["parts"], share=0.0)  # nothing is painted: colours are the legend's
    for number, colour in enumerate(SEVEN.colours):
        assert (colour in colours_of(page)) == (number in (3, 6)), number


@pytest.mark.parametrize("count", [1, 7, 40])
def test_many_pictures_take_lines_and_none_is_lost(count):
    white = [Shown(one.name, np.full_like(one.picture, 10 + number), one.maps)
             for number, one in enumerate(shown(count, (np.zeros((4, 2), np.uint8),)))]  # fmt: skip
    page = sheet(white, [SEVEN], ["parts"])
    assert page.width < 1700
    assert {(10 + number,) * 3 for number in range(count)} <= colours_of(page)


def test_pictures_keep_their_shape_and_strange_names_are_no_trouble():
    wide = Shown("Zoë 李" * 30 + ".jpg", np.full((10, 40, 3), 9, np.uint8), (np.ones((5, 20), np.uint8),))
    page = np.asarray(sheet([wide], [LIP], ["a" * 500]))
    there = np.argwhere((page == 9).all(axis=2))
    height, width = there.max(axis=0) - there.min(axis=0) + 1
    assert (width, height) == (TILE[0], TILE[0] // 4)


def test_a_sheet_is_a_picture(tmp_path):
    sheet(shown(3, (np.ones((4, 2), np.uint8),)), [LIP], ["lip"]).save(tmp_path / "sheet.png")
    assert Image.open(tmp_path / "sheet.png").mode == "RGB"
