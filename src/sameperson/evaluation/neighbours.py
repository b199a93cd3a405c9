"""Exact k nearest neighbours of every row, for k-reciprocal re-ranking and query expansion.

The whole distance matrix is never in memory: scores are computed and searched tile by tile. torch inside, numpy
outside.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sameperson.evaluation.distance import Features
from sameperson.evaluation.threads import in_threads

TILE = 256
"""Rows whose scores are in memory at once on the CPU."""
ON_DEVICE = 4096
"""Rows whose scores are in memory at once on another device."""


@dataclass(frozen=True)
class Neighbours:
    """The k nearest neighbours of each of N features, and the distance of the farthest feature.

    nearest: (N, k) int32, by ascending distance, each row's own number among them; equal distances by number.
    farthest: (N,) float32, squared Euclidean distance.
    """

    nearest: NDArray[np.int32]
    farthest: NDArray[np.float32]


def neighbours(features: Features, k: int, device: str = "cpu") -> Neighbours:
    """Find the k nearest of each row by Euclidean distance (by cosine where all rows are of length one).

    features: (N, D) float32, finite. k: larger values than N count as N.
    """
    nearest, least = searched(features, features, k, device)
    squares = np.einsum("nd,nd->n", features, features)
    return Neighbours(nearest, np.maximum(squares - 2 * least, 0))


def nearest_in(rows: Features, gallery: Features, k: int, device: str = "cpu") -> NDArray[np.int32]:
    """Find the k nearest gallery rows (G, D) of each row (N, D), by ascending distance: (N, min(k, G))."""
    return searched(rows, gallery, k, device)[0]


def searched(rows: Features, gallery: Features, k: int, device: str) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Find the k gallery rows that score highest with each row, and its lowest score; a score is q.g - |g|^2 / 2."""
    count, k = len(rows), min(k, len(gallery))
    nearest, least = np.empty((count, k), np.int32), np.empty(count, np.float32)
    asked, table = (torch.from_numpy(np.ascontiguousarray(side)).to(device) for side in (rows, gallery))
    offset = -0.5 * torch.einsum("nd,nd->n", table, table)
    on_cpu = table.device.type == "cpu"
    size = TILE if on_cpu else ON_DEVICE
    starts = iter(range(0, count, size))  # shared: each thread takes the next

    def work() -> None:
        buffer = table.new_empty(min(size, count), len(table))
        for start in starts:
            part = asked[start : start + size]
            scores = torch.addmm(offset, part, table.T, out=buffer[: len(part)])
            best, index = torch.topk(scores, min(k + 1, len(table)))
            least[start : start + size] = scores.amin(dim=1).cpu().numpy()
            nearest[start : start + size] = in_order(scores, best.cpu().numpy(), index.cpu().numpy(), k)

    if on_cpu:
        in_threads(work)
    else:
        work()
    return nearest, least


def in_order(scores: Tensor, best: NDArray[np.float32], index: NDArray[np.int64], k: int) -> NDArray[np.int64]:
    """Order the k highest scores of each row, held in `best` and `index` (R, k or k + 1); ties by gallery row."""
    chosen = index[:, :k]
    for row in np.flatnonzero((best[:, 1:] == best[:, :-1]).any(axis=1)):  # rare in measured features
        line = scores[row].cpu().numpy()
        near = np.flatnonzero(line >= best[row, k - 1])
        chosen[row] = near[np.argsort(-line[near], kind="stable")[:k]]
    return chosen
