"""How fast is the soft silhouette, compared with the distances that it needs and with a plain dense version?

    python benchmarks/silhouette.py --json silhouette.json

One run times these, interleaved, for a batch of bodies, coarse and full, at 64x32 and 128x64:

* ours: forward and backward;
* floor: the bare distances from the same pixels to the same edges, already gathered, forward only;
* peer: the silhouette as one would first write it, every triangle against every pixel with autograd, in slices that fit
  memory. It is timed on one body, coarse at 64x32, and scaled up to the batch.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional
from torch.utils.checkpoint import checkpoint

from sameperson.models.silhouette import REACH, listed, of_batch, soft_silhouette
from sameperson.world.body.differentiable import LearnableBody
from sameperson.world.body.pose import sample_gait, walk

FAR = 6.0
"""Metres from the camera."""
SLICE = 128
"""Triangles that the dense peer takes at once."""


def projected(mesh: str, batch: int, size: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """Points (B, V, 2) of walking people seen from all around, and their triangles (F, 3)."""
    rng, module = np.random.default_rng(0), LearnableBody(mesh)
    betas = torch.from_numpy(rng.normal(0, 0.8, (batch, 32)).astype(np.float32))
    turns = walk(rng.uniform(0, 6, batch), [sample_gait(rng) for _ in range(batch)])
    with torch.no_grad():
        at = module(betas, turns).vertices
    angle = torch.linspace(0, 6, batch)[:, None]
    x = at[..., 0] * angle.cos() - at[..., 1] * angle.sin()
    depth = at[..., 0] * angle.sin() + at[..., 1] * angle.cos() + FAR
    focal = size[0] * FAR / 2.1
    flat = torch.stack([size[1] / 2 + focal * x / depth, size[0] / 2 - focal * at[..., 2] / depth], -1)
    return flat, module.triangles


def ours(points: Tensor, triangles: Tensor, size: tuple[int, int], sigma: float) -> tuple[Tensor, Tensor]:
    """Forward and backward: the silhouettes and the gradient of their squares."""
    leaf = points.clone().requires_grad_()
    image = soft_silhouette(leaf, triangles, size, sigma)
    image.square().sum().backward()
    assert leaf.grad is not None
    return image.detach(), leaf.grad


def dense_slice(corners: Tensor, pixels: Tensor, sigma: float) -> Tensor:
    """The logarithm of what corners (F, 3, 2) leave uncovered at pixels (P, 2)."""
    span = corners.roll(-1, 1) - corners
    away = pixels[:, None, None] - corners
    t = ((away * span).sum(-1) / span.square().sum(-1).clamp_min(1e-12)).clamp(0, 1)
    square = (away - t[..., None] * span).square().sum(-1).amin(-1)
    side = span[..., 0] * away[..., 1] - span[..., 1] * away[..., 0]
    inside = (side > 0).all(-1) | (side < 0).all(-1)
    return -functional.softplus(torch.where(inside, square, -square) / sigma).sum(1)


def dense(points: Tensor, triangles: Tensor, size: tuple[int, int], sigma: float) -> tuple[Tensor, Tensor]:
    """As `ours`, every triangle against every pixel, by autograd."""
    leaf = points.clone().requires_grad_()
    rows, columns = torch.meshgrid(torch.arange(size[0]), torch.arange(size[1]), indexing="ij")
    pixels = torch.stack([columns, rows], -1).view(-1, 2) + 0.5
    images = []
    for body in leaf:
        corners = body[triangles].split(SLICE)
        left = sum(checkpoint(dense_slice, part, pixels, sigma, use_reentrant=False) for part in corners)
        assert isinstance(left, Tensor)
        images.append(1 - left.exp().view(size))
    image = torch.stack(images)
    image.square().sum().backward()
    assert leaf.grad is not None
    return image.detach(), leaf.grad


def bare_distances(points: Tensor, triangles: Tensor, size: tuple[int, int], sigma: float) -> Callable[[], None]:
    """A job that measures each listed pixel from its triangle's three lines and ends, all inputs gathered before."""
    chunks = []
    for pairs in listed(points, of_batch(triangles, points), size, REACH * sigma**0.5):
        chunks.append((pairs.along + pairs.beyond, pairs.aside, pairs.length))

    def run() -> None:
        for ahead, aside, length in chunks:
            (ahead - torch.minimum(ahead, length).clamp_min_(0)).square_().addcmul_(aside, aside).amin(0)

    return run


def timed(job: Callable[[], Any]) -> float:
    """Seconds of this process' time, for other work on the machine should not count."""
    start = time.process_time()
    job()
    return time.process_time() - start


def main() -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--sigma", type=float, default=0.05, help="square pixels (default: %(default)s)")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--no-peer", action="store_true", help="leave out the dense evaluation, which takes a while")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()

    cases: list[dict[str, Any]] = []
    for mesh in ("coarse", "full"):
        for size in ((64, 32), (128, 64)):
            points, triangles = projected(mesh, options.batch, size)
            case = (points, triangles, size, options.sigma)
            floor, seconds = bare_distances(*case), []
            ours(*case)
            floor()
            for _ in range(options.runs):
                seconds.append((timed(lambda case=case: ours(*case)), timed(floor)))
            ours_s, floor_s = (statistics.median(values) for values in zip(*seconds, strict=True))
            row = {"mesh": mesh, "size": list(size), "ours_s": ours_s, "floor_s": floor_s, "peer_s": None}
            peer = "left out"
            if not options.no_peer and (mesh, size) == ("coarse", (64, 32)):
                one = (points[:1], *case[1:])
                row["peer_s"] = timed(lambda one=one: dense(*one)) * options.batch
                apart = [float((a - b).abs().max()) for a, b in zip(ours(*one), dense(*one), strict=True)]
                row["peer_differs_by"] = {"image": apart[0], "gradient": apart[1]}
                peer = f"{row['peer_s'] / ours_s:.0f} times ours, images within {apart[0]:.4f}"
            cases.append(row)
            print(
                f"{mesh} {size[0]}x{size[1]}, batch {options.batch}: ours {1e3 * ours_s:.1f} ms, "
                f"floor {1e3 * floor_s:.1f} ms, ours/floor {ours_s / floor_s:.1f}, peer {peer}"
            )
    if options.json:
        figures = {
            **{key: cases[0][key] for key in ("ours_s", "floor_s", "peer_s")},
            "sizes": {"batch": options.batch, "sigma": options.sigma},
            "runs": options.runs,
            "threads": torch.get_num_threads(),
            "cases": cases,
        }
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
