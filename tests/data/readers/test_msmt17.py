"""MSMT17: two versions, lists, and two kinds of people who are both counted from 0."""

import numpy as np
import pytest

from sameperson.checks import InputError
from sameperson.data.readers import recognised
from sameperson.data.readers.msmt17 import read_msmt17


def test_train_and_test_people_never_share_a_number(tree_of):
    dataset = read_msmt17(tree_of("msmt17").root)
    assert set(dataset.train.pid.tolist()) == {10_000, 10_001}
    assert set(dataset.query.pid.tolist()) == set(dataset.gallery.pid.tolist()) == {20_000, 20_001}
    assert dataset.train.people == 2  # person 0 is someone
    assert dataset.train.name_of(10_000) == "train/0000"
    assert dataset.query.name_of(20_001) == "test/0001"


def test_the_validation_list_is_learned_from_too(tree_of):
    root = tree_of("msmt17").root / "MSMT17_V1"
    lines = [(root / f"list_{name}.txt").read_text().splitlines() for name in ("train", "val")]
    assert all(lines)
    dataset = read_msmt17(root)  # the version's own folder serves as well
    assert dataset.train.path.tolist() == [f"train/{line.split()[0]}" for line in lines[0] + lines[1]]


def test_version_2_has_other_folders(spoil):
    tree = spoil("msmt17")
    first = read_msmt17(tree)
    for old, new in (("train", "mask_train_v2"), ("test", "mask_test_v2")):
        (tree / "MSMT17_V1" / old).rename(tree / "MSMT17_V1" / new)
    (tree / "MSMT17_V1").rename(tree / "MSMT17_V2")
    second = read_msmt17(tree)
    for before, after in zip(first.splits().values(), second.splits().values(), strict=True):
        assert np.array_equal(before.pid, after.pid) and np.array_equal(before.camid, after.camid)
        assert all(after.file(k).is_file() for k in range(len(after)))
    assert recognised(tree)[0].name == "msmt17"


def test_a_shuffled_list_is_named_by_line_and_both_people(spoil):
    tree = spoil("msmt17")
    file = tree / "MSMT17_V1" / "list_gallery.txt"
    lines = [line.split() for line in file.read_text().splitlines()]
    ends = [lines[0][1], lines[-1][1]]
    assert ends == ["0", "1"]
    lines[0][1], lines[-1][1] = lines[-1][1], lines[0][1]
    file.write_text("".join(f"{path} {pid}\n" for path, pid in lines))
    with pytest.raises(InputError) as caught:
        read_msmt17(tree)
    text = str(caught.value)
    assert f"{file}: line 1 says person 1 of {lines[0][0]}, and 1 more such lines; expected person 0" in text


def test_listed_pictures_must_be_there(spoil):
    tree = spoil("msmt17")
    lines = (tree / "MSMT17_V1" / "list_val.txt").read_text().splitlines()
    (tree / "MSMT17_V1" / "train" / lines[0].split()[0]).unlink()
    with pytest.raises(InputError, match=r"list_val\.txt lists it") as caught:
        read_msmt17(tree)
    assert lines[0].split()[0] in str(caught.value)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("0000/0000_000_01_0303morning_0008_0.jpg", "line 1 is"),
        ("0000/0000_000_01_0303morning_0008_0.jpg zero", "the person 'zero'"),
        ("0000/0000_000_01_0303morning_0008_0.jpg -1", "the person '-1'"),
        ("0000/picture.jpg 0", "line 1 names '0000/picture.jpg'"),
        ("", "no lines"),
        ("caf\udce9.jpg 0", "not UTF-8"),
    ],
)
def test_lines_that_say_nothing_are_told(spoil, line, complaint):
    tree = spoil("msmt17")
    file = tree / "MSMT17_V1" / "list_query.txt"
    file.write_bytes(line.encode("utf-8", "surrogateescape") + b"\n")
    with pytest.raises(InputError) as caught:
        read_msmt17(tree)
    assert f"{file}: " in str(caught.value) and complaint in str(caught.value)


@pytest.mark.parametrize("name", ["list_train.txt", "list_val.txt", "list_query.txt", "list_gallery.txt"])
def test_a_missing_list_is_named(spoil, name):
    tree = spoil("msmt17")
    (tree / "MSMT17_V1" / name).unlink()
    with pytest.raises(InputError, match=rf"MSMT17_V1: no {name}; expected the lists of the release"):
        read_msmt17(tree)
