"""Tracklets of a user's own pictures equal a loop over person, camera and label, and no split cuts them."""

import csv

import numpy as np
import pytest

from sameperson.checks import InputError
from sameperson.data.doctor.all_splits import AllSplits
from sameperson.data.doctor.propose_split import propose_split, write_split
from sameperson.data.readers.csv_table import read_csv
from sameperson.data.split import query_and_gallery
from sameperson.data.tracklets import in_tracklets, tell_tracks_apart
from sameperson.types import Samples

RNG = np.random.default_rng(11)


def drawn(count: int, unknown: float = 0.0) -> Samples:
    """Pictures of 5 people under 3 cameras with 3 labels of tracklets, which are numbered anew for each."""
    pid, camid, track = RNG.integers(1, 6, count), RNG.integers(0, 3, count), RNG.integers(0, 3, count)
    track[RNG.random(count) < unknown] = -1
    return Samples.of([f"{row}.jpg" for row in range(count)], pid, camid, track_id=track)


def groups(keys) -> set[frozenset[int]]:
    """Rows with the same key, whatever the key."""
    found: dict[object, set[int]] = {}
    for row, key in enumerate(keys):
        found.setdefault(key, set()).add(row)
    return {frozenset(rows) for rows in found.values()}


@pytest.mark.parametrize("unknown", [0.0, 0.3, 1.0])
def test_a_tracklet_is_one_person_one_camera_and_one_label(unknown):
    samples = drawn(80, unknown)
    rows = zip(samples.pid.tolist(), samples.camid.tolist(), samples.track_id.tolist(), strict=True)
    keys = [(*row, number if row[2] == -1 else "") for number, row in enumerate(rows)]
    assert groups(in_tracklets(samples).track_id.tolist()) == groups(keys)


def test_numbers_that_are_apart_already_stay():
    pid, camid, track = np.array([1, 1, 2]), np.array([0, 0, 1]), np.array([2_000_000_000, 4, -1])
    assert tell_tracks_apart(pid, camid, track).tolist() == [2_000_000_000, 4, -1]
    samples = Samples.of(list("abcd"), [1, 1, 2, 2], [0, 0, 1, 1], track_id=[2**31 - 1, 4, -1, -1])
    assert len(set(in_tracklets(samples).track_id.tolist())) == 4  # no number runs over


def test_the_first_tracklet_of_each_person_under_each_camera_asks():
    samples = drawn(120)
    query, gallery = query_and_gallery(samples, tracks=True)
    asked = set()
    for pid in range(1, 6):
        for camera in range(3):
            labels = [
                int(track)
                for who, where, track in zip(samples.pid, samples.camid, samples.track_id, strict=True)
                if (who, where) == (pid, camera)
            ]
            if len(set(labels)) > 1:
                asked.add((pid, camera, labels[0]))
    keys = dict(zip(samples.path.tolist(), zip(samples.pid, samples.camid, samples.track_id, strict=True), strict=True))
    assert {tuple(map(int, keys[path])) for path in query.path.tolist()} == asked
    assert not {tuple(map(int, keys[path])) for path in gallery.path.tolist()} & asked
    assert len(query) + len(gallery) == len(samples)


def test_a_track_under_two_people_is_two_tracklets(tmp_path):
    rows = ["a1,anna,1,t", "a2,anna,1,t", "a3,anna,2,t", "b1,ben,1,t", "b2,ben,2,t", "b3,ben,2,t"]
    (tmp_path / "t.csv").write_text("\n".join(["path,pid,camid,track_id", *rows]) + "\n")
    dataset = read_csv(tmp_path / "t.csv")
    sides = [*zip(dataset.query.path, dataset.query.track_id), *zip(dataset.gallery.path, dataset.gallery.track_id)]
    track = {str(path): int(number) for path, number in sides}
    assert dataset.tracks and track["a1"] == track["a2"] and track["b2"] == track["b3"]
    assert len(set(track.values())) == 4


def test_tracks_of_training_pictures_alone_change_nothing(tmp_path):
    rows = ["a,1,1,train,5", "b,1,2,train,", "c,2,1,query,", "d,2,2,gallery,"]
    (tmp_path / "t.csv").write_text("\n".join(["path,pid,camid,split,track_id", *rows]) + "\n")
    dataset = read_csv(tmp_path / "t.csv")
    assert not dataset.tracks and dataset.train.track_id.tolist() == [5, -1]


def test_a_column_of_tracks_named_twice_is_one_line(tmp_path):
    (tmp_path / "t.csv").write_text("path,pid,track_id,track_id\na,1,1,1\n")
    with pytest.raises(InputError, match="column track_id twice"):
        read_csv(tmp_path / "t.csv")


def test_a_column_that_is_likely_meant_is_named(tmp_path, caplog):
    (tmp_path / "t.csv").write_text("path,pid,Tracklet\na,1,1\n")
    assert not read_csv(tmp_path / "t.csv").tracks
    assert "column tracklet is not read; name it track_id" in caplog.text


@pytest.mark.parametrize("tracks", [True, False])
def test_a_proposed_split_keeps_tracklets_whole_or_leaves_their_labels_out(tmp_path, tracks):
    lines = ["path,pid,camid,track_id"]
    for pid in range(1, 13):
        for camera in (1, 2):
            lines += [f"{pid}_{camera}_{track}_{k}.jpg,{pid},{camera},{track}" for track in (1, 2) for k in range(3)]
    (tmp_path / "t.csv").write_text("\n".join(lines) + "\n")
    made = propose_split(AllSplits.of(read_csv(tmp_path / "t.csv")), None, 0.4, 0.2, 0, tracks=tracks)
    write_split(tmp_path / "split.csv", made.splits)
    dataset = read_csv(tmp_path / "split.csv")
    assert dataset.tracks == tracks and len(dataset.query) > 0
    with (tmp_path / "split.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert ("track_id" in rows[0]) == tracks
    lies: dict[str, set[str]] = {}
    for row in rows:
        lies.setdefault(row["path"].rpartition("_")[0], set()).add(row["split"])
    assert any(len(splits) > 1 for splits in lies.values()) != tracks
