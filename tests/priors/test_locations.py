from pathlib import Path

import pytest

from sameperson.data.readers.files import pictures_below
from sameperson.priors.locations import find_priors


def touch(*files: Path) -> None:
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"")


def test_a_folder_has_its_own_before_all_have_theirs(tmp_path: Path) -> None:
    touch(tmp_path / "keypoints" / "query.json", tmp_path / "parsing" / "query" / "a.png")
    touch(
        tmp_path / "masks" / "a.png", tmp_path / "lr_face" / "query" / "a.jpg", tmp_path / "hr_face" / "gallery" / "b"
    )
    assert find_priors(tmp_path, "query") == {
        "keypoints": tmp_path / "keypoints" / "query.json",
        "parsing": tmp_path / "parsing" / "query",
        "mask": tmp_path / "masks",  # not divided: its files are of all pictures
        "face": tmp_path / "lr_face" / "query",
    }
    assert find_priors(tmp_path, "train") == {"mask": tmp_path / "masks"}
    touch(tmp_path / "keypoints.json")
    assert find_priors(tmp_path, "query")["keypoints"] == tmp_path / "keypoints" / "query.json"
    assert find_priors(tmp_path, "train")["keypoints"] == tmp_path / "keypoints.json"


def test_all_pictures_have_whole_folders(tmp_path: Path) -> None:
    touch(tmp_path / "keypoints" / "query.json", tmp_path / "parsing" / "query" / "a.png", tmp_path / "mask" / "a.png")
    touch(tmp_path / "irrelevant" / "a.png", tmp_path / "people" / "a.jpg")
    assert find_priors(tmp_path) == {
        "keypoints": tmp_path / "keypoints",
        "parsing": tmp_path / "parsing",
        "mask": tmp_path / "mask",
        "irrelevant": tmp_path / "irrelevant",
    }
    assert find_priors(tmp_path / "nowhere") == {}


def test_text_and_openpose_files_in_one_folder_are_of_all_pictures(tmp_path: Path) -> None:
    touch(tmp_path / "pose" / "a.txt")
    assert find_priors(tmp_path, "query") == {"keypoints": tmp_path / "pose"}
    touch(tmp_path / "two" / "keypoints" / "a_keypoints.json")
    assert find_priors(tmp_path / "two", "query") == {"keypoints": tmp_path / "two" / "keypoints"}


@pytest.mark.parametrize(
    "text",
    ['[{"keypoints": [[1, 2]], "keypoint_scores": [0.5]}]', '{"meta_info": {}, "instance_info": []}'],
    ids=["inferencer", "demo"],
)
def test_mmposes_files_in_one_folder_are_of_all_pictures(tmp_path: Path, text: str) -> None:
    touch(tmp_path / "keypoints" / "a.json")
    assert find_priors(tmp_path, "query") == {}
    (tmp_path / "keypoints" / "a.json").write_text(text)
    assert find_priors(tmp_path, "query") == {"keypoints": tmp_path / "keypoints"}


def test_priors_are_no_pictures(tmp_path: Path) -> None:
    touch(tmp_path / "1" / "a.jpg", tmp_path / "parsing" / "1" / "a.png", tmp_path / "masks" / "a.png")
    touch(tmp_path / "1" / "parsing" / "b.jpg")
    assert pictures_below(tmp_path) == ["1/a.jpg", "1/parsing/b.jpg"]
