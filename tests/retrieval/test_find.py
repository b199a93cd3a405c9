"""Found rows against a naive sort, with the query's own file left out however its path is spelt."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sameperson.retrieval.find import borrow_labels, find, own_rows
from sameperson.types import Embeddings, Samples


def embedded(count: int, seed: int) -> Embeddings:
    return Embeddings(np.random.default_rng(seed).normal(size=(count, 8)).astype(np.float32), "one")


def files(folder: Path, names: list[str]) -> Path:
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).touch()
    return folder


def naive(query: np.ndarray, gallery: np.ndarray, leave: set[int], top: int) -> list[int]:
    distances = []
    for row, feature in enumerate(gallery):
        if row not in leave:
            cosine = float(query @ feature) / float(np.linalg.norm(query) * np.linalg.norm(feature))
            distances.append((1 - cosine, row))
    return [row for _, row in sorted(distances)[:top]]


def test_the_nearest_without_the_query_itself(tmp_path: Path) -> None:
    names = [f"{i}.jpg" for i in range(20)]
    root = files(tmp_path / "g", names)
    gallery = Samples.of(names, [-1] * 20, root=root)
    queries = Samples.of(["g/3.jpg", "g/../g/7.jpg", "other/3.jpg"], [-1] * 3, root=tmp_path)
    files(tmp_path / "other", ["3.jpg"])
    known = embedded(20, 0)
    asked = Embeddings(np.concatenate([known.features[[3, 7]], embedded(1, 1).features]), "one")
    found = find(asked, queries, known, gallery, 6)
    assert found.itself.tolist() == [3, 7, -1]
    for row, leave in enumerate(({3}, {7}, set())):
        assert found.ranking.indices[row].tolist() == naive(asked.features[row], known.features, leave, 6)
    assert found.ranking.distances.shape == (3, 6) and found.ranking.distances.dtype == np.float32


def test_a_gallery_smaller_than_asked_for_is_filled_up(tmp_path: Path) -> None:
    root = files(tmp_path / "g", ["a.jpg", "b.jpg"])
    gallery = Samples.of(["a.jpg", "b.jpg"], [-1, -1], root=root)
    known = embedded(2, 0)
    found = find(known.take([0]), gallery.take([0]), known, gallery, 4)
    assert found.ranking.indices.tolist() == [[1, -1, -1, -1]]
    assert np.isinf(found.ranking.distances[0, 1:]).all()


def test_a_file_listed_twice_is_left_out_twice(tmp_path: Path) -> None:
    root = files(tmp_path / "g", ["a.jpg", "b.jpg"])
    gallery = Samples.of(["a.jpg", "b.jpg", "a.jpg"], [-1] * 3, root=root)
    assert own_rows(gallery.take([0]), gallery) == [[0, 2]]


def test_files_that_are_gone_are_not_the_query(tmp_path: Path) -> None:
    root = files(tmp_path / "g", ["a.jpg"])
    moved = Samples.of(["a.jpg"], [-1], root=tmp_path / "before")
    assert own_rows(Samples.of(["a.jpg"], [-1], root=root), moved) == [[]]


def test_labels_are_borrowed_only_by_those_without(tmp_path: Path) -> None:
    gallery = Samples.of(["a", "b"], [5, 6], [1, 2], names={5: "ann", 6: "bob"})
    unknown = Samples.of(["b", "c"], [-1, -1])
    borrowed = borrow_labels(unknown, gallery, np.array([1, -1]))
    assert borrowed.pid.tolist() == [6, -1] and borrowed.camid.tolist() == [2, -1]
    assert borrowed.name_of(6) == "bob"
    labelled = Samples.of(["b"], [9])
    assert borrow_labels(labelled, gallery, np.array([1])) is labelled


def test_two_networks_never_meet(tmp_path: Path) -> None:
    samples = Samples.of(["a.jpg"], [-1], root=files(tmp_path, ["a.jpg"]))
    with pytest.raises(ValueError, match="one"):
        find(embedded(1, 0), samples, Embeddings(embedded(1, 0).features, "two"), samples, 1)
