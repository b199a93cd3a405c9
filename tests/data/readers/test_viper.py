"""VIPeR: halves that are drawn, or taken from torchreid's file; two cameras of one picture each."""

import json

import numpy as np
import pytest

from sameperson.checks import InputError
from sameperson.data.readers import LAYOUTS, layout_named, read_dataset
from sameperson.data.readers.named_files import ZERO
from sameperson.data.readers.viper import read_viper

PEOPLE = (0, 1, 2, 5, 8, 13, 21)


@pytest.fixture
def tree(tmp_path, picture):
    for pid in PEOPLE:
        picture(f"VIPeR/cam_a/{pid:03d}_45.bmp")
        picture(f"VIPeR/cam_b/{pid:03d}_90.bmp")
    return tmp_path


def people_of(samples):
    return set(samples.pid.tolist())


@pytest.mark.parametrize("number", [1, 2, 10])
def test_half_of_the_people_are_learned_from_and_all_others_tested_on(tree, number):
    dataset = read_viper(tree, number=number)
    assert people_of(dataset.train) | people_of(dataset.query) == {ZERO, *PEOPLE[1:]}
    assert not people_of(dataset.train) & people_of(dataset.query)
    assert len(people_of(dataset.train)) == 3  # of seven; torchreid takes the smaller half too
    for samples in dataset.splits().values():
        for pid in people_of(samples):
            mine = np.flatnonzero(samples.pid == pid)
            assert samples.camid[mine].tolist() == [0, 1]
            name = f"{0 if pid == ZERO else pid:03d}"
            assert samples.path[mine].tolist() == [f"cam_a/{name}_45.bmp", f"cam_b/{name}_90.bmp"]
    assert dataset.query.path.tolist() == dataset.gallery.path.tolist()
    assert (dataset.name, dataset.protocol, dataset.query.name_of(ZERO)) == ("viper", "viper_a_to_b", "0")


def test_each_draw_is_another_and_always_the_same(tree):
    draws = [sorted(people_of(read_viper(tree, number=number).train)) for number in range(1, 11)]
    assert len({tuple(draw) for draw in draws}) > 5
    assert draws == [
        sorted(people_of(layout_named(f"VIPeR-{number}").read(tree, None).train)) for number in range(1, 11)
    ]
    assert draws[0] == sorted(people_of(LAYOUTS["viper"].read(tree / "VIPeR", None).train))


def split(train, query, gallery):
    rows = [[[f"/data/viper/VIPeR/{name}.bmp", 0, 0] for name in names] for names in (train, query, gallery)]
    return dict(zip(("train", "query", "gallery"), rows, strict=True))


def write_splits(place):
    one = ["cam_a/000_45", "cam_b/000_90"], ["cam_a/021_45"], ["cam_b/021_90"]
    two = ["cam_a/005_45", "cam_b/005_90"], ["cam_a/008_45", "cam_a/013_45"], ["cam_b/008_90", "cam_b/013_90"]
    splits = [split(*half) for one_half in (one, two) for half in (one_half, (one_half[0], one_half[2], one_half[1]))]
    (place / "splits.json").write_text(json.dumps(splits))


@pytest.mark.parametrize("place", ["", "VIPeR"])
def test_torchreids_halves_are_taken_where_they_lie_there(tree, place):
    write_splits(tree / place)
    first, second = (read_viper(tree, number=number) for number in (1, 2))
    assert (people_of(first.train), people_of(first.query)) == ({ZERO}, {21})
    assert (people_of(second.train), people_of(second.query), len(second.query)) == ({5}, {8, 13}, 4)
    with pytest.raises(InputError, match=r"4 splits, so none of number 3 .*viper-1 to viper-2"):
        read_viper(tree, number=3)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("not json", "not JSON"),
        ("{}", "no list of splits"),
        ("[]", "0 splits"),
        ("[1]", "split 0 lists no pictures as train"),
        ('[{"train": [["cam_a/000_45.bmp", 0, 0]], "query": [], "gallery": 3}]', "no pictures as query"),
        ('[{"train": [["x/cam_a/9_9.bmp"]], "query": [["a"]], "gallery": [["b"]]}]', "cam_a/9_9.bmp.*no such file"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_a_file_of_splits_that_is_none_is_one_line(tree, content, says):
    (tree / "splits.json").write_text(content)
    with pytest.raises(InputError, match=says) as caught:
        read_viper(tree)
    assert "\n" not in str(caught.value) and str(tree) in str(caught.value)


def test_a_picture_that_is_missing_moves_nobody_to_the_other_half(tree):
    before = read_viper(tree)
    before.train.file(0).unlink()
    after = read_viper(tree)
    assert people_of(after.train) == people_of(before.train) and len(after.train) == len(before.train) - 1


@pytest.mark.parametrize("name", ["viper-0", "viper-11", "regdb-0", "regdb-99"])
def test_a_split_that_there_is_not_is_told(name):
    family = name.partition("-")[0]
    with pytest.raises(InputError, match=rf"{name}.*expected {family}-1 to {family}-10"):
        layout_named(name)
    for other in (f"{family}-x", f"{family}-", "market1501-2", f"{family}-²", f"{family}-{'9' * 20}"):
        with pytest.raises(InputError, match="reader"):
            layout_named(other)


def test_a_recipe_names_a_split(tree):
    from sameperson.config import Data

    dataset = read_dataset(Data(reader="viper-4", root=tree))
    assert people_of(dataset.train) == people_of(read_viper(tree, number=4).train)
    layout = layout_named("viper-4")
    assert (layout.name, layout.title, layout.release) == ("viper-4", "VIPeR, split 4", LAYOUTS["viper"].release)


@pytest.mark.parametrize("name", ["cam_a/someone.bmp", "cam_b/000_b.bmp"])
def test_strange_names_are_told(tree, picture, name):
    picture(f"VIPeR/{name}")
    with pytest.raises(InputError, match=rf"{name}: not of VIPeR"):
        read_viper(tree)
    (tree / "VIPeR" / "cam_b").rename(tree / "VIPeR" / "cam_c")
    with pytest.raises(InputError, match="no cam_b"):
        read_viper(tree)
