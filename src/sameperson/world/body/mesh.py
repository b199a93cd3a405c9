"""Triangle meshes in numpy: normals, smoothing, neighbourhoods, and the meshes that garments are cut from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

Floats = NDArray[np.floating]
Ints = NDArray[np.int32]
Flags = NDArray[np.bool_]


def normals(points: Floats, triangles: Ints) -> Floats:
    """Compute unit vertex normals (N, 3), each triangle weighted by its area."""
    a, b, c = (points[triangles[:, k]] for k in range(3))
    across = np.cross(b - a, c - a)
    total = np.zeros_like(points)
    for k in range(3):
        for axis in range(3):
            total[:, axis] += np.bincount(triangles[:, k], across[:, axis], len(points)).astype(np.float32)
    return total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-12)


@dataclass(frozen=True, eq=False)
class Patch:
    """A part of the body's mesh.

    source: (N,) the numbers of its vertices in the body's mesh, ascending; triangles: (T, 3), in numbers of the part.
    """

    source: Ints
    triangles: Ints

    @cached_property
    def edges(self) -> Ints:
        """The edges (E, 2) of the triangles, each edge once."""
        pairs = np.concatenate([self.triangles[:, [0, 1]], self.triangles[:, [1, 2]], self.triangles[:, [2, 0]]])
        low, high, count = pairs.min(1).astype(np.int64), pairs.max(1), len(self.source)
        once = np.unique(low * count + high)
        return np.stack([once // count, once % count], 1).astype(np.int32)

    @cached_property
    def averaging(self) -> csr_array:
        """The matrix (N, N) that averages values over neighbouring vertices.

        A vertex without neighbours keeps its value.
        """
        one, two = self.edges.T
        count = len(self.source)
        degree = np.bincount(self.edges.ravel(), minlength=count)
        lone = np.flatnonzero(degree == 0)
        row, column = np.concatenate([one, two, lone]), np.concatenate([two, one, lone])
        weight = (1 / np.maximum(degree, 1))[row].astype(np.float32)
        return csr_array((weight, (row, column)), shape=(count, count))

    def smooth(self, values: Floats, rounds: int) -> Floats:
        """Smooth per-vertex values (N, D) by Laplacian smoothing."""
        for _ in range(rounds):
            values = 0.5 * (values + self.averaging @ values)
        return values

    def dilate(self, chosen: Flags, rings: int) -> Flags:
        """The vertices at most `rings` edges from a chosen one."""
        one, two = self.edges.T
        for _ in range(rings):
            wider = chosen.copy()
            wider[one[chosen[two]]] = True
            wider[two[chosen[one]]] = True
            chosen = wider
        return chosen

    def submesh(self, kept: Flags) -> Patch:
        """The part that has only the triangles whose corners are all kept."""
        used, triangles = compact_vertices(self.triangles[np.all(kept[self.triangles], axis=1)], len(self.source))
        return Patch(self.source[used], triangles)


def patch_of(triangles: Ints) -> Patch:
    """Make a patch of some of the body's triangles (T, 3)."""
    return Patch(*compact_vertices(triangles, int(triangles.max()) + 1))


def compact_vertices(triangles: Ints, count: int) -> tuple[Ints, Ints]:
    """Renumber triangles (T, 3) so that only the vertices in use count.

    Returns which of the `count` vertices are used, ascending, and the triangles in numbers of those.
    """
    used = np.zeros(count, bool)
    used[triangles] = True
    number = np.cumsum(used, dtype=np.int32) - 1
    return np.flatnonzero(used).astype(np.int32), number[triangles].astype(np.int32)
