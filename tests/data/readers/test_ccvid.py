import shutil

import numpy as np
import pytest

from sameperson.checks import InputError
from sameperson.data.readers.ccvid import read_ccvid


def test_a_tracklet_is_a_line_and_its_pictures_are_in_order(tree_of):
    tree = tree_of("ccvid")
    dataset = read_ccvid(tree.root)
    assert dataset.tracks
    assert dataset.protocol == "cross_clothes"
    lines = [
        line for name in ("train", "query", "gallery") for line in (tree.root / f"{name}.txt").read_text().split("\n")
    ]
    folders = [line.split()[0] for line in lines if line]
    for samples in dataset.splits().values():
        for path, track in zip(samples.path.tolist(), samples.track_id.tolist(), strict=True):
            assert path.rpartition("/")[0] == folders[track]
        rows = tree.rows(samples)
        for track in np.unique(samples.track_id):
            frames = [row.frame for row, here in zip(rows, samples.track_id, strict=True) if here == track]
            assert frames == sorted(frames)
            assert samples.frame[samples.track_id == track].tolist() == [0, 1, 2, 3]


def test_every_query_has_someone_to_find_in_other_clothes(tree_of):
    dataset = read_ccvid(tree_of("ccvid").root)
    query, gallery = dataset.query, dataset.gallery
    for pid, clothes, camid in zip(query.pid, query.clothes_id, query.camid, strict=True):
        assert ((gallery.pid == pid) & (gallery.clothes_id != clothes) & (gallery.camid != camid)).any()


def small(root, name, lines):
    (root / f"{name}.txt").write_text("\n".join(lines))


@pytest.fixture
def by_hand(tmp_path):
    """Two people; frames whose numbers have no leading zeros; one tracklet of session 3."""
    for folder, frames in (("session1/001_01", (2, 10, 1)), ("session3/001_02", (1,)), ("session2/148_12", (7,))):
        (tmp_path / folder).mkdir(parents=True)
        for frame in frames:
            (tmp_path / folder / f"{frame}.jpg").write_bytes(b"")
        (tmp_path / folder / "Thumbs.db").write_bytes(b"")
    small(tmp_path, "train", ["session2/148_12 148 u0_l0_s0_c0_a0"])
    small(tmp_path, "query", ["session1/001_01 001 u0_l0_s0_c0_a0", ""])
    small(tmp_path, "gallery", ["session3/001_02\t001\tu1_l1_s0_c0_a0"])
    return tmp_path


def test_cameras_of_session_3_are_others_and_frames_are_numbers(by_hand):
    dataset = read_ccvid(by_hand)
    assert dataset.query.path.tolist() == [f"session1/001_01/{frame}.jpg" for frame in (1, 2, 10)]
    assert dataset.query.frame.tolist() == [0, 1, 2]
    assert [samples.camid.tolist() for samples in dataset.splits().values()] == [[11], [0, 0, 0], [13]]
    assert [samples.pid.tolist() for samples in dataset.splits().values()] == [[148], [1, 1, 1], [1]]
    assert [samples.track_id.tolist() for samples in dataset.splits().values()] == [[0], [1, 1, 1], [2]]
    worn = [samples.clothes_id.tolist() for samples in dataset.splits().values()]
    assert worn == [[2], [0, 0, 0], [1]]  # the same words on another are another's


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("session1/001_01 001", r"query.txt: line 1 is 'session1/001_01 001'; expected `session1/001_01 001 u0"),
        ("session1/001-01 001 u0", "line 1 is"),
        ("session1/001_01 one u0", "line 1 is"),
        ("session1/001_00 001 u0", "line 1: camera 0 of session1/001_00; expected cameras from 1"),
        (
            "session2/148_12 002 u0",
            r"query.txt: line 1 says person 2 of session2/148_12, .*train.txt: line 1 person 148",
        ),
        (
            "session1/001_03 001 u0",
            r"session1/001_03: no such folder; expected the pictures of a tracklet that .*query.txt lists",
        ),
    ],
)
def test_a_line_that_cannot_be_is_told(by_hand, line, said):
    small(by_hand, "query", [line])
    with pytest.raises(InputError, match=said):
        read_ccvid(by_hand)


def test_an_empty_list_and_a_missing_one_are_told(by_hand):
    small(by_hand, "query", ["", " "])
    with pytest.raises(InputError, match=r"query.txt: no lines"):
        read_ccvid(by_hand)
    (by_hand / "query.txt").unlink()
    with pytest.raises(InputError, match=rf"{by_hand}: no query.txt; expected the lists train.txt, query.txt"):
        read_ccvid(by_hand)


def test_a_missing_tracklet_is_named(spoil):
    root = spoil("ccvid")
    place = root / "session3" / "003_02"
    for file in place.iterdir():
        file.unlink()
    with pytest.raises(InputError, match=f"{place}: no pictures in it; .*gallery.txt lists"):
        read_ccvid(root)
    shutil.rmtree(place)
    with pytest.raises(InputError, match=f"{place}: no such folder; .*gallery.txt lists"):
        read_ccvid(root)
