"""Nothing is left out of a folder, a CSV or a list without a line that counts it."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sameperson.checks import InputError
from sameperson.data.readers.csv_table import read_csv
from sameperson.data.readers.files import pictures_below
from sameperson.data.readers.folder import read_folder
from sameperson.data.readers.list_file import read_list
from sameperson.data.readers.pictures import read_pictures


@pytest.fixture
def tree(tmp_path: Path) -> Callable[..., Path]:
    def write(*names: str) -> Path:
        for name in names:
            file = tmp_path / "people" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            if file.suffix.lower() in (".jpg", ".tif", ".gif", ".avif", ".ppm", ".png"):
                Image.fromarray(np.full((8, 4, 3), 90, np.uint8)).save(file)
            else:
                file.write_bytes(b"x")
        return tmp_path / "people"

    return write


def test_a_camera_of_another_form_is_read(tree) -> None:
    root = tree(*(f"{p}/c{c}/0.{e}" for p in (1, 2) for c, e in enumerate(("jpg", "tif", "gif", "avif", "ppm"))))
    dataset = read_folder(root)
    assert len(dataset.train) == 10 and len(np.unique(dataset.train.camid)) == 5


def test_files_that_are_no_pictures_are_counted_by_ending(tree, caplog) -> None:
    root = tree("1/a.jpg", "1/a.txt", "1/B.TXT", "2/b.mp4", "2/README", "2/Thumbs.db", "2/.hidden", "labels.csv",
                "keypoints.json", "parsing/1/a.png", "parsing/1/a.npy")  # fmt: skip
    assert pictures_below(root) == ["1/a.jpg"]
    told = f"note: {root}: passed over 4 files that are no pictures: 2 .txt, 1 .mp4, 1 without an ending"
    assert caplog.messages == [told]


def test_a_folder_of_pictures_alone_says_nothing(tree, caplog) -> None:
    pictures_below(tree("1/a.jpg", "1/Thumbs.db", "2/b.tif", "keypoints.json"))
    assert not caplog.messages


def test_a_folder_without_a_picture_names_what_it_holds(tree) -> None:
    with pytest.raises(InputError, match=r"no pictures in it, but 2 \.heic"):
        pictures_below(tree("1/a.heic", "1/b.HEIC"))


def test_pictures_outside_the_splits_are_counted(tree, caplog) -> None:
    root = tree("train/1/a.jpg", "query/2/b.jpg", "gallery/2/c.jpg", "test/3/d.jpg", "e.png", "parsing/train/1/a.png")
    read_folder(root)
    assert caplog.messages == [f"note: {root}: 2 pictures lie outside train, query, gallery, e.g. e.png"]


def test_a_table_says_what_repeats_is_absent_and_is_left_out(tree, caplog) -> None:
    root = tree("a.jpg", "b.jpg", "x/c.jpg", "x/d.jpg")
    file = root / "list.csv"
    rows = "a.jpg,1,train\n./a.jpg,1,train\na.jpg,1,query\nb.jpg,2,gallery\nx/c.jpg,1,gallery\nx/gone.jpg,1,train\n"
    file.write_text("path,pid,split\n" + rows)
    assert len(read_csv(file).train) == 3
    assert caplog.messages == [
        f"note: {file}: 1 row repeats a picture of the same split, e.g. a.jpg",
        f"note: {file}: 1 of 4 listed picture is not there, e.g. x/gone.jpg",
        f"note: {file}: 1 picture lies beside the listed ones, e.g. x/d.jpg",
    ]
    caplog.clear()
    read_pictures(file)
    assert len(caplog.messages) == 3


def test_lists_say_it_too(tree, caplog) -> None:
    root = tree("a.jpg", "b.jpg", "c.jpg")
    (root / "train.txt").write_text("a.jpg 1 0\na.jpg 1 0\n")
    (root / "query.txt").write_text("b.jpg 2 0\n")
    (root / "gallery.txt").write_text("gone/c.jpg 2 1\n")
    read_list(root)
    assert [message.partition(": ")[2].partition(": ")[2] for message in caplog.messages] == [
        "1 row repeats a picture of the same split, e.g. a.jpg",
        "1 of 3 listed picture is not there, e.g. gone/c.jpg",
        "1 picture lies beside the listed ones, e.g. c.jpg",
    ]


def test_a_sound_table_says_nothing(tree, caplog) -> None:
    root = tree("a.jpg", "x/b.tif")
    (root / "all.txt").write_text("a.jpg 1 0\nx/b.tif 2 0\n")
    read_list(root / "all.txt")
    shutil.copy(root / "all.txt", root / "list.txt")
    assert not caplog.messages
