import shutil

import numpy as np
import pytest
from scipy.io import loadmat, savemat

from sameperson.checks import InputError
from sameperson.data.readers.mars import read_mars


def test_a_tracklet_is_a_person_before_a_camera(tree_of):
    tree = tree_of("mars")
    dataset = read_mars(tree.root)
    assert dataset.tracks
    for samples in dataset.splits().values():
        rows = tree.rows(samples)
        where = {(int(track), row.track_id) for track, row in zip(samples.track_id, rows, strict=True)}
        assert len(where) == len({track for track, _ in where}) == len(samples) // tree.world.plan.shots
        for track in np.unique(samples.track_id):
            frames = [row.frame for row, here in zip(rows, samples.track_id, strict=True) if here == track]
            assert frames == sorted(frames)
            assert samples.frame[samples.track_id == track].tolist() == [1, 2, 3, 4]


def test_queries_stay_in_the_gallery_under_the_same_number(tree_of):
    dataset = read_mars(tree_of("mars").root)
    known = dict(zip(dataset.gallery.path.tolist(), dataset.gallery.track_id.tolist(), strict=True))
    assert len(dataset.query) > 0
    for path, track in zip(dataset.query.path.tolist(), dataset.query.track_id.tolist(), strict=True):
        assert known[path] == track
    assert {-1, 0} < set(dataset.gallery.pid.tolist())


def test_the_published_order_of_numbers_is_read_by_hand(tmp_path):
    """Tracklets, names and queries written out as the release has them, columns of MATLAB and all."""
    train = ["0001C1T0001F001.jpg", "0001C1T0001F002.jpg", "0001C2T0002F001.jpg"]
    test = ["00-1C1T0001F001.jpg", "0000C6T0001F001.jpg", "0006C3T0001F0016.jpg", "0006C4T0002F001.jpg"]
    for part, names in (("train", train), ("test", test)):
        for name in names:
            file = tmp_path / f"bbox_{part}" / name[:4] / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(b"")
    info = tmp_path / "info"
    info.mkdir()
    (info / "train_name.txt").write_text("\r\n".join(train) + "\r\n")
    (info / "test_name.txt").write_text("\n".join(test))
    savemat(info / "tracks_train_info.mat", {"track_train_info": np.array([[1, 2, 1, 1], [3, 3, 1, 2]], np.uint16)})
    table = np.array([[1, 1, -1, 1], [2, 2, 0, 6], [3, 3, 6, 3], [4, 4, 6, 4]], float)
    savemat(info / "tracks_test_info.mat", {"track_test_info": table})
    savemat(info / "query_IDX.mat", {"query_IDX": np.array([[3]], np.uint16)})
    dataset = read_mars(tmp_path)
    assert dataset.train.track_id.tolist() == [0, 0, 1]
    assert dataset.gallery.pid.tolist() == [-1, 0, 6, 6]
    assert dataset.gallery.camid.tolist() == [0, 5, 2, 3]
    assert dataset.query.path.tolist() == ["bbox_test/0006/0006C3T0001F0016.jpg"]
    assert (dataset.query.track_id.tolist(), dataset.query.frame.tolist()) == ([2], [16])


def change(file, table):
    """Apply a change to the one table in a .mat file."""
    name, values = next((name, values) for name, values in loadmat(file).items() if not name.startswith("__"))
    savemat(file, {name: table(values)})
    return file


def with_cell(row, column, value):
    def apply(values):
        values[row, column] = value
        return values

    return apply


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (lambda values: values[:, [0, 1, 2]], "0 tables of 4 columns"),
        (with_cell(1, 2, 9), r"tracklet 2 is person 9, but its picture 5 in train_name.txt is 0001C2T0002F001.jpg"),
        (with_cell(0, 3, 5), r"tracklet 1 is camera 5, but its picture 1"),
        (with_cell(-1, 1, 999), r"tracklet 4 has pictures 13 to 999; expected pictures 1 to 16"),
        (with_cell(0, 0, 0), r"tracklet 1 has pictures 0 to 4"),
        (with_cell(1, 0, 1), r"tracklets of 20 pictures in all"),
        (lambda values: values * np.nan, "a .mat file with one table"),
        (lambda values: values[:0], "0 tables"),
    ],
)
def test_tables_that_contradict_the_names_are_told(spoil, table, said):
    root = spoil("mars")
    file = change(root / "info" / "tracks_train_info.mat", table)
    with pytest.raises(InputError, match=said) as told:
        read_mars(root)
    assert str(file) in str(told.value)


def test_a_query_beyond_the_tracklets_is_told(spoil):
    root = spoil("mars")
    file = change(root / "info" / "query_IDX.mat", lambda values: values + 100)
    with pytest.raises(InputError, match=rf"{file}: query \d+; expected tracklets 1 to 6"):
        read_mars(root)


@pytest.mark.parametrize(
    "content", [b"", b"nonsense", b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM", b"\x89HDF\r\n\x1a\n"]
)
def test_files_that_are_no_tables_are_told(spoil, content):
    root = spoil("mars")
    (root / "info" / "query_IDX.mat").write_bytes(content)
    with pytest.raises(InputError, match=r"query_IDX.mat: .*; expected a .mat file with one table of 1 columns"):
        read_mars(root)


def test_a_missing_picture_is_named(spoil):
    root = spoil("mars")
    gone = sorted((root / "bbox_test" / "0003").iterdir())
    shutil.rmtree(root / "bbox_test" / "0003")
    with pytest.raises(
        InputError, match=f"{gone[0]} and {len(gone) - 1} more pictures: no such file, though .*test_name.txt"
    ):
        read_mars(root)


def test_a_strange_name_is_told(spoil):
    root = spoil("mars")
    file = root / "info" / "train_name.txt"
    file.write_text(file.read_text().replace("0001C1T0001F001", "0001C1T0001"))
    with pytest.raises(InputError, match=r"train_name.txt/0001C1T0001.jpg: not of MARS; expected a name like 0065C1"):
        read_mars(root)


@pytest.mark.parametrize("name", ["bbox_train", "bbox_test", "info"])
def test_a_missing_folder_is_named(spoil, name):
    root = spoil("mars")
    shutil.rmtree(root / name)
    with pytest.raises(InputError, match=rf"{root}: no {name}; .*info/ is published apart"):
        read_mars(root)


@pytest.mark.parametrize("name", ["train_name.txt", "tracks_test_info.mat", "query_IDX.mat"])
def test_a_missing_list_is_named(spoil, name):
    root = spoil("mars")
    (root / "info" / name).unlink()
    with pytest.raises(InputError, match=f"{root / 'info' / name}: no such file"):
        read_mars(root)
