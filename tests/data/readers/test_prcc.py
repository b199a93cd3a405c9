"""PRCC: cameras and clothes from folders and letters."""

import pytest

from sameperson.checks import InputError
from sameperson.data.readers.prcc import read_prcc


@pytest.fixture
def tree(tmp_path, picture):
    for name in (
        "train/001/A_cropped_rgb001.jpg", "train/001/B_cropped_rgb002.jpg", "train/001/C_cropped_rgb003.jpg",
        "train/300/C_cropped_rgb1000.jpg", "val/001/A_cropped_rgb009.jpg",
        "test/A/005/cropped_rgb001.jpg", "test/B/005/cropped_rgb002.jpg", "test/C/005/cropped_rgb004.jpg",
    ):  # fmt: skip
        picture(f"prcc/rgb/{name}")
    return tmp_path


def test_a_and_b_share_clothes_and_c_does_not(tree):
    dataset = read_prcc(tree)
    assert dataset.train.pid.tolist() == [1, 1, 1, 300]
    assert dataset.train.camid.tolist() == [0, 1, 2, 2]
    assert dataset.train.clothes_id.tolist() == [1000, 1000, 1001, 300_001]
    assert dataset.train.frame.tolist() == [1, 2, 3, 1000]
    assert dataset.query.path.tolist() == ["rgb/test/B/005/cropped_rgb002.jpg", "rgb/test/C/005/cropped_rgb004.jpg"]
    assert dataset.query.clothes_id.tolist() == [5000, 5001]
    assert (dataset.gallery.camid.tolist(), dataset.gallery.clothes_id.tolist()) == ([0], [5000])
    assert dataset.val is None  # its people are those of train


@pytest.mark.parametrize("name", ["train/001/D_cropped_rgb001.jpg", "test/B/x/cropped_rgb001.jpg", "train/A_rgb1.jpg"])
def test_strange_paths_are_named(tree, picture, name):
    picture(f"prcc/rgb/{name}")
    with pytest.raises(InputError, match=rf"rgb/{name}: not of PRCC"):
        read_prcc(tree)
