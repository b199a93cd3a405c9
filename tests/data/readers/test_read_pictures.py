import os
from pathlib import Path

import pytest

from sameperson.checks import InputError
from sameperson.data.readers.pictures import read_pictures


def test_one_picture(tmp_path: Path, picture) -> None:
    samples = read_pictures(picture("one.jpg"))
    assert (samples.path.tolist(), samples.pid.tolist()) == (["one.jpg"], [-1])
    assert samples.file(0) == tmp_path / "one.jpg"


def test_a_folder_of_any_shape_is_unlabelled(tmp_path: Path, picture) -> None:
    for name in ("a.jpg", "deep/er/b.png", "deep/c.webp"):
        picture(name)
    picture(".hidden/d.jpg")
    samples = read_pictures(tmp_path)
    assert samples.path.tolist() == ["a.jpg", "deep/c.webp", "deep/er/b.png"]
    assert set(samples.pid.tolist()) == set(samples.camid.tolist()) == {-1}


def test_market_names_and_patterns_say_who(tmp_path: Path, picture) -> None:
    picture("query/0002_c1s1_000451_03.jpg")
    picture("bounding_box_test/0002_c3s1_000451_03.jpg")
    picture("mine.jpg")
    samples = read_pictures(tmp_path)
    assert samples.pid.tolist() == [2, -1, 2]
    assert samples.camid.tolist() == [2, -1, 0]
    named = read_pictures(tmp_path, "{pid}.jpg").take([2])
    assert named.name_of(int(named.pid[0])) == "0002_c1s1_000451_03"
    assert read_pictures(tmp_path / "mine.jpg", "{pid}.jpg").names == {1: "mine"}


def test_tables_and_lists(tmp_path: Path) -> None:
    (tmp_path / "some.csv").write_text("path\na.jpg\nb.jpg\n")
    assert read_pictures(tmp_path / "some.csv").pid.tolist() == [-1, -1]
    (tmp_path / "some.txt").write_text("a.jpg 4 1\n")
    assert read_pictures(tmp_path / "some.txt").pid.tolist() == [4]


def test_a_name_that_is_not_utf8_is_said(tmp_path: Path) -> None:
    try:
        (tmp_path / os.fsdecode(b"caf\xe9.jpg")).write_bytes(b"x")
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    with pytest.raises(InputError, match=r"caf.*expected names in UTF-8"):
        read_pictures(tmp_path)


def test_what_is_no_picture_is_said(tmp_path: Path) -> None:
    (tmp_path / "film.mp4").write_bytes(b"x")
    with pytest.raises(InputError, match=r"film\.mp4: not pictures"):
        read_pictures(tmp_path / "film.mp4")
    with pytest.raises(InputError, match="no such file or folder"):
        read_pictures(tmp_path / "gone")
    with pytest.raises(InputError, match="no pictures in it"):
        read_pictures(tmp_path)
