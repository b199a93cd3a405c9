"""Perceptual hashes: 64-bit fingerprints of how pictures look, and all pairs of pictures whose hashes are close.

The hash is the sign pattern of a picture's lowest frequencies (the DCT hash of Zauner 2010, Implementation and
Benchmarking of Perceptual Image Hash Functions): copies that were resized, saved anew or made brighter keep it.
"""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]
SIDE, LOW = 32, 8
BLOCK = 2048
"""Hashes that are compared with as many others at once: 32 MB."""
_BITS = np.uint64(1) << np.arange(LOW * LOW, dtype=np.uint64)


def perceptual_hashes(small: NDArray[np.float32]) -> Hashes:
    """Compute the hashes (N,) of grey pictures that were shrunk to (N, 32, 32) float32."""
    low = np.empty((len(small), LOW * LOW), np.float32)
    for place, picture in enumerate(small):
        low[place] = cv2.dct(picture)[:LOW, :LOW].ravel()
    # The first term is the brightness, which is no part of how a picture looks.
    low[:, 0] = np.median(low[:, 1:], axis=1)
    return ((low > low[:, :1]) * _BITS).sum(axis=1)


def close_pairs(hashes: Hashes, within: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint8]]:
    """Find all pairs i < j whose hashes differ in at most `within` of 64 bits: (M,) i, (M,) j, (M,) bits.

    Two such hashes agree wholly in at least one of `within + 1` runs of bits, so only those that share a run are
    compared, a block at a time.
    """
    edges = np.linspace(0, 64, within + 2).astype(int)
    count = np.uint64(len(hashes))
    found, bits = [np.zeros(0, np.uint64)], [np.zeros(0, np.uint8)]
    for low, high in pairwise(edges):
        run = (hashes >> np.uint64(low)) & (np.uint64(2**64 - 1) >> np.uint64(64 - high + low))
        order = np.argsort(run, kind="stable")
        starts = np.flatnonzero(np.diff(run[order], prepend=~run[order[:1]]))
        for start, stop in zip(starts, [*starts[1:].tolist(), len(order)]):
            for one in range(start, stop, BLOCK) if stop - start > 1 else ():
                for other in range(one, stop, BLOCK):
                    a, b = (
                        order[one : min(one + BLOCK, stop)],
                        order[other : min(other + BLOCK, stop)],
                    )
                    apart = np.bitwise_count(hashes[a, None] ^ hashes[None, b])
                    i, j = np.nonzero(apart <= within)
                    first, second = np.minimum(a[i], b[j]), np.maximum(a[i], b[j])
                    real = first < second
                    found.append(first[real].astype(np.uint64) * count + second[real].astype(np.uint64))
                    bits.append(apart[i[real], j[real]])
    pairs, place = np.unique(np.concatenate(found), return_index=True)
    return (
        (pairs // count).astype(np.int64),
        (pairs % count).astype(np.int64),
        np.concatenate(bits)[place],
    )
