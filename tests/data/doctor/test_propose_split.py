"""A split by person, written as a CSV that opens as a dataset without an error."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from sameperson.checks import InputError
from sameperson.data.doctor.all_splits import AllSplits
from sameperson.data.doctor.image_stats import measure_images
from sameperson.data.doctor.layouts import open_tree
from sameperson.data.doctor.propose_split import propose_split, write_split
from sameperson.data.readers import LAYOUTS


def whole_of(path):
    return AllSplits.of(open_tree(path).dataset)


def proposed(path, out, **more):
    splits = whole_of(path)
    made = propose_split(splits, measure_images(splits), **{"test": 0.3, "val": 0.2, "seed": 0, **more})
    write_split(out, made.splits)
    return made, LAYOUTS["csv"].read(out, None)


def test_by_person_and_nothing_lost(crops, tmp_path, doctor):
    tree = crops(*(f"p{p:02d}/{c}/{s}.png" for p in range(12) for c in (1, 2) for s in range(2)))
    made, dataset = proposed(tree, tmp_path / "out" / "split.csv")
    people = {name: {part.name_of(pid) for pid in part.pid.tolist()} for name, part in dataset.splits().items()}
    assert [len(people[name]) for name in ("train", "val", "query", "gallery")] == [6, 2, 4, 4]
    assert people["query"] == people["gallery"]
    assert not people["train"] & people["val"] and not (people["train"] | people["val"]) & people["query"]
    assert sum(len(part) for part in dataset.splits().values()) == 48 and not made.left_out
    assert all(part.file(0).exists() for part in dataset.splits().values())
    for part in dataset.splits().values():  # each person is who the folder said
        assert all(
            Path(path).parts[-3] == part.name_of(pid) for path, pid in zip(part.path.tolist(), part.pid.tolist())
        )
    again, _ = proposed(tree, tmp_path / "again.csv")
    assert again.splits["query"].path.tolist() == made.splits["query"].path.tolist()
    assert (
        proposed(tree, tmp_path / "other.csv", seed=1)[0].splits["query"].path.tolist()
        != made.splits["query"].path.tolist()
    )
    assert not doctor(tmp_path / "out" / "split.csv").of("error")


def test_splits_are_merged_and_bad_pictures_left_out(crops, tmp_path, doctor):
    names = [
        f"{part}/{p}/{c}/{part}.png" for part in ("train", "query", "gallery") for p in range(1, 13) for c in (1, 2)
    ]
    tree = crops(*names)
    (tree / "train/1/1/train.png").write_bytes(b"broken")
    shutil.copy(tree / "train/2/1/train.png", tree / "train/3/1/train.png")
    shutil.copy(tree / "query/4/1/query.png", tree / "gallery/4/2/gallery.png")
    assert {"shared-people", "broken", "copies-of-two-people"} <= {one.kind for one in doctor(tree).of("error")}
    made, _ = proposed(tree, tmp_path / "split.csv")
    assert made.left_out == {"broken": 1, "two people's": 2, "copies": 1}
    assert not doctor(tmp_path / "split.csv").of("error")


def test_one_camera_is_said(crops, tmp_path, doctor):
    tree = crops(*(f"{p}/{s}.png" for p in range(1, 11) for s in range(3)))
    made, dataset = proposed(tree, tmp_path / "split.csv")
    assert made.one_camera and dataset.protocol == "camera_blind"
    assert not doctor(tmp_path / "split.csv").of("error")


def test_who_is_seen_by_one_camera_is_learned_from(crops, tmp_path):
    both = [f"{p}/{c}/{s}.png" for p in range(1, 7) for c in (1, 2) for s in range(2)]
    tree = crops(*both, *(f"{p}/1/{s}.png" for p in range(7, 17) for s in range(4)))
    _, dataset = proposed(tree, tmp_path / "split.csv", test=0.5)
    assert set(np.unique(dataset.query.pid)) <= set(range(1, 7))


def test_too_few_people_are_refused(crops):
    tree = crops(*(f"{p}/{c}/a.png" for p in (1, 2, 3) for c in (1, 2)))
    with pytest.raises(InputError, match="3 people, 3 of whom can be asked for"):
        propose_split(whole_of(tree), None, 0.5, 0.0, 0)
