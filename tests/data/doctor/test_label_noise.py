"""Likeness as a plain loop computes it; swapped labels come first."""

import numpy as np

from sameperson.data.doctor import label_noise
from sameperson.data.doctor.label_noise import MOST_ALIKE, likeness


def people(rng, count=8, each=6, spread=0.25):
    pid = np.repeat(np.arange(1, count + 1), each)
    features = np.eye(count, 16)[pid - 1] + spread * rng.normal(size=(len(pid), 16))
    return features.astype(np.float32), pid, np.tile(np.arange(3), len(pid) // 3).astype(np.int32)


def naive(features, pid, camid, row):
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    found = {}
    for who in np.unique(pid):
        rows = [r for r in range(len(pid)) if pid[r] == who and r != row]
        elsewhere = [r for r in rows if camid[r] != camid[row]]
        scores = sorted((float(unit[r] @ unit[row]) for r in elsewhere or rows), reverse=True)[:MOST_ALIKE]
        if scores:
            found[who] = sum(scores) / len(scores)
    return found


def test_as_a_loop_says(monkeypatch):
    monkeypatch.setattr(label_noise, "TILE", 7)
    features, pid, camid = people(np.random.default_rng(0))
    pid[-1] = 99  # alone
    camid[:6] = 0  # person 1 under one camera
    alike = likeness(features, pid, camid)
    for row in range(len(pid)):
        means = naive(features, pid, camid, row)
        own = means.pop(int(pid[row]), np.nan)
        np.testing.assert_allclose(alike.own[row], own, rtol=1e-5)
        np.testing.assert_allclose(alike.other[row], max(means.values()), rtol=1e-5)
        assert alike.whom[row] == max(means, key=means.__getitem__)
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    strangers = np.mean([unit[a] @ unit[b] for a in range(len(pid)) for b in range(len(pid)) if pid[a] != pid[b]])
    np.testing.assert_allclose(alike.reach, np.nanmedian(alike.own) - strangers, rtol=1e-4)
    assert np.isneginf(alike.excess[-1])


def test_swapped_labels_stand_out():
    features, pid, camid = people(np.random.default_rng(3))
    told = pid.copy()
    told[[4, 20]] = pid[[20, 4]]
    alike = likeness(features, told, camid)
    assert set(np.argsort(-alike.excess)[:2].tolist()) == {4, 20}
    assert alike.whom[[4, 20]].tolist() == pid[[4, 20]].tolist()
