from pathlib import Path

import pytest

from sameperson.checks import InputError
from sameperson.data.readers.market1501 import read_market1501

TRAIN = ["0002_c1s1_000451_03.jpg", "0002_c2s1_000301_01.jpg", "0007_c3s3_077419_03.jpg"]
QUERY = ["0001_c1s1_001051_00.jpg"]
GALLERY = ["-1_c1s1_000401_03.jpg", "0000_c1s1_000151_01.jpg", "0001_c6s1_009601_00.jpg"]


@pytest.fixture
def tree(tmp_path: Path, picture) -> Path:
    for folder, names in (("bounding_box_train", TRAIN), ("query", QUERY), ("bounding_box_test", GALLERY)):
        for name in names:
            picture(f"{folder}/{name}")
    (tmp_path / "query" / "Thumbs.db").write_bytes(b"x")
    return tmp_path


def test_names_say_who_and_where(tree: Path) -> None:
    dataset = read_market1501(tree)
    assert dataset.train.path.tolist() == [f"bounding_box_train/{name}" for name in TRAIN]
    assert dataset.train.pid.tolist() == [2, 2, 7]
    assert dataset.train.camid.tolist() == [0, 1, 2]
    assert dataset.train.clothes_id.tolist() == [-1, -1, -1]
    assert (dataset.query.pid.tolist(), dataset.query.camid.tolist()) == ([1], [0])
    assert dataset.gallery.pid.tolist() == [-1, 0, 1]  # junk and distractors stay
    assert dataset.protocol == "market1501"
    assert dataset.train.file(0).exists()
    assert dataset.train.priors == {}


def test_the_official_release_is_found_inside(tree: Path) -> None:
    inside = tree / "Market-1501-v15.09.15"
    inside.mkdir()
    for folder in ("bounding_box_train", "query", "bounding_box_test"):
        (tree / folder).rename(inside / folder)
    assert len(read_market1501(tree).train) == 3


def test_labels_and_priors_beside_are_picked_up(tree: Path) -> None:
    (tree / "labels.csv").write_text(
        "path,split,pid,camid,clothes_id,track_id,frame\n"
        f"bounding_box_train/{TRAIN[0]},train,2,0,11,4,451\n"
        f"bounding_box_train/{TRAIN[2]},train,7,2,12,,\n"
        f"query/{QUERY[0]},query,1,0,13,6,0\n"
    )
    (tree / "keypoints").mkdir()
    (tree / "keypoints" / "query.json").write_text("[]")
    (tree / "parsing" / "bounding_box_train").mkdir(parents=True)
    (tree / "masks" / "bounding_box_train").mkdir(parents=True)
    dataset = read_market1501(tree)
    assert dataset.train.clothes_id.tolist() == [11, -1, 12]
    assert dataset.train.track_id.tolist() == [4, -1, -1]
    assert dataset.train.frame.tolist() == [451, -1, -1]
    assert dataset.query.frame.tolist() == [0]
    assert dataset.gallery.clothes_id.tolist() == [-1, -1, -1]
    assert dataset.train.priors == {
        "parsing": tree / "parsing" / "bounding_box_train",
        "mask": tree / "masks" / "bounding_box_train",
    }
    assert dataset.query.priors == {"keypoints": tree / "keypoints" / "query.json"}


def test_bad_labels_are_one_line(tree: Path) -> None:
    (tree / "labels.csv").write_text("path,clothes_id\nquery/a.jpg,red\n")
    with pytest.raises(InputError, match=r"labels\.csv: .*'red'.*; expected numbers"):
        read_market1501(tree)


def test_what_is_missing_is_named(tree: Path, tmp_path: Path, picture) -> None:
    with pytest.raises(InputError, match="nowhere: no such folder"):
        read_market1501(tmp_path / "nowhere")
    (tree / "query" / QUERY[0]).unlink()
    with pytest.raises(InputError, match="query: no pictures in it"):
        read_market1501(tree)
    (tree / "query" / "Thumbs.db").unlink()
    (tree / "query").rmdir()
    with pytest.raises(InputError, match=r"no query; expected the folders .* data\.reader=folder"):
        read_market1501(tree)


def test_a_strange_name_is_named(tree: Path, picture) -> None:
    picture("query/IMG_0001.jpg")
    with pytest.raises(InputError, match=r"IMG_0001\.jpg: not of Market-1501; .* 0002_c1s1_000451_03\.jpg"):
        read_market1501(tree)
