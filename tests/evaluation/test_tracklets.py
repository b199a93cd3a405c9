"""Tracklets equal a loop over them, however their pictures stream by."""

import numpy as np
import pytest

from sameperson.checks import InputError
from sameperson.evaluation.result import evaluate
from sameperson.evaluation.tracklets import pool_tracks
from sameperson.types import Embeddings, Samples

RNG = np.random.default_rng(4)
TRACK = np.array([7, 7, 3, 9, 3, 7, 9, 9, 9, 5])
SAMPLES = Samples.of(
    [f"{k}.jpg" for k in range(10)], TRACK * 10, TRACK % 3, track_id=TRACK, clothes_id=TRACK, frame=range(10)
)
FEATURES = RNG.normal(size=(10, 4)).astype(np.float32)
PARTS = RNG.normal(size=(10, 3, 4)).astype(np.float32)
VISIBLE = RNG.random((10, 3)).astype(np.float32)
VISIBLE[TRACK == 3, 1] = 0


def chunks(size, rows=range(10), visible=VISIBLE, parts=PARTS):
    rows = np.array(rows)
    for start in range(0, len(rows), size):
        some = rows[start : start + size]
        how = {
            "parts": None if parts is None else parts[some],
            "visibility": None if visible is None else visible[some],
        }
        yield SAMPLES.take(some), Embeddings(FEATURES[some], "f", **how)


def along(vector):
    return vector / np.linalg.norm(vector)


@pytest.mark.parametrize("size", [1, 3, 10])
def test_each_tracklet_is_the_mean_of_its_pictures(size):
    samples, pooled = pool_tracks(SAMPLES, chunks(size))
    assert samples.track_id.tolist() == [7, 3, 9, 5]
    assert samples.path.tolist() == ["0.jpg", "2.jpg", "3.jpg", "9.jpg"]
    assert samples.pid.tolist() == [70, 30, 90, 50]
    assert pooled.fingerprint == "f" and pooled.parts is not None and pooled.visibility is not None
    for row, track in enumerate([7, 3, 9, 5]):
        own = np.flatnonzero(track == TRACK)
        np.testing.assert_allclose(pooled.features[row], np.mean([along(FEATURES[k]) for k in own], 0), rtol=1e-5)
        for part in range(3):
            weight = VISIBLE[own, part]
            expected = sum(w * along(PARTS[k, part]) for k, w in zip(own, weight, strict=True))
            expected = expected / weight.sum() if weight.sum() else np.zeros(4)
            np.testing.assert_allclose(pooled.parts[row, part], expected, rtol=1e-4, atol=1e-6)
            assert pooled.visibility[row, part] == pytest.approx(weight.mean(), abs=1e-6)


def test_parts_without_visibility_and_no_parts_at_all():
    _, pooled = pool_tracks(SAMPLES, chunks(4, visible=None))
    assert pooled.visibility is None and pooled.parts is not None
    np.testing.assert_allclose(pooled.parts[3, 1], along(PARTS[9, 1]), rtol=1e-5)
    assert pool_tracks(SAMPLES, chunks(4, visible=None, parts=None))[1].parts is None


def test_a_tracklet_that_cannot_be_read_is_left_out():
    samples, pooled = pool_tracks(SAMPLES, chunks(3, rows=[0, 1, 3, 6, 9]))
    assert samples.track_id.tolist() == [7, 9, 5] and len(pooled) == 3
    np.testing.assert_allclose(pooled.features[1], (along(FEATURES[3]) + along(FEATURES[6])) / 2, rtol=1e-5)
    with pytest.raises(InputError, match="no picture that can be read"):
        pool_tracks(SAMPLES, [])


def test_tracklets_are_asked_for_as_pictures_are():
    query, known = pool_tracks(SAMPLES, chunks(10))
    queries = Samples.of(query.path, query.pid, query.camid + 1, track_id=query.track_id)
    result = evaluate(known, queries, known, query, resamples=5)
    assert result.rank1.value == 1.0 and result.queries == 4


@pytest.mark.parametrize(
    ("pid", "track", "says"),
    [
        ([1, 1, 2], [4, 5, 5], r"c: tracklet 5 shows 1 and 2"),
        ([1, 1, 2], [4, -1, -1], r"b and 1 more pictures without a tracklet"),
    ],
)
def test_tracklets_that_cannot_be_are_one_line(pid, track, says):
    samples = Samples.of(list("abc"), pid, track_id=track)
    with pytest.raises(InputError, match=says) as error:
        pool_tracks(samples, [(samples, Embeddings(np.eye(3, dtype=np.float32), "f"))])
    assert "\n" not in str(error.value)


def test_features_that_cannot_be_compared_are_named():
    samples = Samples.of(list("abc"), [1, 1, 1], track_id=[1, 1, 1])
    with pytest.raises(InputError, match="picture features all zero in rows 1"):
        pool_tracks(samples, [(samples, Embeddings(np.array([[1.0], [0], [1]], np.float32), "f"))])
