"""LTCC and VC-Clothes: outfits in names."""

import pytest

from sameperson.data.readers.ltcc import read_ltcc
from sameperson.data.readers.named_files import ZERO
from sameperson.data.readers.vc_clothes import read_vc_clothes


@pytest.mark.parametrize("inside", ["", "LTCC_ReID/"])
def test_outfits_belong_to_their_wearers_in_every_split(tmp_path, picture, inside):
    for name in (
        "train/000_1_c1_000001.png", "train/001_1_c12_000002.png",
        "query/094_2_c9_015833.png", "test/094_2_c3_015834.png", "test/094_1_c3_015835.png", "test/000_1_c3_000001.png",
    ):  # fmt: skip
        picture(inside + name)
    dataset = read_ltcc(tmp_path)
    assert dataset.train.pid.tolist() == [ZERO, 1]  # person 0 is someone
    assert dataset.train.name_of(ZERO) == "0"
    assert dataset.train.camid.tolist() == [0, 11]
    assert dataset.train.frame.tolist() == [1, 2]
    assert dataset.query.clothes_id.tolist() == [94_002]
    assert dataset.gallery.clothes_id.tolist() == [ZERO * 1000 + 1, 94_001, 94_002]
    assert dataset.gallery.people == 2


def test_info_lists_of_the_small_tree_agree_with_its_names(tree_of):
    root = tree_of("ltcc").root
    dataset = read_ltcc(root)
    for half, parts in (("train", (dataset.train,)), ("test", (dataset.query, dataset.gallery))):
        worn: dict[int, set[int]] = {}
        for part in parts:
            for pid, clothes in zip(part.pid.tolist(), part.clothes_id.tolist(), strict=True):
                worn.setdefault(pid % ZERO, set()).add(clothes)
        for who, several in (("change", True), ("unchange", False)):
            listed = (root / "info" / f"cloth-{who}_id_{half}.txt").read_text().split()
            assert sorted(map(int, listed)) == sorted(
                pid for pid, outfits in worn.items() if (len(outfits) > 1) == several
            )


def test_vc_clothes_numbers_person_camera_outfit_and_picture(tmp_path, picture):
    for name in ("train/0001-04-02-01.jpg", "query/0300-02-01-01.jpg", "gallery/0300-03-01-12.jpg"):
        picture(f"VC-Clothes/{name}")
    dataset = read_vc_clothes(tmp_path)
    assert (dataset.train.pid.tolist(), dataset.train.camid.tolist()) == ([1], [3])
    assert dataset.query.clothes_id.tolist() == dataset.gallery.clothes_id.tolist() == [300_001]


def test_the_small_vc_clothes_wear_by_camera_what_its_protocols_need(tree_of):
    dataset = read_vc_clothes(tree_of("vc-clothes").root)
    for part in (dataset.train, dataset.query, dataset.gallery):
        worn = {(camid, clothes % 1000) for camid, clothes in zip(part.camid, part.clothes_id, strict=True)}
        assert worn == {(0, 1), (0, 2), (1, 1), (2, 1), (3, 2)}
