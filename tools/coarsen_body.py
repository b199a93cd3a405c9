"""Simplify the skin mesh of the built-in body for training -> src/sameperson/world/body/assets/coarse_v1.npz.

    python tools/coarsen_body.py [OUT.npz]

Run it again whenever the body's asset gets other triangles or another order of vertices. It simplifies by half-edge
collapses (Garland and Heckbert's quadric error, SIGGRAPH 1997, each edge shrunk onto one of its ends). The result is a
subset of the body's own vertices, so that every table of the body still applies, and it is closed, as the skin is. The
error is summed over several bodies in several poses, so that elbows, knees and hips keep the vertices that they bend
with. At the end it prints how well silhouettes of other bodies in other poses agree with those of the full skin.
"""

from __future__ import annotations

import argparse
import heapq
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from sameperson.models.silhouette import soft_silhouette
from sameperson.world.body.model import SKIN, Body, load_body
from sameperson.world.body.pose import Gait, sample_gait, walk

Array = NDArray[np.float64]
OUT = Path(__file__).parents[1] / "src/sameperson/world/body/assets/coarse_v1.npz"
VERTICES = 1230
"""As many as make 2,456 triangles."""
SHAPES = 5
"""Bodies that the error is summed over."""
EVENNESS = 3e-4
"""What an edge's length counts beside the quadric error, so that flat parts keep well-shaped triangles."""
LEAST_COSINE = 0.2
"""No triangle may turn further than this in one collapse."""


def posed(body: Body, rng: np.random.Generator, count: int, spread: float) -> Array:
    """Skins (count, V, 3) of random people at moments of a walk; the first one is the mean body at rest."""
    betas = torch.from_numpy(rng.normal(0, spread, (count, 32)).astype(np.float32))
    betas[0] = 0
    turns = walk(rng.uniform(0, 2 * np.pi, count), [Gait(), *(sample_gait(rng) for _ in range(count - 1))])
    turns[0] = torch.eye(3)
    with torch.no_grad():
        rest = body.rest(betas)
        skins = body.skin(rest, body.joints(rest), turns)
    return skins[:, : body.body_vertices].numpy().astype(np.float64)


class Collapse:
    """A closed triangle mesh in K shapes that shrinks one vertex at a time."""

    def __init__(self, shapes: Array, triangles: NDArray[np.int64]) -> None:
        self.at = np.concatenate([shapes, np.ones((*shapes.shape[:2], 1))], 2).transpose(1, 0, 2).copy()  # (V, K, 4)
        self.faces = triangles.tolist()
        self.of: list[set[int]] = [set() for _ in self.at]
        for number, face in enumerate(self.faces):
            for corner in face:
                self.of[corner].add(number)
        a, b, c = (shapes[:, triangles[:, k]] for k in range(3))
        across = np.cross(b - a, c - a)
        double = np.linalg.norm(across, axis=-1, keepdims=True)
        plane = np.concatenate([across, -(across * a).sum(-1, keepdims=True)], -1) / np.maximum(double, 1e-12)
        quadric = (plane[..., :, None] * plane[..., None, :] * double[..., None]).transpose(1, 0, 2, 3)
        self.quadric = np.zeros((len(self.at), *quadric.shape[1:]))
        self.area = np.zeros(len(self.at))
        for k in range(3):
            np.add.at(self.quadric, triangles[:, k], quadric)
            np.add.at(self.area, triangles[:, k], double[0, :, 0])
        self.stamp = [0] * len(self.at)
        self.heap: list[tuple[float, int, int, int]] = []

    def around(self, vertex: int) -> set[int]:
        """The vertices one edge away."""
        return {corner for face in self.of[vertex] for corner in self.faces[face]} - {vertex}

    def offer(self, gone: int, kept: int) -> None:
        """Note what it would cost to move `gone` onto `kept`."""
        place = self.at[kept]
        error = np.einsum("ki,kij,kj->", place, self.quadric[gone] + self.quadric[kept], place)
        length = ((self.at[gone, 0] - place[0]) ** 2).sum()
        cost = float(error + EVENNESS * len(place) * self.area[gone] * length)
        heapq.heappush(self.heap, (cost, gone, kept, self.stamp[gone] + self.stamp[kept]))

    def allowed(self, gone: int, kept: int) -> bool:
        """Whether the mesh stays closed and no triangle turns over."""
        if len(self.around(gone) & self.around(kept)) != 2:
            return False
        for face in self.of[gone] - self.of[kept]:
            before = self.at[self.faces[face], 0, :3]
            after = self.at[[kept if corner == gone else corner for corner in self.faces[face]], 0, :3]
            one, two = (np.cross(p[1] - p[0], p[2] - p[0]) for p in (before, after))
            if one @ two < LEAST_COSINE * np.linalg.norm(one) * np.linalg.norm(two) or not two.any():
                return False
        return True

    def to(self, vertices: int) -> NDArray[np.int64]:
        """Collapse until so many vertices are left; returns the triangles."""
        left = len(self.at)
        for vertex in range(left):
            for other in self.around(vertex):
                self.offer(vertex, other)
        while left > vertices:
            _, gone, kept, stamp = heapq.heappop(self.heap)
            if not self.of[gone] or not self.of[kept] or stamp != self.stamp[gone] + self.stamp[kept]:
                continue
            if not self.allowed(gone, kept):
                continue
            for face in self.of[gone] & self.of[kept]:
                for corner in set(self.faces[face]) - {gone}:
                    self.of[corner].discard(face)
            for face in self.of[gone] - (self.of[gone] & self.of[kept]):
                if kept not in self.faces[face]:
                    self.faces[face] = [kept if corner == gone else corner for corner in self.faces[face]]
                    self.of[kept].add(face)
            self.of[gone] = set()
            self.quadric[kept] += self.quadric[gone]
            self.area[kept] += self.area[gone]
            self.stamp[kept] += 1
            left -= 1
            for other in self.around(kept):
                self.offer(kept, other)
                self.offer(other, kept)
        return np.array([self.faces[number] for number in sorted(set().union(*self.of))])


def agreement(skins: Array, triangles: NDArray[np.int64], index: NDArray[np.int64], coarse: NDArray[np.int64]) -> float:
    """Mean intersection over union of the two meshes' silhouettes, seen from all around at 256x128."""
    scores = []
    for k, skin in enumerate(skins):
        angle = 2 * np.pi * k / len(skins)
        flat = np.stack([skin[:, 0] * np.cos(angle) + skin[:, 1] * np.sin(angle), -skin[:, 2]], 1)
        flat = torch.from_numpy((flat - flat.min(0)) * 250 / np.ptp(flat[:, 1]))[None]
        full = soft_silhouette(flat, torch.from_numpy(triangles), (256, 128), 1e-4) > 0.5
        thin = soft_silhouette(flat[:, index], torch.from_numpy(coarse), (256, 128), 1e-4) > 0.5
        scores.append(float((full & thin).sum() / (full | thin).sum()))
    return float(np.mean(scores))


def main() -> None:
    """Thin out, write, tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, nargs="?", default=OUT, metavar="OUT.npz")
    options = parser.parse_args()
    body, rng = load_body(), np.random.default_rng(0)
    skin = body.triangles[body.layers == SKIN].astype(np.int64)
    left = Collapse(posed(body, rng, SHAPES, 0.7), skin).to(VERTICES)
    index, triangles = np.unique(left, return_inverse=True)
    triangles = triangles.reshape(-1, 3)
    np.savez_compressed(
        options.out,
        index=index.astype(np.int32),
        triangles=triangles.astype(np.int32),
        of=np.int32(body.body_vertices),
    )
    others = posed(body, np.random.default_rng(1), 12, 0.7)
    print(f"{options.out}: {len(index)} vertices, {len(triangles)} triangles of {len(skin)}")
    score = agreement(others, skin, index, triangles)
    print(f"silhouettes of 12 other bodies agree with the full skin's: IoU {score:.4f}")


if __name__ == "__main__":
    main()
