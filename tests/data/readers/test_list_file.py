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
