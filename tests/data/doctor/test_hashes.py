"""Close hashes are those that a loop over all pairs finds; copies keep their hash."""

import cv2
import numpy as np
import pytest

from sameperson.data.doctor import hashes
from sameperson.data.doctor.duplicates import NEAR
from sameperson.data.doctor.hashes import close_pairs, perceptual_hashes


@pytest.mark.parametrize("within", [0, 3, 6])
def test_as_all_pairs_say(within, monkeypatch):
    monkeypatch.setattr(hashes, "BLOCK", 5)
    rng = np.random.default_rng(within)
    base = rng.integers(0, 2**63, 12, np.uint64)
    flips = np.bitwise_or.reduce(np.uint64(1) << rng.integers(0, 64, (60, 4)).astype(np.uint64), axis=1)
    values = np.concatenate([base, base[rng.integers(0, 12, 60)] ^ flips, base[:3]])
    i, j, bits = close_pairs(values, within)
    wanted = {
        (a, b): apart
        for a in range(len(values)) for b in range(a + 1, len(values))
        if (apart := int(values[a] ^ values[b]).bit_count()) <= within
    }  # fmt: skip
    assert dict(zip(zip(i.tolist(), j.tolist()), bits.tolist(), strict=True)) == wanted and wanted


def test_none_and_one():
    for count in (0, 1):
        assert len(close_pairs(np.zeros(count, np.uint64), 4)[0]) == 0


def test_a_copy_keeps_its_hash_and_another_picture_does_not():
    rng = np.random.default_rng(1)
    one, other = (cv2.GaussianBlur(rng.integers(0, 255, (32, 32)).astype(np.float32), (5, 5), 1) for _ in range(2))
    first, second, third = perceptual_hashes(np.stack([one, one * 1.1 + 5, other]))
    assert int(first ^ second).bit_count() <= NEAR
    assert int(first ^ third).bit_count() > 2 * NEAR
    assert perceptual_hashes(other[None])[0] == third
