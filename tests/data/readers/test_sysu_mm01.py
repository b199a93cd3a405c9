"""SYSU-MM01: six cameras, people from lists, infrared pictures ask."""

import numpy as np
import pytest
from PIL import Image

from sameperson.checks import InputError
from sameperson.data.readers import LAYOUTS, recognised
from sameperson.data.readers.sysu_mm01 import read_sysu_mm01

SEEN = {1: (1, 2, 3, 4, 5, 6), 7: (1, 3), 30: (4, 6), 301: (1, 2, 3, 6), 333: (2, 5)}
"""Person -> cameras, as they are numbered."""
LISTS = {"train": "1,30", "val": "7", "test": "301"}


@pytest.fixture
def tree(tmp_path, picture):
    place = tmp_path / "SYSU-MM01"
    for pid, cameras in SEEN.items():
        for camera in cameras:
            for number in (1, 2):
                picture(f"SYSU-MM01/cam{camera}/{pid:04d}/{number:04d}.jpg")
    (place / "exp").mkdir()
    for part, people in LISTS.items():
        (place / "exp" / f"{part}_id.txt").write_text(people)
    return tmp_path


@pytest.mark.parametrize("inside", ["", "SYSU-MM01"])
def test_lists_say_who_and_folders_say_where(tree, inside):
    dataset = LAYOUTS["sysu-mm01"].read(tree / inside, None)
    assert (dataset.name, dataset.protocol, dataset.val) == ("sysu-mm01", "sysu_all_single_shot", None)
    assert dataset.protocol == LAYOUTS["sysu-mm01"].protocols[0]
    for samples, people, cameras in (
        (dataset.train, (1, 7, 30), (1, 2, 3, 4, 5, 6)),  # 7 is of the validation list; 333 of none
        (dataset.query, (301,), (3, 6)),
        (dataset.gallery, (301,), (1, 2, 4, 5)),
    ):
        expected = {
            f"cam{camera}/{pid:04d}/{number:04d}.jpg": (pid, camera - 1)
            for pid in people
            for camera in SEEN[pid]
            for number in (1, 2)
            if camera in cameras
        }
        labels = zip(samples.pid.tolist(), samples.camid.tolist(), strict=True)
        assert dict(zip(samples.path.tolist(), labels, strict=True)) == expected
        assert all(samples.file(k).is_file() for k in range(len(samples)))


def test_it_is_recognised(tree, tmp_path):
    assert recognised(tree)[0].name == recognised(tree / "SYSU-MM01")[0].name == "sysu-mm01"
    (tree / "SYSU-MM01" / "cam6").rename(tmp_path / "cam7")
    assert "sysu-mm01" not in [layout.name for layout in recognised(tree / "SYSU-MM01")]
    with pytest.raises(InputError, match="no cam6"):
        read_sysu_mm01(tree)


@pytest.mark.parametrize("words", ["301, 333\n", "301,333,\n", "\ufeff301 333", "301\n333\n"])
def test_lists_are_read_however_they_are_set(tree, words):
    (tree / "SYSU-MM01/exp/test_id.txt").write_text(words, encoding="utf-8")
    dataset = read_sysu_mm01(tree)
    assert set(dataset.gallery.pid.tolist()) == {301, 333} and set(dataset.query.pid.tolist()) == {301}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("301,x", "'x' is no number of a person"),
        ("-5", "'-5' is no number"),
        ("\u0663", r"'\\u0663' is no number"),
        ("9" * 50, "is no number"),
        ("", "nobody in it"),
        ("1,301", "person 1 is in train_id.txt too"),
        ("7", "person 7 is in val_id.txt too"),
        ("301,400", "lists person 400, of whom there is no picture"),
    ],
)
def test_a_list_that_is_wrong_is_one_line(tree, words, says):
    (tree / "SYSU-MM01/exp/test_id.txt").write_text(words)
    with pytest.raises(InputError, match=says) as caught:
        read_sysu_mm01(tree)
    assert "test_id.txt" in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("part", LISTS)
def test_a_missing_or_binary_list_is_named(tree, part):
    file = tree / f"SYSU-MM01/exp/{part}_id.txt"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match=rf"{part}_id.txt: not UTF-8 text"):
        read_sysu_mm01(tree)
    file.unlink()
    with pytest.raises(InputError, match=rf"{part}_id.txt: no such file"):
        read_sysu_mm01(tree)


@pytest.mark.parametrize("name", ["cam3/0301/a.jpg", "cam1/x/0001.jpg", "cam5/0001.jpg"])
def test_strange_paths_are_named(tree, picture, name):
    picture(f"SYSU-MM01/{name}")
    with pytest.raises(InputError, match=rf"{name}: not of SYSU-MM01"):
        read_sysu_mm01(tree)


def test_the_small_tree_is_infrared_where_it_should_be(tree_of):
    tree = tree_of("sysu-mm01")
    dataset = read_sysu_mm01(tree.root)
    for split, rows in tree.counted.items():
        samples = dataset.splits()[split]
        assert sorted(zip(samples.pid.tolist(), samples.camid.tolist(), strict=True)) == sorted(
            (row.pid, row.camid) for row in rows
        )
    assert len(dataset.query) and set(dataset.query.camid.tolist()) == {2, 5}
    for samples in dataset.splits().values():
        for k in range(len(samples)):
            with Image.open(samples.file(k)) as picture:
                assert picture.mode == ("L" if samples.camid[k] in (2, 5) else "RGB")
                if picture.mode == "RGB":
                    assert np.ptp(np.asarray(picture).astype(int), axis=2).max() > 10  # in colour
