"""CUHK03-NP: one tree, two kinds of boxes."""

import shutil

import pytest

from sameperson.checks import InputError
from sameperson.data.readers import LAYOUTS, recognised
from sameperson.data.readers.cuhk03 import read_cuhk03


def test_either_kind_of_boxes_is_found_from_above_and_by_itself(tree_of, tmp_path):
    root = tree_of("cuhk03-labeled").root
    for boxes, fewer in (("labeled", 0), ("detected", 1)):
        above, itself = read_cuhk03(root, boxes=boxes), read_cuhk03(root / boxes, boxes=boxes)
        assert above.train.path.tolist() == itself.train.path.tolist()
        assert above.train.root == root / boxes
        assert len(above.train) == len(read_cuhk03(root, boxes="labeled").train) - fewer
    (tmp_path / "cuhk03-np").symlink_to(root)
    assert len(read_cuhk03(tmp_path, boxes="detected").query) == len(read_cuhk03(root, boxes="detected").query)
    assert set(above.train.camid.tolist()) == {0, 1}


def test_the_other_kind_is_refused(tree_of):
    root = tree_of("cuhk03-labeled").root
    with pytest.raises(InputError, match=r"/detected: the detected boxes; .*data\.reader=cuhk03-detected"):
        read_cuhk03(root / "detected", boxes="labeled")


def test_who_keeps_one_kind_only_is_understood(tree_of, tmp_path):
    for boxes in ("labeled", "detected"):
        alone = shutil.copytree(tree_of("cuhk03-labeled").root / boxes, tmp_path / f"mine-{boxes}" / boxes)
        assert recognised(alone)[0].name == f"cuhk03-{boxes}"
        assert recognised(alone.parent)[0].name == f"cuhk03-{boxes}"
        bare = alone.rename(tmp_path / f"bare-{boxes}")  # says nothing of its boxes
        assert len(LAYOUTS[f"cuhk03-{boxes}"].read(bare, None).train) > 0
        assert [layout.name for layout in recognised(bare)][:2] == ["cuhk03-labeled", "cuhk03-detected"]


def test_a_market_tree_with_plain_names_is_not_taken_for_it(tmp_path, picture):
    for folder in ("bounding_box_train", "query", "bounding_box_test"):
        picture(f"{folder}/0001_c1_1.jpg")
    assert recognised(tmp_path)[0].name == "market1501"
