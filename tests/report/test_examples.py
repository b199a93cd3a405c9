"""Which pictures a report shows, on a gallery small enough to rank by hand."""

import numpy as np
import pytest

from sameperson.evaluation.protocols.catalogue import PROTOCOLS
from sameperson.report.examples import answered, hardest, ranked, sheet, some
from sameperson.types import Embeddings, Samples

# One query of person 1 in camera 0. Gallery by distance: itself in camera 0, a stranger, junk, itself, a stranger.
ANGLES = np.array([0.0, 0.1, 0.2, 0.3, 0.4])
GALLERY = Samples.of([f"{n}.jpg" for n in range(5)], [1, 2, -1, 1, 3], [0, 0, 1, 1, 1], root="pictures")
QUERY = Samples.of(["q.jpg"], [1], [0], root="pictures")


def at(angles):
    return Embeddings(np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32), "test")


def test_what_the_protocol_drops_is_not_shown():
    ranking = ranked(at(np.zeros(1)), QUERY, at(ANGLES), GALLERY, PROTOCOLS["market1501"], 2)
    assert ranking.indices.tolist() == [[1, 3]]
    assert ranking.distances[0] == pytest.approx(1 - np.cos([0.1, 0.3]), abs=1e-6)
    blind = ranked(at(np.zeros(1)), QUERY, at(ANGLES), GALLERY, PROTOCOLS["camera_blind"], 2)
    assert blind.indices.tolist() == [[0, 1]]


def test_what_is_worn_decides_where_the_protocol_says_so():
    worn = Samples.of(GALLERY.path, GALLERY.pid, [1, 1, 1, 1, 1], clothes_id=[5, 6, -1, 7, 8])
    query = Samples.of(["q.jpg"], [1], [0], clothes_id=[5])
    for name, shown in (("same_clothes", [0, 1, 4]), ("cross_clothes", [1, 3, 4])):
        assert ranked(at(np.zeros(1)), query, at(ANGLES), worn, PROTOCOLS[name], 3).indices.tolist() == [shown]


def test_a_short_gallery_gives_short_lists(tmp_path):
    ranking = ranked(at(np.zeros(1)), QUERY, at(ANGLES), GALLERY, PROTOCOLS["market1501"], 9)
    assert ranking.indices.tolist() == [[1, 3, 4, -1, -1, -1, -1, -1, -1]]
    sure = np.linspace(0.9, 0.1, 9)[None]
    (one,) = answered(QUERY, GALLERY, ranking, tmp_path, sure)
    assert [answer.right for answer in one.answers] == [False, True, False]
    assert [answer.probability for answer in one.answers] == pytest.approx([0.9, 0.8, 0.7])
    assert [answer.camera for answer in one.answers] == ["1", "2", "2"]


def test_files_are_named_from_the_folder(tmp_path):
    gallery = Samples.of(["a/b.jpg"], [1], root=tmp_path / "world")
    (row,) = sheet(gallery, tmp_path).rows
    assert [shown.file for shown in row] == ["world/a/b.jpg"]
    assert row[0].camera == "?"


def test_a_camera_that_saw_no_one_leaves_a_gap(tmp_path):
    grid = sheet(GALLERY, tmp_path, people=2)
    assert grid.cameras == ("1", "2")
    assert [[bool(shown) for shown in row] for row in grid.rows] == [[True, True], [True, False]]


def test_the_hardest_are_of_several_people():
    ap = np.array([0.5, 0.1, 0.2, np.nan, 0.3])
    assert hardest(ap, np.array([1, 2, 2, 3, 4]), 3) == [1, 4, 0]


def test_searches_drawn_at_random_are_valid_and_the_same_again():
    pid, valid = np.arange(20) // 2, np.arange(20) % 3 > 0
    drawn = some(valid, pid, 4, seed=1)
    assert drawn == some(valid, pid, 4, seed=1) != some(valid, pid, 4, seed=2)
    assert valid[drawn].all()
    assert len(set(pid[drawn])) == 4
