"""Shards are believed only while their pictures, their network and their batches are as they were."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sameperson.data.broken_pictures import Broken
from sameperson.retrieval.shards import Shards
from sameperson.types import Embeddings, Samples


@pytest.fixture
def samples(tmp_path) -> Samples:
    """Ten pictures of five bytes each; their features are their numbers."""
    for number in range(10):
        (tmp_path / f"{number}.jpg").write_bytes(b"bytes")
    return Samples.of([f"{number}.jpg" for number in range(10)], range(10), root=tmp_path)


def features(*numbers: int) -> Embeddings:
    return Embeddings(np.array(numbers, np.float32)[:, None], "net")


def opened(samples: Samples, made_by: str = "net", **more: bool) -> Shards:
    return Shards(samples.root / "e.parquet", samples, made_by, size=4, **more)


@pytest.fixture
def two(samples) -> Samples:
    """A run killed after eight of ten; the picture 5 was broken."""
    shards = opened(samples)
    assert (shards.done, shards.load(0), shards.load(4)) == (0, None, None)
    shards.save(0, features(0, 1, 2, 3), [])
    shards.save(4, features(4, 6, 7), [Broken(1, "5.jpg", "cut")])
    return samples


def test_what_was_kept_comes_back(two):
    shards = opened(two, skip_broken=True)
    assert shards.done == 8 and shards.load(8) is None
    embeddings, kept, broken = shards.load(4)
    assert embeddings.features.ravel().tolist() == [4, 6, 7]
    assert kept.path.tolist() == ["4.jpg", "6.jpg", "7.jpg"] and kept.pid.tolist() == [4, 6, 7]
    assert broken == [Broken(1, "5.jpg", "cut")]


def test_labels_are_those_of_today(two):
    embeddings, kept, _ = opened(replace(two, pid=two.pid + 100)).load(0)
    assert kept.pid.tolist() == [100, 101, 102, 103] and len(embeddings) == 4


def test_a_shard_without_its_broken_picture_is_not_believed_where_none_may_be_left_out(two):
    shards = opened(two)
    assert shards.done == 4 and shards.load(4) is None


def test_the_last_shard_is_not_kept(samples):
    shards = opened(samples)
    shards.load(8)
    shards.save(8, features(8, 9), [])
    assert not shards.folder.exists()


def other_bytes(file: Path) -> None:
    before = file.stat().st_mtime_ns
    file.write_bytes(b"more bytes")
    os.utime(file, ns=(before, before))


def other_time(file: Path) -> None:
    before = file.stat().st_mtime_ns
    file.write_bytes(b"other")
    os.utime(file, ns=(before, before + 1))


@pytest.mark.parametrize("change", [other_bytes, other_time, Path.unlink])
def test_a_changed_picture_is_embedded_again_with_its_shard_only(two, change):
    change(two.root / "1.jpg")
    shards = opened(two, skip_broken=True)
    assert shards.done == 4 and shards.load(0) is None and shards.load(4) is not None


def test_another_list_of_pictures(two):
    assert opened(two.take(slice(1, None)), skip_broken=True).done == 0
    added = Samples.of([*two.path.tolist(), "10.jpg"], range(11), root=two.root)
    assert opened(added, skip_broken=True).done == 8
    assert opened(two.take(slice(6)), skip_broken=True).done == 4


def test_another_network_or_folder(two, tmp_path):
    assert opened(two, "other", skip_broken=True).done == 0
    (tmp_path / "elsewhere").mkdir()
    assert Shards(two.root / "e.parquet", replace(two, root=tmp_path / "elsewhere"), "net", size=4).done == 0
    assert Shards(two.root / "e.parquet", two, "net", size=5, skip_broken=True).done == 0


@pytest.mark.parametrize("cut", [0, 1, 30, 200, -1])
def test_a_damaged_shard_is_made_again(two, cut):
    file = two.root / ".e.parquet.part" / "000000000.npz"
    file.write_bytes(file.read_bytes()[:cut])
    assert opened(two).load(0) is None


@pytest.mark.parametrize("at", range(5, 1000, 61))
def test_a_bit_that_flipped_never_gives_other_features(two, at):
    file = two.root / ".e.parquet.part" / "000000000.npz"
    content = bytearray(file.read_bytes())
    content[at % len(content)] ^= 4
    file.write_bytes(content)
    found = opened(two).load(0)
    assert found is None or found[0].features.ravel().tolist() == [0, 1, 2, 3]


def test_removing_leaves_what_is_not_ours(two):
    shards = opened(two)
    (shards.folder / ".000000000.npz.123.part").touch()
    (shards.folder / "mine.txt").touch()
    shards.remove()
    assert [path.name for path in shards.folder.iterdir()] == ["mine.txt"]
    (shards.folder / "mine.txt").unlink()
    shards.remove()
    assert not shards.folder.exists()
    shards.remove()
