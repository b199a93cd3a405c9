"""From films, tracks and labels to a tree: every crop is held against the film and the tracks it comes from."""

import csv
import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from sameperson.checks import InputError
from sameperson.cli.main import main
from sameperson.data.prepare.dancereid import TreeOptions, prepare
from sameperson.data.readers.open_reid import read_dancereid


def words(dances, out, *more):
    root = dances.root
    given = ["-i", root / "videos", "-n", root / "npy", "-a", root / "annotation.json", "--split", root / "splits.json"]
    return [str(word) for word in ("prepare", "dancereid", *given, "-o", out, *more)]


def bytes_of(tree: Path) -> dict[str, bytes]:
    return {str(path.relative_to(tree)): path.read_bytes() for path in sorted(tree.rglob("*")) if path.is_file()}


@pytest.fixture(scope="module")
def tree(dances, tmp_path_factory) -> Path:
    """At -d 5, with skeletons and the HDF5 file; nobody may change it."""
    out = tmp_path_factory.mktemp("prepared") / "DanceReID"
    assert main(words(dances, out, "-d", "5", "-gs", "-h5")) == 0
    return out


@pytest.fixture
def films_without(dances, tmp_path):
    """A copy of the films without one file."""

    def copy(pattern: str) -> Path:
        root = tmp_path / "films"
        shutil.copytree(dances.root, root)
        for file in root.glob(pattern):
            file.unlink()
        return root

    return copy


def expected(dances) -> set[str]:
    return {Path(row.path).name for part in ("train", "query") for row in dances.counted[part]}


def test_the_pictures_are_those_that_the_annotation_trusts(dances, tree):
    names = {path.name for path in (tree / "images").iterdir()}
    assert names == expected(dances) and len(names) > 15
    assert {path.stem for path in (tree / "poses").iterdir()} == {Path(name).stem for name in names}
    assert {path.name for path in (tree / "skeleton").iterdir()} == names
    assert [path.name for path in tree.parent.iterdir()] == ["DanceReID"]


def test_every_crop_is_the_part_of_its_frame_and_every_joint_lies_on_it(dances, tree):
    """Cut again by hand, with OpenCV's decoder and the box as the tracks have it."""
    for film in dances.films:
        video = cv2.VideoCapture(str(next((dances.root / "videos").glob(f"*{film.key}*"))))
        frames = [video.read()[1] for _ in range(20)]
        tracks = np.load(dances.root / "npy" / f"{film.key}.npy", allow_pickle=True).item()
        for name in (name for name in expected(dances) if int(name[:4]) in film.pids):
            pid, frame = int(name[:4]), int(name[5:11])
            (entry,) = (box for box in tracks[frame].values() if box["id"] == pid - film.first + 1)
            x1, x2, y1, y2 = entry["box_pos"]
            height, width = frames[frame].shape[:2]
            high = max(y2 - y1, 2 * (x2 - x1))
            tall, wide = min(round(high), height), round(high / 2)  # one dancer is wider than half the frame
            left = min(max(round((x1 + x2 - wide) / 2), 0), width - wide)
            top = min(max(round((y1 + y2 - tall) / 2), 0), height - tall)
            by_hand = cv2.resize(frames[frame][top : top + tall, left : left + wide], (128, 256))
            picture = cv2.imread(str(tree / "images" / name))
            assert picture.shape == (256, 128, 3)
            assert np.abs(by_hand.astype(float) - picture).mean() < 1.5  # a JPEG of it
            joints = np.loadtxt(tree / "poses" / f"{name[:-4]}.txt")
            assert joints.shape == (17, 2)
            for (x, y), (u, v) in zip(entry["pose_pos"], joints, strict=True):
                if left <= x < left + wide and top <= y < top + tall and (x, y) != (-1, -1):
                    assert u == pytest.approx((x - left) * 128 / wide, abs=2e-3)
                    assert v == pytest.approx((y - top) * 256 / tall, abs=2e-3)
                    assert 0 <= u < 128 and 0 <= v < 256
                else:
                    assert (u, v) == (-1, -1)


def test_the_lists_agree_with_the_pictures_and_with_each_other(dances, tree):
    identities = json.loads((tree / "meta.json").read_text())["identities"]
    assert [sorted(names) for names in identities] == [
        sorted(name for name in expected(dances) if int(name[:4]) == pid) for pid in range(7)
    ]
    meta = json.loads((tree / "meta.json").read_text())
    assert meta["total_detects"] == sum(map(len, identities)) == sum(meta["n_detects"])
    (split,) = json.loads((tree / "splits.json").read_text())
    assert split == {"trainval": [0, 1, 2, 3, 4], "query": [5, 6], "gallery": [5, 6]}
    with (dances.root / "video_data.csv").open(newline="") as file:
        table = list(csv.DictReader(file))
    films = json.loads((tree / "video.json").read_text())
    assert list(films) == [row["File_name"][4:-4] for row in table]
    assert [people[-1] for people in films.values()] == [int(row["PID"]) for row in table] == [2, 4, 6]
    assert table[-1]["Youtube_id"] not in films  # which is another id, as in three lines of the published table


def test_the_reader_finds_whom_the_films_show(dances, tree):
    dataset = read_dancereid(tree)
    for name, samples in dataset.splits().items():
        rows = dances.counted[name]
        assert len(samples) == len(list(rows))
        assert samples.people == len({row.pid for row in rows})
        assert sorted(samples.frame.tolist()) == sorted(row.frame for row in rows)
    assert not set(dataset.train.pid) & set(dataset.query.pid)


def test_wrong_tracks_are_left_out(dances, tree):
    """Where two swapped their numbers, neither has a picture; whoever was lost has none; a box of nobody gives none."""
    wrong = 0
    for film in dances.films:
        tracks = np.load(dances.root / "npy" / f"{film.key}.npy", allow_pickle=True).item()
        for frame in range(0, 20, 5):
            for entry in tracks[frame].values():
                local = entry["id"] - 1
                if local >= film.people or frame not in film.frames[local]:
                    shown = (tree / "images" / f"{film.first + local:04d}_{frame:06d}.jpg").exists()
                    assert local >= film.people or not shown
                    wrong += 1
    assert wrong >= 3


def test_the_packed_file_holds_the_same(tree):
    h5py = pytest.importorskip("h5py")
    with h5py.File(tree / "DanceReID.h5") as file:
        for kind in ("images", "skeleton"):
            packed = {f"{name}.jpg": cell[0].tobytes() for name, cell in file["dataset"][kind].items()}
            assert packed == {path.name: path.read_bytes() for path in (tree / kind).iterdir()}
        for name, pose in file["dataset/poses"].items():
            np.testing.assert_array_equal(pose[:], np.loadtxt(tree / "poses" / f"{name}.txt"))


def test_a_folder_for_each_film_and_every_second_frame(dances, tmp_path):
    out = tmp_path / "out"
    assert main(words(dances, out, "-d", "2", "--split-folder", "--json", tmp_path / "n.json")) == 0
    folders = sorted(path.name for path in (out / "images").iterdir())
    assert folders == sorted(film.folder for film in dances.films)
    assert sorted(path.name for path in (out / "poses").iterdir()) == folders
    names = [name for names in json.loads((out / "meta.json").read_text())["identities"] for name in names]
    assert all((out / "images" / name).is_file() for name in names)
    assert {int(name[-10:-4]) % 2 for name in names} == {0}
    counts = {name: len(samples) for name, samples in read_dancereid(out).splits().items()}
    assert json.loads((tmp_path / "n.json").read_text())["pictures"] == {
        "trainval": counts["train"], "query": counts["query"], "gallery": counts["gallery"]
    }  # fmt: skip


@pytest.mark.parametrize(("gone", "what"), [("npy/*", "tracks"), ("videos/*", "film")])
def test_a_missing_film_moves_nobodys_number(dances, tree, tmp_path, films_without, gone, what, caplog):
    middle = dances.films[1]
    root = films_without(gone.replace("*", f"*{middle.key}*"))
    there = replace(dances, root=root)
    prepare(tmp_path / "out", there.sources, there.split, TreeOptions())
    assert f"{middle.folder}: no {what} in" in caplog.text and "people 3 to 4 are left out" in caplog.text
    pictures = {path.name: path.read_bytes() for path in (tmp_path / "out/images").iterdir()}
    others = {p.name: p.read_bytes() for p in (tree / "images").iterdir() if int(p.name[:4]) not in (3, 4)}
    assert pictures == others
    (split,) = json.loads((tmp_path / "out/splits.json").read_text())
    assert split == {"trainval": [0, 1, 2], "query": [5, 6], "gallery": [5, 6]}
    identities = json.loads((tmp_path / "out/meta.json").read_text())["identities"]
    assert [bool(names) for names in identities] == [True, True, True, False, False, True, True]
    assert len(read_dancereid(tmp_path / "out").query) == sum(int(name[:4]) > 4 for name in pictures)


def test_without_any_film_nothing_is_made(dances, tmp_path, films_without, capsys):
    root = films_without("npy/*")
    assert main(words(replace(dances, root=root), tmp_path / "out")) == 2
    assert "no film with its tracks" in capsys.readouterr().err.splitlines()[-1]
    assert not (tmp_path / "out").exists() and not (tmp_path / ".out.part").exists()


class Killed(BaseException):
    """As a kill would end it."""


def test_a_killed_run_goes_on_from_the_films_it_finished(dances, tree, tmp_path):
    out, wish = tmp_path / "out", TreeOptions(skeletons=True, packed=True)
    first = len({row.frame for row in dances.counted["train"] if row.track_id == 0})

    def kill(done, in_all):
        if done > first:
            raise Killed

    with pytest.raises(Killed):
        prepare(out, dances.sources, dances.split, wish, kill)
    growing = tmp_path / ".out.part"
    assert not out.exists() and len(list((growing / ".done").iterdir())) == 1
    before = {path: path.stat().st_mtime_ns for path in (growing / "images").glob("000[0-2]_*")}
    for path in (growing / "images").glob("0003_*"):
        path.write_bytes(b"half")
    told = []
    prepare(out, dances.sources, dances.split, wish, lambda done, in_all: told.append((done, in_all)))
    assert {path.name: time for path, time in before.items()} == {
        path.name: path.stat().st_mtime_ns for path in (out / "images").glob("000[0-2]_*")
    }
    assert told[0][0] > first and told[-1][0] == told[-1][1]
    here, there = bytes_of(out), bytes_of(tree)
    here.pop("DanceReID.h5"), there.pop("DanceReID.h5")
    assert here == there
    assert not growing.exists()


def test_another_wish_begins_anew(dances, tmp_path):
    out = tmp_path / "out"

    def kill(done, in_all):
        raise Killed

    for every in (1, 5):
        with pytest.raises(Killed):
            prepare(out, dances.sources, dances.split, TreeOptions(every), kill)
    prepare(out, dances.sources, dances.split, TreeOptions(5))
    assert {path.name for path in (out / "images").iterdir()} == expected(dances)


def test_what_is_annotated_and_cannot_be_cut_is_told(dances, tmp_path, films_without, caplog):
    root = films_without("none")
    film = dances.films[0]
    annotation = json.loads((root / "annotation.json").read_text())
    annotation[film.key]["0"] += [500, 505]
    (root / "annotation.json").write_text(json.dumps(annotation))
    file = root / "npy" / f"{film.key}.npy"
    tracks = np.load(file, allow_pickle=True).item()
    entry = next(box for box in tracks[0].values() if box["id"] == 1)
    tracks[500] = {0: entry}
    last = next(box for box in tracks[15].values() if box["id"] == 2)
    last["box_pos"] = (900, 950, 5, 50)
    np.save(file, np.array(tracks, object), allow_pickle=True)
    there = replace(dances, root=root)
    prepare(tmp_path / "out", there.sources, there.split, TreeOptions())
    assert "1 of" in caplog.text and "left out, without a box in the tracks" in caplog.text
    assert "left out, after the film's end" in caplog.text
    assert "left out, with a box outside the picture" in caplog.text
    assert {path.name for path in (tmp_path / "out/images").iterdir()} == expected(dances) - {"0001_000015.jpg"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (["-d", "0"], "-d/--down-sample: '0' is no whole number from 1"),
        (["-i", "nowhere"], "nowhere: no such folder; expected the folder of films (-i)"),
        (["-a", "nowhere.json"], "nowhere.json: no such file"),
        (["--split", "nowhere.json"], "nowhere.json: no such file"),
        (["--videos", "nowhere.csv"], "nowhere.csv: no such file"),
    ],
)
def test_wrong_words_are_one_line(dances, tmp_path, change, said, capsys):
    assert main([*words(dances, tmp_path / "out"), *change]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("module", "more"), [("av", []), ("h5py", ["-h5"])])
def test_what_is_not_installed_is_said_before_anything_is_made(dances, tmp_path, module, more, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    assert main([*words(dances, tmp_path / "out"), *more]) == 2
    assert "type: pip install 'sameperson[video]'" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_taken_place_two_files_of_one_film_and_hostile_tracks_are_one_line(dances, tmp_path, films_without, capsys):
    root = films_without("none")
    assert main(words(dances, root)) == 2
    assert f"{root}: there already" in capsys.readouterr().err
    key = dances.films[0].key
    video = next((root / "videos").glob(f"*{key}*"))
    shutil.copy(video, root / "videos" / f"{key}.f137.mkv")
    video = video.rename(root / "videos" / f"{key}.f22.mp4")
    there = replace(dances, root=root)
    with pytest.raises(InputError, match=f"one file for {key}"):
        prepare(tmp_path / "out", replace(there, root=root).sources, there.split, TreeOptions())
    (root / "videos" / f"{key}.f137.mkv").unlink()
    (root / "npy" / f"{key}.npy").write_bytes((root / "npy" / f"{key}.npy").read_bytes()[:128] + b"cos\nsystem\n.")
    assert main(words(there, tmp_path / "out")) == 2
    assert "holds 'os.system'" in capsys.readouterr().err.splitlines()[-1]
    assert not (tmp_path / "out").exists()
