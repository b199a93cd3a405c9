from pathlib import Path

import pytest

from sameperson.checks import InputError
from sameperson.data.readers.list_file import read_list


def test_lines_split_from_the_right(tmp_path: Path) -> None:
    file = tmp_path / "all.txt"
    file.write_text("day one/img 1.jpg 12 0\nday one/img 2.jpg 12 1\r\n\nday two/img 3.jpg -1 1\n")
    train = read_list(file).train
    assert train.path.tolist() == ["day one/img 1.jpg", "day one/img 2.jpg", "day two/img 3.jpg"]
    assert train.pid.tolist() == [12, 12, -1]
    assert train.camid.tolist() == [0, 1, 1]
    assert train.file(0) == tmp_path / "day one" / "img 1.jpg"


@pytest.mark.parametrize("place", ["", "list"])
def test_a_folder_of_lists_is_a_split(tmp_path: Path, place: str) -> None:
    folder = tmp_path / place
    folder.mkdir(exist_ok=True)
    (folder / "train.txt").write_text("images/a.jpg 1 0\nimages/b.jpg 1 1\n")
    (folder / "query.txt").write_text("images/c.jpg 2 0\n")
    (folder / "gallery.txt").write_text("images/d.jpg 2 1\nimages/e.jpg 0 1\n")
    dataset = read_list(tmp_path)
    assert dataset.train.pid.tolist() == [1, 1]
    assert dataset.query.pid.tolist() == [2]
    assert dataset.gallery.pid.tolist() == [2, 0]
    assert dataset.query.file(0) == tmp_path / "images" / "c.jpg"


@pytest.mark.parametrize(
    ("text", "says"),
    [("a.jpg 1 0\nb.jpg 1\n", r"line 2 is 'b\.jpg 1'; expected `image_path pid camid`"), ("\n", "no lines")],
)
def test_bad_lists_are_one_line(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "all.txt"
    file.write_text(text)
    with pytest.raises(InputError, match=says):
        read_list(file)


def test_nothing_to_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no list files"):
        read_list(tmp_path)
    with pytest.raises(InputError, match=r"gone\.txt: no such file"):
        read_list(tmp_path / "gone.txt")


@pytest.mark.parametrize(
    ("text", "paths", "people", "cameras"),
    [
        ("a.jpg 1\nb.jpg 2\n", ["a.jpg", "b.jpg"], ["1", "2"], [-1, -1]),
        (
            "day one/a 1.jpg anna\r\n\nday one/b.PNG ben\r\n",
            ["day one/a 1.jpg", "day one/b.PNG"],
            ["anna", "ben"],
            [-1] * 2,
        ),
        ("imgs\\a\\1.jpg 1 c2\nimgs\\b\\1.jpg 2 c1\n", ["imgs/a/1.jpg", "imgs/b/1.jpg"], ["1", "2"], [1, 0]),
        ("a.jpg\t1_11\nb.jpg\t11_1\n", ["a.jpg", "b.jpg"], ["1_11", "11_1"], [-1, -1]),
        ("a.jpg 1\u3000x 0\nb.jpg 1\u3000y 0\n", ["a.jpg", "b.jpg"], ["1\u3000x", "1\u3000y"], [0, 0]),
        ("a 7.jpg 1 2\nb.jpg 1 3\n", ["a 7.jpg", "b.jpg"], ["1", "1"], [2, 3]),
        ("frame1 1 2\nframe2 1 3\n", ["frame1", "frame2"], ["1", "1"], [2, 3]),
    ],
)
def test_lines_with_and_without_cameras(tmp_path: Path, text: str, paths: list, people: list, cameras: list) -> None:
    (tmp_path / "all.txt").write_text(text, encoding="utf-8", newline="")
    dataset = read_list(tmp_path / "all.txt")
    train = dataset.train
    assert train.path.tolist() == paths
    assert [train.name_of(pid) for pid in train.pid.tolist()] == people
    assert train.camid.tolist() == cameras
    assert dataset.protocol == ("camera_blind" if people[0] != people[1] else "market1501")


@pytest.mark.parametrize("text", ["a.jpg 1\nb.jpg 1 0\n", "a.jpg\nb.jpg\n", "a.jpg 1\nb.jpg\n"])
def test_lines_of_two_forms_are_said(tmp_path: Path, text: str) -> None:
    (tmp_path / "all.txt").write_text(text)
    with pytest.raises(InputError, match=r"line [12] is .*expected `image_path pid") as caught:
        read_list(tmp_path / "all.txt")
    assert "one space" not in str(caught.value) and "\n" not in str(caught.value)


def test_a_folder_of_lists_without_cameras_is_camera_blind(tmp_path: Path) -> None:
    (tmp_path / "train.txt").write_text("a.jpg 1\nb.jpg 1\n")
    (tmp_path / "query.txt").write_text("c.jpg 2\n")
    (tmp_path / "gallery.txt").write_text("d.jpg 2\ne.jpg 3\n")
    dataset = read_list(tmp_path)
    assert dataset.protocol == "camera_blind"
    assert dataset.gallery.pid.tolist() == [2, 3] and set(dataset.gallery.camid.tolist()) == {-1}


def test_a_backslash_in_a_real_name_stays(tmp_path: Path, picture) -> None:
    picture("a\\b.jpg")
    (tmp_path / "all.txt").write_text("a\\b.jpg 1 0\n")
    assert read_list(tmp_path / "all.txt").train.path.tolist() == ["a\\b.jpg"]
