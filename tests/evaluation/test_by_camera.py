"""Figures by camera, against a plain loop over the queries of each."""

import numpy as np
import pytest

from sameperson.evaluation.by_camera import by_camera
from sameperson.evaluation.result import evaluate
from sameperson.types import Embeddings, Samples


def test_each_camera_has_the_means_of_its_own_queries():
    rng = np.random.default_rng(0)
    who, where = np.repeat(np.arange(1, 13), 3), np.tile([0, 2, 5], 12)
    who[0] = 99  # asked by camera 0, and in no gallery
    seen = Samples.of([f"{i}.jpg" for i in range(36)], who, where)
    near = np.eye(12, 16)[np.repeat(np.arange(12), 3)]
    query, gallery = (Embeddings((near + 0.6 * rng.normal(size=near.shape)).astype(np.float32), "f") for _ in range(2))
    pictures = Samples.of([f"g{i}.jpg" for i in range(36)], np.repeat(np.arange(1, 13), 3), np.tile([1, 2, 5], 12))
    result = evaluate(query, seen, gallery, pictures, resamples=200, seed=3)
    found = by_camera(result, seen)
    assert [(one.camid, one.queries, one.people) for one in found] == [(0, 11, 11), (2, 12, 12), (5, 12, 12)]
    for one in found:
        precisions, firsts = [], []
        for row in range(36):
            if seen.camid[row] != one.camid or who[row] == 99:
                continue
            unit = gallery.features / np.linalg.norm(gallery.features, axis=1, keepdims=True)
            own = (pictures.pid == who[row]) & (pictures.camid == seen.camid[row])
            order = [k for k in np.argsort(-(unit @ query.features[row]), kind="stable") if not own[k]]
            hits = [place for place, k in enumerate(order, 1) if pictures.pid[k] == who[row]]
            precisions.append(np.mean([count / place for count, place in enumerate(hits, 1)]))
            firsts.append(hits[0] == 1)
        assert one.mAP.value == pytest.approx(np.mean(precisions), abs=1e-9)
        assert one.rank1.value == pytest.approx(np.mean(firsts), abs=1e-9)
        assert one.mAP.low < one.mAP.value < one.mAP.high
    told = found[1].to_json()
    assert (told["camera"], told["queries"], told["people"]) == (3, 12, 12)
    assert set(told["mAP"]) == {"value", "low", "high"}


def test_a_camera_that_nobody_wrote_down_has_no_number():
    seen = Samples.of(["a.jpg", "b.jpg"], [1, 2])
    pictures = Samples.of(["c.jpg", "d.jpg"], [1, 2])
    features = Embeddings(np.eye(2, dtype=np.float32), "f")
    (only,) = by_camera(evaluate(features, seen, features, pictures, "camera_blind", resamples=5), seen)
    assert only.to_json()["camera"] is None and only.rank1.value == 1.0
