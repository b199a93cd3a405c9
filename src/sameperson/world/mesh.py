"""Triangle meshes in numpy: normals, smoothing, neighbourhoods, and the meshes that garments are cut from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Ints = NDArray[np.int32]
Flags = NDArray[np.bool_]


def normals(points: Floats, triangles: Ints) -> Floats:
    """Unit vertex normals (N, 3), each triangle weighted by its area."""
    a, b, c = (points[triangles[:, k]] for k in range(3))
    across = np.cross(b - a, c - a)
    total = np.zeros_like(points)
    for k in range(3):
        for axis in range(3):
            total[:, axis] += np.bincount(triangles[:, k], across[:, axis], len(points)).astype(np.float32)
    return total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-12)


@dataclass(frozen=True, eq=False)
class Patch:
    """A part of the body's mesh. source: (N,) its vertices among the body's, ascending; triangles: (T, 3)."""

    source: Ints
    triangles: Ints

    @cached_property
    def edges(self) -> Ints:
        """(E, 2) each edge once."""
        pairs = np.concatenate([self.triangles[:, [0, 1]], self.triangles[:, [1, 2]], self.triangles[:, [2, 0]]])
        return np.unique(np.sort(pairs, 1), axis=0)

    def mean_of_neighbours(self, values: Floats) -> Floats:
        """(N, D) -> (N, D) the mean over the vertices one edge away; a lone vertex keeps its own value."""
        one, two = self.edges.T
        count = len(values)
        degree = np.bincount(self.edges.ravel(), minlength=count)
        total = np.stack(
            [np.bincount(one, column[two], count) + np.bincount(two, column[one], count) for column in values.T], 1
        )
        lone = degree == 0
        return np.where(lone[:, None], values, total / np.maximum(degree, 1)[:, None]).astype(np.float32)

    def smooth(self, values: Floats, rounds: int) -> Floats:
        """Laplacian smoothing of per-vertex values (N, D)."""
        for _ in range(rounds):
            values = 0.5 * (values + self.mean_of_neighbours(values))
        return values

    def grow(self, chosen: Flags, rings: int) -> Flags:
        """The vertices at most `rings` edges from a chosen one."""
        one, two = self.edges.T
        for _ in range(rings):
            wider = chosen.copy()
            wider[one[chosen[two]]] = True
            wider[two[chosen[one]]] = True
            chosen = wider
        return chosen

    def within(self, kept: Flags) -> Patch:
        """The triangles whose corners are all kept, and the vertices they use."""
        triangles = self.triangles[np.all(kept[self.triangles], axis=1)]
        used, renumbered = np.unique(triangles, return_inverse=True)
        return Patch(self.source[used], renumbered.reshape(-1, 3).astype(np.int32))


def patch_of(triangles: Ints) -> Patch:
    """Triangles of the body as a patch of their own."""
    source, renumbered = np.unique(triangles, return_inverse=True)
    return Patch(source.astype(np.int32), renumbered.reshape(-1, 3).astype(np.int32))
