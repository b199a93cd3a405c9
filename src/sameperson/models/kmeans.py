"""Clustering by k-means with k-means++ starts (Arthur and Vassilvitskii, SODA 2007).

torch only, on the points' device. The result depends on the points and the generator alone. It is fast because the
centres are first found on a sample of the points and then moved on all of them.
"""

from __future__ import annotations

import torch
from torch import Tensor

CHUNK = 2048
"""Points that are compared with the centres at once, few enough to fit a processor's cache."""
SAMPLE = 1024
"""Points of the sample on which each start is run first."""
STARTS = 8
"""Number of k-means++ starts on the sample."""
HELD_OUT = 8192
"""Points on which the starts are compared; the one with the least squared distances is kept."""
STILL = 1000
"""The iteration has converged when at most one point in so many changes its centre."""


def kmeans(points: Tensor, k: int, generator: torch.Generator, iterations: int = 20) -> Tensor:
    """Cluster the points into k clusters, and return the cluster of each point.

    Args:
        points: (n, D) of any float type; compared as float32.
        k: how many clusters.
        generator: draws the sample and the first centres; any device's.
        iterations: how often the centres move at most, on the sample and again on all points.

    Returns:
        (n,) int64 in [0, k): the nearest centre of each point. Where fewer than k points differ some clusters are
        empty.
    """
    if k < 1 or not len(points):
        raise ValueError(f"{k} clusters of {len(points)} points")
    shuffled = torch.randperm(len(points), generator=generator, device=generator.device)
    held_out = points[shuffled[:HELD_OUT].to(points.device)].float()
    sample = held_out[:SAMPLE]
    centres, _, _ = lloyd(sample, plus_plus(sample, k, STARTS, generator), iterations)
    best = int(lloyd(held_out, centres, 0)[2].argmin())
    return lloyd(points, centres[best : best + 1], iterations)[1][:, 0]


def plus_plus(points: Tensor, k: int, starts: int, generator: torch.Generator) -> Tensor:
    """Draw k of the points as first centres, each with a probability proportional to its squared distance.

    The distance is that from the point to the nearest centre drawn before.

    points: (n, D) float32. Returns (starts, k, D), each start drawn independently.
    """
    squares = points.square().sum(1)
    nearest = points.new_ones(starts, len(points))
    centres = points.new_empty(starts, k, points.shape[1])
    for number in range(k):
        # The smallest of exponential times with rates w is a draw by the weights w that needs no cumulative sum.
        times = torch.empty(nearest.shape, device=generator.device).exponential_(generator=generator)
        drawn = (nearest / times.to(points.device)).argmax(1)
        centres[:, number] = points[drawn]
        distances = (squares + squares[drawn, None] - 2 * (points[drawn] @ points.t())).clamp_min(0)
        nearest = distances if number == 0 else torch.minimum(nearest, distances)
    return centres


def lloyd(points: Tensor, centres: Tensor, iterations: int) -> tuple[Tensor, Tensor, Tensor]:
    """Lloyd's iteration: assign points to their nearest centre, move centres to the mean of their points, repeat.

    It ends when hardly any point changes its centre (`STILL`). A centre without points moves to the point that is
    farthest from its own centre.

    Args:
        points: (n, D).
        centres: (R, k, D) float32, R sets of centres that move independently.
        iterations: how often they move at most.

    Returns:
        The moved centres (R, k, D), which of each set is nearest to each point (n, R) int64, and the sums of the
        squared distances to these (R,) float64.
    """
    squares = torch.cat([chunk.float().square().sum(1) for chunk in points.split(CHUNK)])
    labels, distances, sums, sizes = _assign(points, squares, centres)
    for _ in range(iterations):
        centres = sums / sizes.clamp_min(1)[..., None]
        for start in (sizes == 0).any(1).nonzero().flatten().tolist():
            empty = (sizes[start] == 0).nonzero().flatten()[: len(points)]
            centres[start, empty] = points[distances[:, start].topk(len(empty)).indices].float()
        before = labels
        labels, distances, sums, sizes = _assign(points, squares, centres)
        if int((labels != before).sum()) <= labels.numel() // STILL:
            break
    return centres, labels, distances.sum(0, dtype=torch.float64)


def _assign(points: Tensor, squares: Tensor, centres: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Assign each point to its nearest centre.

    squares: (n,) float32, the points' squared lengths. Returns each point's nearest centre and squared distance to it,
    both (n, R), and the sum (R, k, D) and number (R, k) of each centre's points.
    """
    starts, k, _ = centres.shape
    numbers = torch.arange(k, device=points.device)
    flat = centres.flatten(0, 1)
    halves = flat.square().sum(1) / 2
    sums, sizes, labels, values = torch.zeros_like(flat), torch.zeros_like(halves), [], []
    for chunk in points.split(CHUNK):
        floats = chunk.float()
        value, label = torch.addmm(halves, floats, flat.t(), alpha=-1).view(-1, starts, k).min(2)
        members = (label[..., None] == numbers).flatten(1).to(floats.dtype)
        sums += members.t() @ floats  # sums in a fixed order; index_add on an accelerator does not
        sizes += members.sum(0)
        labels.append(label)
        values.append(value)
    distances = torch.cat(values).mul_(2).add_(squares[:, None])
    return torch.cat(labels), distances, sums.view_as(centres), sizes.view(starts, k)
