import logging

import numpy as np
import pytest

from sameperson.checks import InputError
from sameperson.data.readers.fgpr import read_fgpr
from sameperson.data.readers.lists_3dsl import read_3dsl
from sameperson.priors.load import open_priors


def test_poses_and_masks_are_those_of_the_pictures(tree_of):
    tree = tree_of("lists-3dsl")
    train = read_3dsl(tree.root).train
    priors = open_priors(train, ("keypoints", "mask"))
    truth = tree.world.entries("keypoints")
    for k, row in enumerate(tree.rows(train)):
        points = np.array(truth[row.path]["keypoints"]).reshape(17, 3)
        assert priors["keypoints"].read(k) == pytest.approx(points, abs=1e-3)
        mask = priors["mask"].read(k)
        left, top, width, height = truth[row.path]["box"]
        assert np.argwhere(mask.any(0)).min() == left
        assert np.argwhere(mask.any(1)).min() == top
        assert (mask.any(0).sum(), mask.any(1).sum()) <= (width, height)


def test_a_pose_file_of_each_list_is_found(spoil):
    root = spoil("lists-3dsl")
    (root / "pose" / "alphapose-results.json").rename(root / "pose" / "train.json")
    (root / "pose" / "query.json").write_text("[]")
    dataset = read_3dsl(root)
    assert dataset.train.priors["keypoints"] == root / "pose" / "train.json"
    assert dataset.query.priors["keypoints"] == root / "pose" / "query.json"


@pytest.mark.parametrize(("name", "read"), [("lists-3dsl", read_3dsl), ("fgpr", read_fgpr)])
class TestFaults:
    def file(self, root, part):
        return next(root.rglob(f"{part}.txt"))

    def test_a_missing_picture(self, spoil, name, read):
        root = spoil(name)
        gone = sorted((root / "images").glob("0003*"))[0]
        gone.unlink()
        with pytest.raises(InputError, match=rf"{gone}: no such file, though \S+/(query|gallery).txt lists it"):
            read(root)

    def test_a_shuffled_list(self, spoil, name, read):
        root = spoil(name)
        file = self.file(root, "train")
        lines = file.read_text().splitlines()
        lines[2] = lines[2].replace(" 1 ", " 2 ")
        file.write_text("\n\n".join(lines))
        with pytest.raises(InputError, match=rf"{file}: line 5 says person 2 of {lines[2].split()[0]}, but .*person 1"):
            read(root)

    def test_people_numbered_anew_are_no_shuffle(self, spoil, name, read):
        root = spoil(name)
        file = self.file(root, "train")
        file.write_text(file.read_text().replace(" 1 ", " 70 ").replace(" 2 ", " 80 "))
        assert set(read(root).train.pid.tolist()) == {70, 80}

    def test_a_line_that_says_too_little(self, spoil, name, read):
        root = spoil(name)
        file = self.file(root, "query")
        file.write_text(file.read_text() + "images/0003.jpg\n")
        with pytest.raises(InputError, match=rf"{file}: line \d+ is 'images/0003.jpg'"):
            read(root)


def test_a_missing_list_is_named(spoil):
    root = spoil("lists-3dsl")
    (root / "list" / "query.txt").unlink()
    with pytest.raises(InputError, match=f"{root}: no list/query.txt; expected list/train.txt"):
        read_3dsl(root)


def test_a_missing_mask_is_told_and_counted(spoil, caplog):
    root = spoil("lists-3dsl")
    for file in sorted((root / "mask").iterdir())[:2]:
        file.unlink()
    with caplog.at_level(logging.WARNING):
        train = read_3dsl(root).train
    assert f"{root / 'mask'}: no mask for 2 of {len(train)} pictures, e.g. {train.path[0]}" in caplog.text


def test_fgprs_people_dress_alike(tree_of):
    tree = tree_of("fgpr")
    worn = {row.pid: row.clothes_id for row in tree.rows(read_fgpr(tree.root).train)}
    assert len(worn) == 2
    assert len(set(worn.values())) == 1


def test_a_path_that_no_disk_can_hold_is_told(spoil):
    root = spoil("lists-3dsl")
    file = root / "list" / "query.txt"
    file.write_text(f"{'x' * 300}/0003.jpg 3 0\n")
    with pytest.raises(InputError, match=r"xxx: cannot be read \(File name too long\)"):
        read_3dsl(root)
