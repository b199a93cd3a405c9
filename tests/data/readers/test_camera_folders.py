"""Folders of cameras above people are asked about, and the pattern that the question names reads them."""

import pickle
import re
from pathlib import Path

import pytest

from sameperson.checks import InputError
from sameperson.cli.main import main
from sameperson.data.readers.camera_folders import CamerasOnTop
from sameperson.data.readers.folder import read_folder

PEOPLE = ("0001", "0002", "0003", "0004")


def tree(picture, form: str, tops: tuple[str, ...]) -> None:
    for top in tops:
        for who in PEOPLE:
            for k in range(2):
                picture("set/" + form.format(top=top, who=who, k=k))


CAMERAS = [
    ("{top}/{who}/{k}.jpg", ("cam_a", "cam_b"), "{camid}/{pid}/*"),
    ("{top}/{who}/{k}.jpg", ("cam1", "cam2", "cam10"), "{camid}/{pid}/*"),
    ("{top}/{who}/{k}.jpg", ("c01", "c02"), "{camid}/{pid}/*"),
    ("{top}/{who}/{k}.jpg", ("camera-3", "camera-4"), "{camid}/{pid}/*"),
    ("{top}/{who}/{k}.jpg", ("A", "B", "C"), "{camid}/{pid}/*"),
    ("{top}/{who}/{k}.jpg", ("Camera 1", "Camera 2"), "{camid}/{pid}/*"),
    ("{top}/{who}_{k}5.jpg", ("cam_a", "cam_b"), "{camid}/{pid}_*"),
    ("{top}/{who}-{k}.jpg", ("c1", "c2", "c3"), "{camid}/{pid}-*"),
    ("{top}/{who}_{k}.jpg", ("A", "B"), "{camid}/{pid}_*"),
]


@pytest.mark.parametrize(("form", "tops", "pattern"), CAMERAS)
def test_cameras_on_top_are_asked_about(tmp_path: Path, picture, form: str, tops: tuple, pattern: str) -> None:
    tree(picture, form, tops)
    with pytest.raises(CamerasOnTop, match="look like cameras") as caught:
        read_folder(tmp_path / "set")
    assert caught.value.pattern == pattern and f"data.pattern='{pattern}'" in str(caught.value)
    assert "\n" not in str(caught.value)
    again = pickle.loads(pickle.dumps(caught.value))
    assert (again.pattern, str(again)) == (pattern, str(caught.value))
    dataset = read_folder(tmp_path / "set", pattern)
    assert dataset.train.people == len(PEOPLE)
    assert len(set(dataset.train.camid.tolist())) == len(tops)
    assert len(dataset.train) == len(PEOPLE) * len(tops) * 2


@pytest.mark.parametrize(("form", "tops", "pattern"), CAMERAS)
def test_the_question_names_the_pattern_for_people_too(tmp_path: Path, picture, form, tops, pattern) -> None:
    tree(picture, form, tops)
    with pytest.raises(InputError) as caught:
        read_folder(tmp_path / "set")
    cameras, people = re.findall(r"data.pattern='([^']+)'", str(caught.value))
    assert cameras == pattern
    assert read_folder(tmp_path / "set", people).train.people == len(tops)


@pytest.mark.parametrize(
    "paths",
    [
        ("anna/cam1/a.jpg", "ben/cam1/a.jpg", "ben/cam2/a.jpg"),
        ("A/cam1/a.jpg", "B/cam1/a.jpg", "B/cam2/a.jpg"),  # the cameras are below
        ("A/1.jpg", "B/1.jpg", "B/2.jpg"),
        ("A/front/1.jpg", "B/front/1.jpg", "C/side/1.jpg"),  # fewer places than people
        ("1/1/a.jpg", "2/1/a.jpg", "2/2/a.jpg"),
        ("cam/1/a.jpg", "carl/1/a.jpg", "cid/2/a.jpg"),
        ("c1/1/a.jpg", "dora/1/a.jpg", "dora/2/a.jpg"),
    ],
)
def test_people_on_top_are_read_as_before(tmp_path: Path, picture, paths: tuple[str, ...]) -> None:
    for path in paths:
        picture(f"set/{path}")
    assert read_folder(tmp_path / "set").train.people == len({path.split("/")[0] for path in paths})


def test_a_split_of_cameras_on_top(tmp_path: Path, picture) -> None:
    for part, who in (("train", "1"), ("query", "2"), ("gallery", "2")):
        for top in ("cam1", "cam2"):
            picture(f"set/{part}/{top}/{who}/a.jpg")
    with pytest.raises(CamerasOnTop) as caught:
        read_folder(tmp_path / "set")
    assert read_folder(tmp_path / "set", caught.value.pattern).gallery.people == 1


def test_the_doctor_says_it_and_no_figures_are_printed(
    tmp_path: Path, picture, capsys: pytest.CaptureFixture[str]
) -> None:
    tree(picture, "{top}/{who}/{k}.jpg", ("cam1", "cam2"))
    place = str(tmp_path / "set")
    assert main(["doctor", place]) == 0
    said = capsys.readouterr().out
    assert "look like cameras" in " ".join(said.split())
    assert f"sameperson doctor {place} --pattern '{{camid}}/{{pid}}/*'" in said
    assert main(["doctor", place, "--pattern", "{camid}/{pid}/*"]) == 0
    assert "look like cameras" not in capsys.readouterr().out
    assert main(["evaluate", place]) == 2
    out, err = capsys.readouterr()
    assert "rank-1" not in out and "--pattern '{camid}/{pid}/*'" in err and err.count("\n") == 1
