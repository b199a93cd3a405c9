import csv
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sameperson.checks import InputError
from sameperson.data.readers.csv_table import read_csv


def table(folder: Path, text: str) -> Path:
    file = folder / "people.csv"
    file.write_text(text)
    return file


def test_columns_become_samples(tmp_path: Path) -> None:
    dataset = read_csv(
        table(
            tmp_path,
            "path,pid,camid,split,clothes_id,track_id,frame\n"
            "a b/1.jpg,7,2,train,1,5,100\n"
            "2.jpg,9,3,train,1,,\n"
            '"3,5.jpg",9,1,query,2,,\n'
            "4.jpg,9,2,gallery,,,\n"
            "5.jpg,-1,2,gallery,,,\n",
        )
    )
    assert dataset.train.path.tolist() == ["a b/1.jpg", "2.jpg"]
    assert dataset.train.file(0) == tmp_path / "a b" / "1.jpg"
    assert dataset.train.pid.tolist() == [7, 9]
    assert dataset.train.camid.tolist() == [2, 3]
    assert (dataset.train.track_id.tolist(), dataset.train.frame.tolist()) == ([5, -1], [100, -1])
    assert dataset.query.path.tolist() == ["3,5.jpg"]
    assert dataset.gallery.pid.tolist() == [9, -1]
    assert dataset.gallery.clothes_id.tolist() == [-1, -1]
    outfits = {(7, dataset.train.clothes_id[0]), (9, dataset.train.clothes_id[1]), (9, dataset.query.clothes_id[0])}
    assert len({outfit for _, outfit in outfits}) == 3  # outfit 1 of one person is not outfit 1 of another


def test_outfits_that_are_unique_keep_their_numbers(tmp_path: Path) -> None:
    train = read_csv(table(tmp_path, "path,pid,clothes_id\na.jpg,1,40\nb.jpg,1,41\nc.jpg,2,70\n")).train
    assert train.clothes_id.tolist() == [40, 41, 70]


def test_names_are_numbered_and_kept(tmp_path: Path) -> None:
    train = read_csv(table(tmp_path, "pid;path;camid\nben;1.jpg;door\nanna;2.jpg;hall\n;3.jpg;hall\n")).train
    assert train.pid.tolist() == [2, 1, -1]
    assert train.camid.tolist() == [0, 1, 1]
    assert (train.name_of(2), train.name_of(1)) == ("ben", "anna")


def test_person_zero_is_a_person_unless_only_in_the_gallery(tmp_path: Path) -> None:
    train = read_csv(table(tmp_path, "path,pid,camid\na.jpg,0,0\nb.jpg,0,1\nc.jpg,4,0\n")).train
    assert train.pid.tolist() == [5, 5, 4]
    assert train.name_of(5) == "0"
    rows = "path,pid,camid,split\na.jpg,3,0,query\nb.jpg,3,1,gallery\nc.jpg,0,0,gallery\n"
    assert read_csv(table(tmp_path, rows)).gallery.pid.tolist() == [3, 0]


def test_without_a_split_all_rows_serve(tmp_path: Path) -> None:
    rows = "".join(f"{row}.jpg,{row // 4 + 1},{row % 2}\n" for row in range(12))
    dataset = read_csv(table(tmp_path, "path,pid,camid\n" + rows))
    assert len(dataset.train) == 12
    assert len(dataset.query) == 6
    assert len(dataset.gallery) == 6


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("path,person\na.jpg,1\n", r"columns path, person; expected a pid column"),
        ("pid,camid\n1,2\n", r"expected a path column"),
        ("", "columns none"),
        ("path,pid\n", "no rows"),
        ("path,pid\na.jpg,1\nb.jpg\n", "line 3 has 1 cells; expected 2"),
        ("path,pid,split\na.jpg,1,trian\n", r"split 'trian' of a\.jpg; .* did you mean train"),
    ],
)
def test_bad_tables_are_one_line(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(InputError, match=says) as caught:
        read_csv(table(tmp_path, text))
    assert "\n" not in str(caught.value)


def test_no_file_and_no_text(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.csv: no such file"):
        read_csv(tmp_path / "gone.csv")
    file = tmp_path / "people.csv"
    file.write_bytes(b"\xff\xfe\x00p\x00a")
    with pytest.raises(InputError, match="not a CSV"):
        read_csv(file)


def test_numbers_too_large_for_their_column(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="frame 1732147200000; expected numbers up to 2147483647"):
        read_csv(table(tmp_path, "path,pid,frame\na.jpg,1,1732147200000\n"))
    train = read_csv(table(tmp_path, f"path,pid\na.jpg,{10**30}\n")).train
    assert train.names == {1: str(10**30)}


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    header=st.permutations(["path", "pid", "camid", "split", "clothes_id", "track_id", "frame"]),
    keep=st.integers(2, 7),
    rows=st.lists(
        st.lists(st.text(max_size=6) | st.sampled_from(["0", "1", "-1", "train", ""]), max_size=7), max_size=5
    ),
)
def test_any_cells_end_in_a_dataset_or_one_line(tmp_path: Path, header: list[str], keep: int, rows: list) -> None:
    file = tmp_path / "people.csv"
    with file.open("w", newline="", encoding="utf-8") as out:
        csv.writer(out).writerows([header[:keep], *([*row, *["1"] * 7][:keep] for row in rows)])
    try:
        dataset = read_csv(file)
    except InputError as error:
        assert "\n" not in str(error)
    else:
        assert dataset.train.pid.dtype == "int64"


def test_a_spreadsheets_byte_order_mark_is_no_column(tmp_path: Path) -> None:
    assert len(read_csv(table(tmp_path, "\ufeffpath,pid\na.jpg,1\n")).train) == 1


def test_paths_written_on_windows(tmp_path: Path) -> None:
    train = read_csv(table(tmp_path, "path,pid\nimgs\\a\\1.jpg,1_1\nimgs/b\\1.jpg,11\n")).train
    assert train.path.tolist() == ["imgs/a/1.jpg", "imgs/b/1.jpg"]
    assert [train.name_of(pid) for pid in train.pid] == ["1_1", "11"]


def test_without_cameras_it_is_camera_blind(tmp_path: Path) -> None:
    dataset = read_csv(table(tmp_path, "path,pid\n" + "".join(f"{k}.jpg,{k // 2}\n" for k in range(8))))
    assert dataset.protocol == "camera_blind" and len(dataset.query) == 4
