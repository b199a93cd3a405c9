"""DukeMTMC-reID and Occluded-Duke, which are the same pictures split in two ways."""

import re

import pytest

from sameperson.checks import InputError
from sameperson.data.readers import recognised
from sameperson.data.readers.dukemtmc import read_dukemtmc
from sameperson.data.readers.occluded_duke import read_occluded_duke


def test_names_say_who_where_and_when(tmp_path, picture):
    for name in ("bounding_box_train/0001_c2_f0046182.jpg", "query/0005_c8_f0000001.jpg"):
        picture(f"DukeMTMC-reID/{name}")
    picture("DukeMTMC-reID/bounding_box_test/7139_c1_f0200000.jpg")
    dataset = read_dukemtmc(tmp_path)
    parts = [dataset.train, dataset.query, dataset.gallery]
    assert [part.pid.tolist() for part in parts] == [[1], [5], [7139]]
    assert [part.camid.tolist() for part in parts] == [[1], [7], [0]]
    assert [part.frame.tolist() for part in parts] == [[46182], [1], [200000]]
    assert recognised(tmp_path)[0].name == "dukemtmc"


@pytest.mark.parametrize("name", ["0001_c0_f0046182.jpg", "0001_c2s1_000451_03.jpg", "-1_c2_f0046182.jpg"])
def test_market_names_and_camera_0_are_not_dukes(tmp_path, picture, name):
    for folder in ("bounding_box_train", "query", "bounding_box_test"):
        picture(f"{folder}/{name}")
    with pytest.raises(InputError, match=rf"{name}: not of DukeMTMC-reID; .*0001_c2_f0046182\.jpg"):
        read_dukemtmc(tmp_path)


def test_the_lists_are_taken_at_their_word(spoil):
    tree = spoil("occluded-duke")
    whole = read_occluded_duke(tree)
    lists = {name: (tree / f"{name}.list").read_text().splitlines() for name in ("train", "query", "gallery")}
    (tree / "train.list").write_text("\n".join(lists["train"][:0:-1]) + "\r\n\n")  # not the first, backwards
    some = read_occluded_duke(tree)
    assert some.train.path.tolist() == [f"bounding_box_train/{name}" for name in lists["train"][:0:-1]]
    assert some.train.pid.tolist() == [int(name[:4]) for name in lists["train"][:0:-1]]
    assert some.gallery.path.tolist() == whole.gallery.path.tolist()


def test_a_converted_tree_without_lists_holds_what_it_holds(spoil):
    tree = spoil("occluded-duke")
    before = read_occluded_duke(tree)
    for name in ("train", "query", "gallery"):
        (tree / f"{name}.list").unlink()
    after = read_occluded_duke(tree)
    assert sorted(after.train.path.tolist()) == sorted(before.train.path.tolist())
    assert recognised(tree)[0].name == "occluded-duke"  # by the folder's name
    assert recognised(tree.rename(tree.with_name("tree")))[0].name == "dukemtmc"


def test_what_a_list_names_must_be_there(spoil):
    tree = spoil("occluded-duke")
    names = (tree / "query.list").read_text().splitlines()
    for name in names[1:]:
        (tree / "query" / name).unlink()
    with pytest.raises(InputError) as caught:
        read_occluded_duke(tree)
    text = str(caught.value)
    assert f"{tree / 'query' / names[1]} and {len(names) - 2} more" in text and "query.list" in text


@pytest.mark.parametrize("line", ["0001.jpg", "0001_c2_f0046182.jpg 1", "\u00fc_c2_f1.jpg"])
def test_a_line_that_is_no_name_is_named_with_its_number(spoil, line):
    tree = spoil("occluded-duke")
    with (tree / "train.list").open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    number = len((tree / "train.list").read_text(encoding="utf-8").splitlines())
    with pytest.raises(InputError, match=re.escape(f"train.list: line {number} names")):
        read_occluded_duke(tree)
