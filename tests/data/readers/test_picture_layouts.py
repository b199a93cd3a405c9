"""The layouts of single pictures: what the world drew is what the reader finds, and each fault is one line."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from sameperson.checks import InputError
from sameperson.data.layout import Counts, counts_of, differences
from sameperson.data.readers import LAYOUTS, recognised
from sameperson.data.readers.named_files import ZERO
from sameperson.types import UNKNOWN

TEST_PEOPLE = 2  # of four, in the world that conftest draws


def plain(row):
    return row.pid, row.camid, UNKNOWN


def from_zero(row):
    """As MSMT17 counts: both halves from 0."""
    pid = 10_000 + row.pid - 1 if row.split == "train" else 20_000 + row.pid - TEST_PEOPLE - 1
    return pid, row.camid, UNKNOWN


def prcc(row):
    return row.pid, row.camid, 1000 * row.pid + row.clothes_id % 2


def ltcc(row):
    pid = row.pid - 1 or ZERO
    return pid, row.camid, 1000 * pid + row.clothes_id % 2 + 1


def celeb(row):
    return row.pid, row.camid + 1, UNKNOWN


def vc_clothes(row):
    return row.pid, row.camid, 1000 * row.pid + row.clothes_id % 2 + 1


EXPECTED = {
    "dukemtmc": (plain, "market1501", ("bounding_box_train", "query", "bounding_box_test")),
    "occluded-duke": (plain, "market1501", ("bounding_box_train", "query", "bounding_box_test")),
    "cuhk03-labeled": (plain, "market1501", ("labeled/bounding_box_train", "labeled/query", "labeled")),
    "cuhk03-detected": (plain, "market1501", ("detected/bounding_box_test", "detected/query", "detected")),
    "msmt17": (from_zero, "msmt17", ("MSMT17_V1/train", "MSMT17_V1/test", "MSMT17_V1")),
    "isp": (plain, "market1501", ("bounding_box_train", "query", "bounding_box_train_parsing_pgt")),
    "prcc": (prcc, "prcc_cross", ("rgb/train", "rgb/test/A", "rgb/test/B", "rgb/test/C", "rgb")),
    "ltcc": (ltcc, "ltcc_general", ("train", "query", "test")),
    "vc-clothes": (vc_clothes, "vc_clothes_all", ("train", "query", "gallery")),
    "celeb-reid": (celeb, "celeb_reid", ("train", "query", "gallery")),
    "celeb-reid-light": (celeb, "celeb_reid", ("train", "query", "gallery")),
}
"""Layout -> what its names say of a row of the world, its protocol, folders that it cannot do without."""


@pytest.mark.parametrize("name", EXPECTED)
def test_what_the_world_drew_is_what_is_read(tree_of, name):
    tree = tree_of(name)
    says, protocol, _ = EXPECTED[name]
    dataset = LAYOUTS[name].read(tree.root, None)
    assert (dataset.name, dataset.protocol) == (name, protocol)
    assert protocol in LAYOUTS[name].protocols
    assert dataset.val is None and not dataset.tracks
    assert dataset.splits().keys() == tree.counted.keys()
    for split, rows in tree.counted.items():
        samples = dataset.splits()[split]
        found = Counter(zip(samples.pid.tolist(), samples.camid.tolist(), samples.clothes_id.tolist(), strict=True))
        assert found == Counter(says(row) for row in rows), split
        assert all(samples.file(k).is_file() for k in range(len(samples)))
        assert len(set(samples.path.tolist())) == len(samples)
        assert len(samples) > 2


@pytest.mark.parametrize(
    "name", sorted(EXPECTED.keys() - {"cuhk03-labeled", "cuhk03-detected", "ltcc"})
)  # theirs are PNG
def test_each_picture_has_its_own_labels(tree_of, name):
    tree = tree_of(name)
    says, _, _ = EXPECTED[name]
    for samples in LAYOUTS[name].read(tree.root, None).splits().values():
        known = samples.take(samples.pid > 0)  # the strangers of Market's gallery are pictures of others
        columns = zip(known.pid.tolist(), known.camid.tolist(), known.clothes_id.tolist(), strict=True)
        assert list(columns) == [says(row) for row in tree.rows(known)]


@pytest.mark.parametrize("name", EXPECTED)
def test_the_note_of_a_tree_counts_what_is_read(tree_of, name):
    counted = {
        split: Counts(len(rows), len({row.pid for row in rows if row.pid > 0}))
        for split, rows in ((split, list(rows)) for split, rows in tree_of(name).counted.items())
    }
    read = LAYOUTS[name].read(tree_of(name).root, None)
    assert differences(counts_of(read), counted) == []
    more = {**counted, "query": Counts(counted["query"].pictures + 1, counted["query"].people)}
    assert len(differences(counts_of(read), more)) == 1


@pytest.mark.parametrize(
    ("name", "folder"), [(name, folder) for name, (_, _, folders) in EXPECTED.items() for folder in folders]
)
def test_a_missing_folder_is_named(spoil, name, folder):
    tree = spoil(name)
    (tree / folder).rename(tree / "elsewhere")
    with pytest.raises(InputError) as caught:
        LAYOUTS[name].read(tree, None)
    text = str(caught.value)
    assert str(tree) in text and "\n" not in text
    assert Path(folder).name in text


@pytest.mark.parametrize("name", EXPECTED)
@pytest.mark.parametrize("split", ["train", "query", "gallery"])
def test_a_renamed_picture_is_named(spoil, name, split):
    tree = spoil(name)
    samples = LAYOUTS[name].read(tree, None).splits()[split]
    file = samples.file(len(samples) - 1)
    odd = file.with_name("IMG 1" + file.suffix)
    file.rename(odd)
    with pytest.raises(InputError) as caught:
        LAYOUTS[name].read(tree, None)
    text = str(caught.value)
    listed = name in ("msmt17", "occluded-duke")  # what a list does not name is not looked at; what it names is missed
    assert (str(file) if listed else str(odd)) in text and "\n" not in text


@pytest.mark.parametrize("name", EXPECTED)
def test_an_empty_folder_is_named(spoil, name):
    tree = spoil(name)
    query = LAYOUTS[name].read(tree, None).query
    for row in range(len(query)):
        query.file(row).unlink()
    with pytest.raises(InputError, match=str(tree)) as caught:
        LAYOUTS[name].read(tree, None)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", EXPECTED)
def test_nothing_at_all_is_one_line(tmp_path, name):
    for place in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(InputError, match=str(place)) as caught:
            LAYOUTS[name].read(place, None)
        assert "\n" not in str(caught.value)


def test_a_tree_is_known_by_its_names(tree_of, tmp_path):
    first = {name: recognised(tree_of(name).root)[0].name for name in EXPECTED}
    assert first == {**{name: name for name in EXPECTED}, "cuhk03-detected": "cuhk03-labeled"}  # both are in one tree
    assert recognised(tree_of("cuhk03-detected").root / "detected")[0].name == "cuhk03-detected"
    assert recognised(tree_of("market1501").root)[0].name == "market1501"
    mine = set(EXPECTED)
    assert not mine & {layout.name for layout in recognised(tmp_path)}
    for name in ("market1501", "csv", "folder", "mars"):
        assert not mine & {layout.name for layout in recognised(tree_of(name).root)}


@pytest.mark.parametrize("name", EXPECTED)
def test_the_release_is_told_as_far_as_it_is_known(name):
    layout = LAYOUTS[name]
    assert layout.name == name and layout.about and layout.title
    assert layout.clothes == (name in ("prcc", "ltcc", "vc-clothes"))
    if name != "isp":  # whichever set it is made of
        assert set(layout.release) == {"train", "query", "gallery"}


def test_labels_are_columns_of_numbers(tree_of):
    samples = LAYOUTS["ltcc"].read(tree_of("ltcc").root, None).gallery
    assert (samples.pid.dtype, samples.camid.dtype, samples.clothes_id.dtype) == (np.int64, np.int32, np.int32)
