import json
import logging
import shutil

import numpy as np
import pytest

from sameperson.checks import InputError
from sameperson.config import Data
from sameperson.data.readers.named_files import ZERO
from sameperson.data.readers.open_reid import read_dancereid, read_open_reid
from sameperson.priors.load import open_priors
from sameperson.priors.skeletons import COCO, OPENPOSE


def test_people_of_one_video_share_a_track(tree_of):
    tree = tree_of("dancereid")
    dataset = read_dancereid(tree.root)
    assert dataset.protocol == "dancereid"
    assert dataset.query.path.tolist() == dataset.gallery.path.tolist()
    assert (set(dataset.train.track_id.tolist()), set(dataset.query.track_id.tolist())) == ({0}, {1})
    assert dataset.train.frame.tolist() == dataset.train.camid.tolist()
    assert set(dataset.train.pid.tolist()) == {ZERO, 1}
    assert dataset.train.name_of(ZERO) == "0"


def test_the_generators_own_name_of_the_split_and_folders_of_videos_are_read(spoil):
    root = spoil("dancereid")
    before = read_dancereid(root)
    (root / "splits.json").rename(root / "split.json")
    meta = json.loads((root / "meta.json").read_text())
    for kind in ("images", "poses"):
        (root / kind).rename(root / "all")
        shutil.copytree(root / "all", root / kind / "000_abc")
        shutil.rmtree(root / "all")
    meta["identities"] = [[f"000_abc/{name}" for name in names] for names in meta["identities"]]
    (root / "meta.json").write_text(json.dumps(meta))
    after = read_dancereid(root)
    assert after.train.path.tolist() == [path.replace("images/", "images/000_abc/") for path in before.train.path]
    assert after.gallery.pid.tolist() == before.gallery.pid.tolist()


@pytest.mark.parametrize(("name", "skeleton"), [("dancereid", COCO), ("open-reid", OPENPOSE)])
def test_poses_are_the_worlds(tree_of, name, skeleton):
    tree = tree_of(name)
    dataset = (read_dancereid if name == "dancereid" else read_open_reid)(tree.root)
    keypoints = open_priors(dataset.train, ("keypoints",), Data(skeleton=skeleton.name))["keypoints"]
    truth = tree.world.entries("keypoints")
    for k, row in enumerate(tree.rows(dataset.train)):
        points, known = keypoints.read(k), np.array(truth[row.path]["keypoints"]).reshape(-1, 3)
        assert points.shape == (len(skeleton), 3)
        for number, joint in enumerate(skeleton.joints):
            if joint != "neck" and known[COCO.joints.index(joint), 2] > 0:
                assert points[number, :2] == pytest.approx(known[COCO.joints.index(joint), :2], abs=0.01)


def test_the_background_is_a_distractor_and_only_in_the_gallery(tree_of):
    dataset = read_open_reid(tree_of("open-reid").root)
    assert 0 in dataset.gallery.pid
    assert 0 not in dataset.query.pid
    assert set(dataset.query.path.tolist()) < set(dataset.gallery.path.tolist())


def splits(root, **parts):
    file = root / "splits.json"
    content = json.loads(file.read_text())
    content[0] |= parts
    file.write_text(json.dumps(content))
    return file


def test_people_who_are_learned_and_tested_are_refused(spoil):
    file = splits(spoil("dancereid"), trainval=[0, 1, 2])
    with pytest.raises(InputError, match="people 2 are in trainval and are tested; expected nobody in both") as told:
        read_dancereid(file.parent)
    assert str(file) in str(told.value)


def test_the_published_leak_is_called_by_its_name(tmp_path):
    tested = [*range(12), *range(35, 40), *range(88, 100)]
    (tmp_path / "images").mkdir()
    (tmp_path / "meta.json").write_text(json.dumps({"identities": [[] for _ in range(100)]}))
    split = {"trainval": list(range(17, 88)), "query": tested, "gallery": tested}
    (tmp_path / "split.json").write_text(json.dumps([split]))
    with pytest.raises(InputError, match=r"people 35, 36, 37, 38, 39 .*train on the other 71, 12-34 and 40-87"):
        read_dancereid(tmp_path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"trainval": [0, 9]}, "trainval names person 9; expected 0 to 3, whom meta.json lists"),
        ({"gallery": [2, -1, 7]}, "gallery names person -1 and 1 more"),
        ({"query": ["2"]}, "query is no list of numbers"),
        ({"query": [True]}, "query is no list of numbers"),
    ],
)
def test_a_split_that_cannot_be_is_told(spoil, content, said):
    file = splits(spoil("dancereid"), **content)
    with pytest.raises(InputError, match=said) as told:
        read_dancereid(file.parent)
    assert str(file) in str(told.value)


@pytest.mark.parametrize("name", ["meta.json", "splits.json", "video.json"])
@pytest.mark.parametrize("content", ["", "[", "7", "null", "[3]", '{"a": 1}', "[" * 100_000])
def test_files_that_are_something_else_are_told(spoil, name, content):
    root = spoil("dancereid")
    (root / name).write_text(content)
    with pytest.raises(InputError, match=name):
        read_dancereid(root)


def test_a_missing_picture_is_named_and_the_others_counted(spoil):
    root = spoil("open-reid")
    gone = sorted((root / "images").iterdir())[3:6]
    for file in gone:
        file.unlink()
    with pytest.raises(InputError, match=f"{gone[0]} and 2 more pictures: no such file, though .*meta.json lists it"):
        read_open_reid(root)


def test_a_shuffled_meta_is_told(spoil):
    root = spoil("open-reid")
    meta = json.loads((root / "meta.json").read_text())
    people = meta["identities"]
    people[1][0][0], people[2][0][0] = people[2][0][0], people[1][0][0]
    (root / "meta.json").write_text(json.dumps(meta))
    with pytest.raises(InputError, match=r"lists 00000002_0000_00000000.jpg as person 1 in camera 0; .*shuffled"):
        read_open_reid(root)


def test_one_form_read_as_the_other_is_told(tree_of):
    with pytest.raises(InputError, match=r"names like 0007_000151.jpg; choose the reader that suits it"):
        read_dancereid(tree_of("open-reid").root)


@pytest.mark.parametrize("name", ["images", "meta.json", "splits.json"])
def test_what_is_missing_is_named(spoil, name):
    root = spoil("dancereid")
    (root / name).rename(root / "elsewhere")
    with pytest.raises(InputError, match=f"{root / name}: no such"):
        read_dancereid(root)


def test_a_pose_that_is_missing_is_told_and_counted(spoil, caplog):
    root = spoil("dancereid")
    sorted((root / "poses").iterdir())[0].unlink()
    with caplog.at_level(logging.WARNING):
        dataset = read_dancereid(root)
    assert f"{root / 'poses'}: no pose for 1 of {len(dataset.train)} pictures, e.g. images/0000_" in caplog.text
    shutil.rmtree(root / "poses")
    assert read_dancereid(root).train.priors == {}
