"""Occluded-REID and Partial-REID: hidden people ask, whole ones are searched, nobody is learned from."""

import pytest

from sameperson.checks import InputError
from sameperson.data.readers import LAYOUTS, layout_named, recognised
from sameperson.data.readers.named_files import ZERO

OCCLUDED = ("occluded_body_images/001/001_01.png", "occluded_body_images/200/200_05.png")
WHOLE = ("whole_body_images/001/001_01.png", "whole_body_images/001/001_02.png", "whole_body_images/200/200_05.png")
PARTIAL = ("partial_body_images/001_001.jpg", "whole_body_images/001_001.jpg", "occluded_body_images/060_005.jpg")


@pytest.fixture
def tree(tmp_path, picture):
    for name in (*OCCLUDED, *WHOLE):
        picture(f"Occluded_REID/{name}")
    for name in PARTIAL:
        picture(f"Partial-REID_Dataset/{name}")
    return tmp_path


@pytest.mark.parametrize("inside", ["", "Occluded_REID"])
def test_occluded_people_ask_and_whole_ones_are_searched(tree, inside):
    dataset = LAYOUTS["occluded-reid"].read(tree / inside, None)
    assert (dataset.name, dataset.protocol, len(dataset.train), dataset.val) == (
        "occluded-reid", "camera_blind", 0, None,
    )  # fmt: skip
    assert dataset.query.path.tolist() == list(OCCLUDED) and dataset.query.pid.tolist() == [1, 200]
    assert dataset.gallery.path.tolist() == list(WHOLE) and dataset.gallery.pid.tolist() == [1, 1, 200]
    assert {*dataset.query.camid.tolist(), *dataset.gallery.camid.tolist()} == {-1}
    assert all(dataset.query.file(k).is_file() for k in range(2))


def test_partial_reid_asks_with_parts_or_with_hidden_people(tree):
    place = tree / "Partial-REID_Dataset"
    parts, hidden = (LAYOUTS[name].read(place, None) for name in ("partial-reid", "partial-reid-occluded"))
    assert (parts.name, hidden.name) == ("partial-reid", "partial-reid-occluded")
    assert (parts.query.path.tolist(), parts.query.pid.tolist()) == ([PARTIAL[0]], [1])
    assert (hidden.query.path.tolist(), hidden.query.pid.tolist()) == ([PARTIAL[2]], [60])
    assert parts.gallery.path.tolist() == hidden.gallery.path.tolist() == [PARTIAL[1]]
    assert parts.protocol == hidden.protocol == "camera_blind" and not len(parts.train)


def test_the_two_sets_are_told_apart(tree):
    assert recognised(tree / "Occluded_REID")[0].name == "occluded-reid"
    names = [layout.name for layout in recognised(tree / "Partial-REID_Dataset")]
    assert names[:2] == ["partial-reid", "partial-reid-occluded"] and "occluded-reid" not in names


def test_a_copy_without_folders_of_people_is_read_too(tmp_path, picture):
    for name in ("occluded_body_images/007_01.png", "whole_body_images/007_02.png", "whole_body_images/000_02.png"):
        picture(name)
    dataset = layout_named("Occluded-REID").read(tmp_path, None)
    assert (dataset.query.pid.tolist(), dataset.gallery.pid.tolist()) == ([7], [ZERO, 7])
    assert dataset.gallery.name_of(ZERO) == "0"


@pytest.mark.parametrize("name", ["occluded-reid", "partial-reid", "partial-reid-occluded"])
@pytest.mark.parametrize("fault", ["nowhere", "empty", "folder", "name"])
def test_what_is_missing_is_named(tree, tmp_path, picture, name, fault):
    place = tree / ("Occluded_REID" if name == "occluded-reid" else "Partial-REID_Dataset")
    if fault == "nowhere":
        place = said = tmp_path / "nowhere"
    elif fault == "empty":
        place = said = tmp_path / "empty"
        place.mkdir()
    elif fault == "folder":
        (place / "whole_body_images").rename(place / "elsewhere")
        said = "no whole_body_images"
    else:
        said = picture(f"{place.name}/whole_body_images/someone.jpg")
    with pytest.raises(InputError, match=str(said)) as caught:
        LAYOUTS[name].read(place, None)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["occluded-reid", "partial-reid", "partial-reid-occluded"])
def test_the_small_tree_holds_what_its_writer_says(tree_of, name):
    tree = tree_of(name)
    dataset = LAYOUTS[name].read(tree.root, None)
    test_people = {row.pid for row in tree.world.split("query")}
    for split in ("query", "gallery"):
        assert sorted(dataset.splits()[split].pid.tolist()) == sorted(row.pid for row in tree.counted[split])
    assert set(dataset.query.pid.tolist()) == set(dataset.gallery.pid.tolist()) == test_people
    if name == "partial-reid-occluded":  # as the world drew them
        assert [row.pid for row in tree.rows(dataset.query)] == dataset.query.pid.tolist()
