"""Re-ranking by k-reciprocal neighbours (Zhong et al. 2017, CVPR), exact and sparse, with memory that grows as N k.

Step by step, with the quirks of the form that everyone compares with:

1. N = Q + G rows, queries first. d(i, j) is the *squared* Euclidean distance divided by the largest of its column;
   distances being symmetric, and the matrix transposed afterwards, that is row i divided by its own largest.
2. R(i): those j among i's k1 + 1 nearest (itself included) that have i among theirs.
3. R(i) is widened by R'(c), the same with round(k1 / 2) + 1 nearest, for each c in R(i) of which strictly more than two
   thirds of R'(c) lie in R(i); the sets are tested against R(i) as it was.
4. V(i, j) = exp(-d(i, j)) on the widened set, scaled to sum 1. Columns are not scaled.
5. Query expansion: V(i) becomes the mean of V over i's k2 nearest (itself included); left out for k2 = 1.
6. Jaccard distance of a query and a gallery row: 1 - m / (2 - m) with m the sum of element-wise minima of their V.
7. The result is (1 - weight) of it + weight of d(i, j).

Everything but the distances themselves is a sparse matrix of some tens of entries a row. The dense form divides by zero
where all rows are equal, and where so many equal rows come first that a row is not among its own nearest; here d is 0
then, and such a row has nothing in common with anyone. numpy and scipy outside, torch for products.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_array, vstack

from sameperson.checks import InputError
from sameperson.evaluation.distance import Features
from sameperson.evaluation.neighbours import neighbours

K1, K2, WEIGHT = 20, 6, 0.3
Sparse = Any
"""scipy's csr_array or csc_array of float32, whose types say too little."""
BLOCK = 16384
"""Rows whose sets are widened at once."""
PAIRS = 2048
"""Pairs whose distances are computed at once."""


@dataclass(frozen=True, eq=False)
class KReciprocal:
    """A prepared re-ranking, which computes any tile of distances between Q queries and G gallery rows.

    query: (Q, D), gallery: (G, D) float32. farthest: (Q,) each query's largest squared distance to any row.
    near_query: (Q, N) and near_gallery: (G, N) by columns, the vectors V.
    how: k1, k2, weight and device, as `k_reciprocal` took them.
    """

    query: Features
    gallery: Features
    farthest: NDArray[np.float32]
    near_query: Sparse
    near_gallery: Sparse
    how: tuple[int, int, float, str]

    def tile(self, start: int, stop: int) -> Features:
        """Compute the distances of queries `start` to `stop` from the whole gallery: (n, G) float32."""
        query = self.query[start:stop]
        shared = np.stack([self.shared(row) for row in range(start, min(stop, len(self.query)))])
        product = torch.mm(torch.from_numpy(query), torch.from_numpy(self.gallery).T).numpy()
        plain = squared(query)[:, None] + squared(self.gallery) - 2 * product
        plain = np.maximum(plain, 0) / self.farthest[start:stop, None]
        weight = self.how[2]
        mixed = (1 - weight) * (1 - shared / (2 - shared)) + weight * plain
        return mixed.astype(np.float32, copy=False)

    def among(self, rows: NDArray[np.int64]) -> KReciprocal:
        """Re-rank the same queries in a part of the gallery."""
        return k_reciprocal(self.query, self.gallery[rows], *self.how)

    def shared(self, row: int) -> NDArray[np.float32]:
        """The overlap of a query's V with each gallery row's, step 6's m: (G,) in [0, 1]."""
        mine = slice(self.near_query.indptr[row], self.near_query.indptr[row + 1])
        column, value = self.near_query.indices[mine], self.near_query.data[mine]
        first = self.near_gallery.indptr[column]
        count = self.near_gallery.indptr[column + 1] - first
        place = np.repeat(first - np.cumsum(count) + count, count) + np.arange(count.sum())
        both = np.minimum(np.repeat(value, count), self.near_gallery.data[place])
        return np.bincount(self.near_gallery.indices[place], both, len(self.gallery)).astype(np.float32)


def k_reciprocal(
    query: Features,
    gallery: Features,
    k1: int = K1,
    k2: int = K2,
    weight: float = WEIGHT,
    device: str = "cpu",
) -> KReciprocal:
    """Prepare the re-ranking of a gallery for queries; the features are compared by Euclidean distance.

    query, gallery: (Q, D) and (G, D) float32, of length one for the cosine. Raises InputError for k1 or k2 below 1 and
    a weight beyond [0, 1].
    """
    for name, value in (("k1", k1), ("k2", k2)):
        if value < 1:
            raise InputError(f"re-ranking with {name}={value}", "at least 1", f"raise {name}")
    if not 0 <= weight <= 1:
        raise InputError(f"re-ranking with weight {weight}", "0 to 1", f"try {WEIGHT}")
    rows = np.concatenate([query, gallery])
    around = neighbours(rows, max(k1 + 1, k2), device)
    farthest = np.where(around.farthest > 0, around.farthest, 1).astype(np.float32)
    near = weighted(rows, around.nearest, farthest, k1)
    if k2 > 1:
        near = mean_of_nearest(near, around.nearest[:, :k2])
    split = len(query)
    return KReciprocal(query, gallery, farthest[:split], near[:split], near[split:].tocsc(), (k1, k2, weight, device))


def weighted(rows: Features, nearest: NDArray[np.int32], farthest: NDArray[np.float32], k1: int) -> Sparse:
    """Compute V before query expansion (steps 2 to 4): (N, N)."""
    each = reciprocal(nearest[:, : k1 + 1])
    half = reciprocal(nearest[:, : round(k1 / 2) + 1])
    squares, size = squared(rows), np.diff(half.indptr)
    blocks = []
    for start in range(0, len(rows), BLOCK):
        own = each[start : start + BLOCK]
        common = (own @ half).multiply(own).tocsr()  # |R(i) and R'(c)| for c in R(i); R' is symmetric
        common.data = (common.data > 2 / 3 * size[common.indices]).astype(np.float32)
        common.eliminate_zeros()
        wide = (own + common @ half).tocsr()
        i = np.repeat(np.arange(start, start + wide.shape[0]), np.diff(wide.indptr))
        distance = squares[i] + squares[wide.indices] - 2 * products(rows, i, wide.indices)
        value = np.exp(-np.maximum(distance, 0) / farthest[i])
        total = np.bincount(i - start, value, wide.shape[0])
        wide.data = (value / total[i - start]).astype(np.float32)
        blocks.append(wide)
    return vstack(blocks, format="csr")


def reciprocal(nearest: NDArray[np.int32]) -> Sparse:
    """Find the pairs that are among each other's nearest (N, k): ones in a symmetric (N, N) matrix."""
    forward = pattern(nearest)
    return forward.multiply(forward.T.tocsr()).tocsr()


def pattern(nearest: NDArray[np.int32], value: float = 1.0) -> Sparse:
    """A sparse (N, N) matrix with `value` at each row's nearest (N, k)."""
    count, k = nearest.shape
    data = np.full(count * k, value, np.float32)
    return csr_array((data, nearest.ravel(), np.arange(0, count * k + 1, k)), shape=(count, count))


def mean_of_nearest(near: Sparse, nearest: NDArray[np.int32]) -> Sparse:
    """Replace each row of V by the mean of its nearest rows (step 5, query expansion)."""
    return (pattern(nearest, 1 / nearest.shape[1]) @ near).tocsr()


def products(rows: Features, left: NDArray[np.int64], right: NDArray[np.integer]) -> NDArray[np.float32]:
    """Compute the inner product of each pair of rows, (M,)."""
    out = np.empty(len(left), np.float32)
    table, one, other = torch.from_numpy(rows), torch.from_numpy(left), torch.from_numpy(right.astype(np.int64))
    for start in range(0, len(left), PAIRS):
        pairs = slice(start, start + PAIRS)
        out[pairs] = torch.einsum("nd,nd->n", table[one[pairs]], table[other[pairs]]).numpy()
    return out


def squared(rows: Features) -> NDArray[np.float32]:
    """The squared length of each row."""
    return np.einsum("nd,nd->n", rows, rows)
