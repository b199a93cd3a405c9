"""The lists' data by a hand-made ranking; the picture by its pixels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageColor, ImageFont

from sameperson.report.ranked_lists import PAPER, RIGHT, WRONG, RankedList, Tile, draw, plain, ranked_lists, thumbnail
from sameperson.types import Ranking, Samples

QUERIES = Samples.of(["q/ann.jpg", "q/who.jpg"], [7, -1], root="shots", names={7: "ann"})
GALLERY = Samples.of(["a.jpg", "b.jpg", "c.jpg", "d.jpg"], [1, 2, 0, -1], root="folder", names={1: "bob", 2: "ann"})
RANKING = Ranking(np.array([[1, 3, 0], [2, -1, -1]]), np.array([[0.1, 0.2, 0.3], [0.4, np.inf, np.inf]], "f4"), "all")


def test_people_are_compared_by_the_users_names() -> None:
    first, second = ranked_lists(QUERIES, GALLERY, RANKING)
    assert first.query == Tile(Path("shots/q/ann.jpg"), "ann")
    assert [(t.name, t.person, t.rank, t.same) for t in first.results] == [
        ("b.jpg", "ann", 1, True),
        ("d.jpg", None, 2, None),
        ("a.jpg", "bob", 3, False),
    ]
    assert [(t.name, t.same) for t in second.results] == [("c.jpg", None)]


def test_distances_and_probabilities_follow_the_ranking() -> None:
    (only,) = ranked_lists(QUERIES, GALLERY, RANKING, lambda distances: 1 - distances, rows=[0])
    assert [t.distance for t in only.results] == pytest.approx([0.1, 0.2, 0.3])
    assert [t.probability for t in only.results] == pytest.approx([0.9, 0.8, 0.7])
    (bare,) = ranked_lists(QUERIES, GALLERY, RANKING, rows=[1])
    assert bare.results[0].probability is None


def has(page: Image.Image, colour: str) -> bool:
    return bool((np.asarray(page) == ImageColor.getrgb(colour)).all(axis=2).any())


@pytest.mark.parametrize(("same", "shown"), [(True, {RIGHT}), (False, {WRONG}), (None, set())])
def test_right_and_wrong_are_framed_only_where_known(tmp_path: Path, same: bool | None, shown: set[str]) -> None:
    Image.new("RGB", (10, 30), "blue").save(tmp_path / "p.png")
    tile = Tile(tmp_path / "p.png", "1", rank=1, distance=0.25, probability=0.5, same=same)
    page = draw([RankedList(Tile(tmp_path / "p.png"), (tile,))])
    assert {colour for colour in (RIGHT, WRONG) if has(page, colour)} == shown


def test_more_results_and_more_lists_make_a_larger_page(tmp_path: Path) -> None:
    Image.new("RGB", (10, 30), "blue").save(tmp_path / "p.png")
    tile = Tile(tmp_path / "p.png", rank=1, distance=0.25)
    one, three, eleven = (draw([RankedList(Tile(tmp_path / "p.png"), (tile,) * n)]) for n in (1, 3, 11))
    twice = draw([RankedList(Tile(tmp_path / "p.png"), (tile,) * 3)] * 2)
    assert one.width < three.width < eleven.width
    assert eleven.height > three.height
    assert twice.width == three.width and twice.height > three.height
    assert page_edge_is_paper(eleven) and page_edge_is_paper(twice)


def page_edge_is_paper(page: Image.Image) -> bool:
    pixels = np.asarray(page)
    edges = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    return bool((edges == ImageColor.getrgb(PAPER)).all())


def test_a_list_without_results_can_be_drawn(tmp_path: Path) -> None:
    Image.new("RGB", (10, 30), "blue").save(tmp_path / "p.png")
    assert draw([RankedList(Tile(tmp_path / "p.png"), ())]).height > 288


def test_a_thumbnail_keeps_proportions_and_stands_upright(tmp_path: Path) -> None:
    lying = Image.new("RGB", (40, 20), "red")
    lying.paste("blue", (0, 0, 20, 20))
    exif = Image.Exif()
    exif[0x0112] = 6
    lying.save(tmp_path / "p.jpg", exif=exif, quality=95)
    upright = np.asarray(thumbnail(tmp_path / "p.jpg", (100, 100))).astype(int)
    inside = np.flatnonzero(upright[10, :, 2] - upright[10, :, 0] > 100)
    assert (inside.min(), inside.max()) == (25, 74)
    assert upright[90, 50, 0] > 200


def test_a_picture_that_is_gone_leaves_its_place(tmp_path: Path) -> None:
    assert thumbnail(tmp_path / "gone.jpg", (60, 120)).size == (60, 120)


def test_names_are_written_in_letters_the_font_has() -> None:
    assert plain("Zoë Łukasz 李.jpg") == "Zoe ?ukasz ?.jpg"
    font = ImageFont.load_default(size=13)
    assert font.getmask("…").getbbox() != font.getmask("李").getbbox()
