from pathlib import Path

import pytest

from sameperson.checks import InputError
from sameperson.data.readers.folder import compile_pattern, read_folder


def put(picture, *names: str) -> None:
    for name in names:
        picture(name)


def test_person_and_camera_folders(tmp_path: Path, picture) -> None:
    put(picture, "ben/door/1.jpg", "ben/hall/1.jpg", "anna/door/x.png", "anna/hall/y.JPG", "anna/hall/z.jpg")
    (tmp_path / "anna" / "notes.txt").write_text("not a picture")
    dataset = read_folder(tmp_path)
    train = dataset.train
    assert train.path.tolist() == [
        "anna/door/x.png",
        "anna/hall/y.JPG",
        "anna/hall/z.jpg",
        "ben/door/1.jpg",
        "ben/hall/1.jpg",
    ]
    assert train.pid.tolist() == [1, 1, 1, 2, 2]
    assert [train.name_of(pid) for pid in (1, 2)] == ["anna", "ben"]
    assert train.camid.tolist() == [0, 1, 1, 0, 1]
    assert dataset.protocol == "market1501"
    assert dataset.query.path.tolist() == ["anna/hall/y.JPG", "ben/door/1.jpg"]
    assert len(dataset.query) + len(dataset.gallery) == 5


def test_person_folders_without_cameras_are_judged_camera_blind(tmp_path: Path, picture) -> None:
    put(picture, "12/a.jpg", "12/b.jpg", "3/a.jpg", "3/b.jpg")
    dataset = read_folder(tmp_path)
    assert dataset.train.pid.tolist() == [12, 12, 3, 3]  # numbers stay numbers
    assert dataset.train.names == {}
    assert set(dataset.train.camid.tolist()) == {-1}
    assert dataset.protocol == "camera_blind"
    assert len(dataset.query) == 2


def test_split_folders_number_people_once(tmp_path: Path, picture) -> None:
    put(
        picture,
        "train/cara/0/a.jpg",
        "train/cara/1/a.jpg",
        "query/dan/0/a.jpg",
        "gallery/dan/1/a.jpg",
        "gallery/eve/1/b.jpg",
    )
    dataset = read_folder(tmp_path)
    assert dataset.train.pid.tolist() == [1, 1]
    assert (dataset.query.pid.tolist(), dataset.gallery.pid.tolist()) == ([2], [2, 3])
    assert dataset.gallery.names == {1: "cara", 2: "dan", 3: "eve"}
    assert dataset.query.file(0).exists()


def test_query_without_gallery_is_one_line(tmp_path: Path, picture) -> None:
    put(picture, "train/cara/a.jpg", "query/dan/a.jpg")
    with pytest.raises(InputError, match="no gallery pictures"):
        read_folder(tmp_path)


def test_a_pattern_reads_names(tmp_path: Path, picture, caplog: pytest.LogCaptureFixture) -> None:
    put(picture, "0002_c1_a.jpg", "0002_c2_b.jpg", "deep/0005_c1_c.jpg", "readme.jpg")
    dataset = read_folder(tmp_path, "{pid}_c{camid}_*.jpg")
    assert dataset.train.path.tolist() == ["0002_c1_a.jpg", "0002_c2_b.jpg", "deep/0005_c1_c.jpg"]
    assert dataset.train.pid.tolist() == [2, 2, 5]
    assert dataset.train.camid.tolist() == [1, 2, 1]
    assert "1 of 4 pictures do not match" in caplog.text
    assert "readme.jpg" in caplog.text


def test_a_pattern_with_slashes_reads_paths_and_outfits(tmp_path: Path, picture) -> None:
    put(picture, "cam3/anna/red/t1_0005.jpg", "cam4/anna/blue/t2_0009.jpg", "cam4/ben/red/t1_0001.jpg")
    train = read_folder(tmp_path, "cam{camid}/{pid}/{clothes_id}/t{track_id}_{frame}.jpg").train
    assert train.camid.tolist() == [3, 4, 4]
    assert train.pid.tolist() == [1, 1, 2]
    assert len(set(train.clothes_id.tolist())) == 3  # red is not one outfit across people
    assert len(set(train.track_id.tolist())) == 3  # nor is t1 one tracklet
    assert train.frame.tolist() == [5, 9, 1]


def test_a_pattern_that_matches_nothing_shows_a_file(tmp_path: Path, picture) -> None:
    put(picture, "anna/img-1.jpg")
    with pytest.raises(InputError, match=r"pattern \{pid\}_c\{camid\}\.jpg matches no picture; .* img-1\.jpg"):
        read_folder(tmp_path, "{pid}_c{camid}.jpg")


@pytest.mark.parametrize(
    ("pattern", "says"),
    [("*.jpg", r"no \{pid\}"), ("{person}_*.jpg", r"\{person\} is no field"), ("{pid}_{pid}.jpg", r"\{pid\} is twice")],
)
def test_a_bad_pattern_is_explained(pattern: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        compile_pattern(pattern)


def test_no_folder_no_picture_no_person(tmp_path: Path, picture) -> None:
    with pytest.raises(InputError, match="gone: no such folder"):
        read_folder(tmp_path / "gone")
    with pytest.raises(InputError, match="no pictures in it"):
        read_folder(tmp_path)
    put(picture, "a.jpg", "b.jpg")
    with pytest.raises(InputError, match=r"holds a\.jpg; expected person/camera"):
        read_folder(tmp_path)
    put(picture, "anna/c.jpg")
    with pytest.raises(InputError, match=r"holds a\.jpg and anna/c\.jpg"):
        read_folder(tmp_path)


def test_the_readers_by_name(tmp_path: Path, picture) -> None:
    from sameperson.config import Data
    from sameperson.data.readers import read_dataset

    put(picture, "anna/0/a.jpg", "anna/1/a.jpg")
    assert read_dataset(Data(reader="folder", root=tmp_path)).name == tmp_path.name
    with pytest.raises(InputError, match="did you mean folder"):
        read_dataset(Data(reader="foldr", root=tmp_path))
