"""Everything but matching: splits, copies, pixels, names, priors, layouts; each on files with that fault."""

import json
import shutil

import numpy as np
import pytest
from PIL import Image

from sameperson.checks import InputError
from sameperson.data.doctor.finding import finding, worst_first
from sameperson.data.doctor.layouts import open_tree

FOLDERS = ("bounding_box_train", "query", "bounding_box_test")


def healthy(first: int = 1, people: int = 17):
    """Names of a Market tree without a fault."""
    train = [
        f"{FOLDERS[0]}/{p:04d}_c{c}s1_{s:06d}_00.png" for p in range(20, 20 + people) for c in (1, 2) for s in (1, 2)
    ]
    test = [f"{folder}/{p:04d}_c{c}s1_{s:06d}_00.png" for folder, s in ((FOLDERS[1], 1), (FOLDERS[2], 2))
            for p in range(first, first + 4) for c in (1, 2)]  # fmt: skip
    return [*train, *test]


def test_a_healthy_tree_has_no_more_than_notes(crops, doctor):
    diagnosis = doctor(crops(*healthy()), reader="market1501")
    assert not diagnosis.of("error") and not diagnosis.of("warning")
    train, query, gallery = diagnosis.tables
    assert (train.pictures, train.people, train.pictures_each, train.cameras_each) == (68, 17, (4, 4, 4), (2, 2, 2))
    assert (query.pictures, gallery.people) == (8, 4)
    assert diagnosis.cameras.people.tolist() == [[21, 21], [21, 21]]
    assert diagnosis.sizes.pictures == 84 and diagnosis.sizes.height == (64, 64, 64)
    assert diagnosis.commands[0].startswith("sameperson evaluate")


def test_one_file_twice(crops, doctor, said):
    tree = crops(*healthy())
    shutil.copy(tree / "query/0001_c1s1_000001_00.png", tree / "bounding_box_train/0020_c1s1_000009_00.png")
    shutil.copy(tree / "query/0002_c1s1_000001_00.png", tree / "bounding_box_test/0002_c2s1_000009_00.png")
    shutil.copy(tree / "query/0003_c1s1_000001_00.png", tree / "bounding_box_test/0003_c1s1_000009_00.png")
    told = said(tree, reader="market1501")
    assert "1 pair of pictures are the same file but bear two people's names" in told["copies-of-two-people"]
    assert "0020_c1s1_000009_00.png" in told["copies-of-two-people"]
    # Under the query's own camera the copy is left out by the protocol; under another it is a gift.
    assert told["copies-answers"].startswith("error: 1 pair") and "0002_c2s1_000009" in told["copies-answers"]
    assert [len(row) for one in doctor(tree, reader="market1501").findings for row in one.shows][:1] == [2]


def test_nearly_one_picture_across_the_split(crops, said):
    names = [n for n in healthy() if "query" not in n]
    tree = crops(*names, *healthy()[-16:])
    with Image.open(tree / "bounding_box_train/0020_c1s1_000001_00.png") as picture:
        picture.resize((48, 96)).point(lambda v: min(255, int(v * 1.05))).save(tree / "query/0004_c1s1_000003_00.jpg")
    told = said(tree, reader="market1501")
    assert "1 pair of pictures look the same but bear two people's names" in told["near-copies-of-two-people"]


def test_people_in_training_and_test(crops, said):
    told = said(crops(*healthy(first=19)), reader="market1501")
    assert told["shared-people"].startswith("error: 3 people are both in training (17) and in the test (4)")


def test_pictures_without_a_split(crops, said):
    told = said(crops(*(f"{p}/{c}/{s}.png" for p in range(20) for c in (1, 2) for s in range(2))))
    assert "No split is written down" in told["no-split"] and "shared-people" not in told
    assert not [kind for kind in told if "copies" in kind]


def test_pictures_that_hardly_show_anyone(crops, said):
    tree = crops(*healthy())
    train = tree / FOLDERS[0]
    files = sorted(train.iterdir())
    files[0].write_bytes(files[0].read_bytes()[:200])
    files[1].write_bytes(b"")
    Image.new("RGB", (32, 64), (9, 9, 9)).save(files[2])
    Image.open(files[3]).convert("L").save(files[3])
    Image.open(files[4]).resize((8, 16)).save(files[4])
    Image.open(files[5]).resize((200, 64)).save(files[5])
    Image.open(files[6]).resize((10, 90)).save(files[6])
    Image.open(files[7]).save(files[7], "JPEG")
    told = said(tree, reader="market1501")
    assert told["broken"].startswith("error: 2 pictures of 84 cannot be read") and files[1].name in told["broken"]
    for kind, place in {"blank": 2, "grey": 3, "tiny": 4, "wide": 5, "strips": 6, "misnamed": 7}.items():
        assert files[place].name in told[kind], kind
    assert "broken" not in said(tree, reader="market1501", look=False)


def test_whole_frames(crops, said):
    tree = crops(*healthy(), size=(48, 80))
    assert "84 of 84 pictures are wider than high: whole frames" in said(tree, reader="market1501")["frames"]


def test_names_that_make_trouble(crops, said):
    tree = crops(*(f"{p}/{c}/{p}_{c}{s}.png" for p in (1, 2, 3) for c in (1, 2) for s in range(4)))
    (tree / "1/1/Thumbs.db").write_bytes(b"x")
    (tree / "1/1/9.heic").write_bytes(b"ftypheic")
    shutil.move(tree / "1/1/1_10.png", tree / "2/1/1_10.png")
    shutil.copy(tree / "3/1/3_10.png", tree / "3/1/ 3_19.png")
    Image.open(tree / "3/2/3_20.png").resize((30, 60)).save(tree / "3/2/3_20.PNG")
    told = said(tree)
    assert "1_10.png says 1, labelled 2" in told["name-contradicts-label"]
    assert "9.heic" in told["unread-forms"] and "Thumbs.db" in told["litter"]
    assert " 3_19.png" in told["blank-edges"] and "3_20.PNG" in told["paths-alike"]


def test_too_few_to_learn_from(crops, said):
    told = said(crops(*(f"{p}/{c}/a.png" for p in (1, 2, 3) for c in (1, 2)), "4/1/a.png"))
    assert "4 people to train on, fewer than the 16" in told["few-people"]
    assert told["one-picture"].startswith("note: 1 person has one training picture only: ")


def test_rare_cameras_and_new_ones(crops, said):
    more = [f"{FOLDERS[2]}/0001_c7s1_000001_00.png"]
    told = said(crops(*healthy(), *more), reader="market1501")
    assert "The test has camera 6 that training does not know" in told["new-test-cameras"]
    assert "6" in told["rare-cameras"]


def test_priors(crops, doctor, said):
    tree = crops(*healthy())
    for path in sorted(tree.glob("query/*.png"))[1:]:
        mask = tree / "masks" / "query" / path.name
        mask.parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (32, 64), 1).save(mask)
    Image.new("L", (64, 64), 1).save(mask)
    bodies = [
        {"image_id": path.name, "keypoints": [300.0, 400.0, 0.9] * 17, "score": 1}
        for path in sorted(tree.glob("query/*.png"))
    ]
    (tree / "keypoints").mkdir()
    (tree / "keypoints" / "query.json").write_text(json.dumps(bodies))
    told = said(tree, reader="market1501")
    missing = [one.says for one in doctor(tree, reader="market1501").findings if one.kind == "missing-mask"]
    assert any(line.startswith("mask of 1 of 8 pictures in query missing (12.5 %)") for line in missing)
    assert "1 mask map of another shape" in told["stretched-mask"] and "64 x 64 for 32 x 64" in told["stretched-mask"]
    assert told["keypoints-outside"].startswith("error: Keypoints of 8 pictures in query lie outside")
    coverage = {(one.prior, one.split): (one.there, one.pictures) for one in doctor(tree, reader="market1501").priors}
    assert coverage["mask", "query"] == (7, 8) and coverage["keypoints", "query"] == (8, 8)


def test_what_a_reader_refuses_is_a_finding(crops, doctor):
    tree = crops(*healthy(), "query/strange.png")
    diagnosis = doctor(tree, reader="market1501")
    assert [one.kind for one in diagnosis.findings] == ["unreadable"]
    assert "strange.png" in diagnosis.findings[0].says and diagnosis.commands


def test_counts_of_a_damaged_release(crops, said, monkeypatch):
    from sameperson.data.layout import Counts
    from sameperson.data.readers import LAYOUTS

    monkeypatch.setitem(LAYOUTS["market1501"].release, "query", Counts(9, 4))
    told = said(crops(*healthy()), reader="market1501")
    assert told["counts"].startswith("warning: Not all that the release of Market-1501 holds")
    assert "query: 8 pictures, 1 fewer than 9" in told["counts"]


def test_a_path_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match="no such file or folder"):
        open_tree(tmp_path / "nothing")


def test_the_worst_comes_first():
    found = worst_first([finding("a", "note", "x"), finding("b", "error", "y"), finding("c", "warning", "z")])
    assert [one.kind for one in found] == ["b", "c", "a"]
    assert finding("d", "note", "w", np.arange(9)).where == ("0", "1", "2", "3", "4")
