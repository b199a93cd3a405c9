"""Samples, Embeddings, Ranking: columns stay together."""

import numpy as np
import pytest

from sameperson.types import Embeddings, Samples


def test_take_keeps_columns_together():
    samples = Samples.of(["a b.jpg", "ü.jpg", "c.jpg"], [5, -1, 0], [0, 1, 2], clothes_id=[7, 8, 9], root="here")
    some = samples.take(np.array([True, False, True]))
    assert [str(p) for p in some.path] == ["a b.jpg", "c.jpg"]
    assert some.clothes_id.tolist() == [7, 9]
    assert some.frame.tolist() == [-1, -1]
    assert str(some.file(1)) == "here/c.jpg"


def test_junk_and_distractors_are_not_people():
    assert Samples.of(["a", "b", "c", "d"], [-1, 0, 3, 3]).people == 1


def test_unequal_columns_are_refused():
    with pytest.raises(ValueError, match="unequal"):
        Samples.of(["a", "b"], [1])


def test_embeddings_take_follows_parts():
    parts = np.arange(12, dtype=np.float32).reshape(3, 2, 2)
    values = Embeddings(np.eye(3, dtype=np.float32), "f", parts, np.ones((3, 2), np.float32))
    assert values.take([2]).parts is not None
    np.testing.assert_array_equal(values.take([2]).parts, parts[[2]])
    with pytest.raises(ValueError, match="parts has"):
        Embeddings(np.eye(4, dtype=np.float32), "f", parts)
