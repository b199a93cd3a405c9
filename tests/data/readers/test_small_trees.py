"""Every picture that a reader finds in a small tree, held against what the world knows of that very picture."""

from collections import Counter

import pytest

from sameperson.data.layout import counts_of
from sameperson.data.miniatures.make import count_splits
from sameperson.data.readers import LAYOUTS, recognised
from sameperson.data.readers.named_files import ZERO

OURS = (
    "dancereid",
    "open-reid",
    "deskpro",
    "lip",
    "mars",
    "ccvid",
    "lists-3dsl",
    "fgpr",
    "list",
    "csv",
    "folder",
    "world",
)
PRIORS = {
    "dancereid": {"keypoints"},
    "open-reid": {"keypoints"},
    "deskpro": {"face", "face_restored", "irrelevant"},
    "lip": {"parsing"},
    "lists-3dsl": {"keypoints", "mask"},
    "world": {"keypoints", "parsing", "mask"},
}


def path_in(name, tree):
    return tree.root / "pictures.csv" if name == "csv" else tree.root


@pytest.fixture(params=OURS)
def opened(request, tree_of):
    tree = tree_of(request.param)
    return request.param, tree, LAYOUTS[request.param].read(path_in(request.param, tree), None)


def test_the_splits_hold_the_pictures_that_the_writer_says(opened):
    _, tree, dataset = opened
    for split, samples in dataset.splits().items():
        written = Counter(row.path for row in tree.counted[split])
        assert Counter(row.path for row in tree.rows(samples)) == written, split
    said = count_splits(tree.counted)
    assert {name: (count.pictures, count.people) for name, count in counts_of(dataset).items()} == said


def test_who_where_and_when_is_the_worlds(opened):
    name, tree, dataset = opened
    for samples in dataset.splits().values():
        for k, row in enumerate(tree.rows(samples)):
            pid, camid = int(samples.pid[k]), int(samples.camid[k])
            if name == "dancereid":
                assert (pid, camid) == (row.pid - 1 or ZERO, row.frame)
            elif name == "lip":
                assert (pid, camid) == (-1, -1)
            elif name == "ccvid":
                assert (pid, camid) == (row.pid, row.camid + 12 * (row.clothes_id % 2))
            elif pid > 0:
                assert (pid, camid) == (row.pid, row.camid)
            else:  # the first training people, as distractor and as junk
                assert row.pid == {0: 1, -1: 2}[pid]


def test_clothes_are_alike_where_the_worlds_are(opened):
    name, tree, dataset = opened
    pairs = {
        (int(worn), row.clothes_id)
        for samples in dataset.splits().values()
        for worn, row in zip(samples.clothes_id, tree.rows(samples), strict=True)
    }
    if name in ("ccvid", "csv", "world"):
        assert LAYOUTS[name].clothes or name == "csv"
        assert len(pairs) == len({ours for ours, _ in pairs}) == len({theirs for _, theirs in pairs}) > 3
    else:
        assert {ours for ours, _ in pairs} == {-1}


def test_priors_are_named_and_there(opened):
    name, _, dataset = opened
    assert set(dataset.train.priors) == PRIORS.get(name, set())
    assert all(place.exists() for place in dataset.train.priors.values())


def test_the_tree_is_recognised_as_what_it_is(opened, tree_of):
    name, tree, _ = opened
    assert recognised(path_in(name, tree))[0].name == name
    assert set(LAYOUTS[name].priors) <= {"keypoints", "parsing", "mask", "irrelevant", "face", "face_restored"}
