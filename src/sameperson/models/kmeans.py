"""k-means whose answer depends on the points and the generator alone, quick because a sample finds the centres.

torch only, on the points' device; k-means++ of Arthur and Vassilvitskii, SODA 2007.
"""

from __future__ import annotations

import torch
from torch import Tensor

CHUNK = 4096
"""Points that are compared with the centres at once: what that needs fits a cache, whatever the number of points."""
SAMPLE = 4096
"""Points among which the centres are sought before all are asked."""
STARTS = 3
"""How often they are sought there; the best is kept."""


def kmeans(points: Tensor, k: int, generator: torch.Generator, iterations: int = 20) -> Tensor:
    """The nearest of k centres for each point, the centres being the means of their points as far as they were moved.

    Args:
        points: (n, D) of any float type; compared as float32.
        k: how many clusters.
        generator: draws the sample and the first centres; any device's.
        iterations: how often the centres move at most, on the sample and again on all points.

    Returns:
        (n,) int64 in [0, k). A cluster is empty only where fewer than k points differ.
    """
    if k < 1 or not len(points):
        raise ValueError(f"{k} clusters of {len(points)} points")
    chosen = torch.randperm(len(points), generator=generator, device=generator.device)[:SAMPLE].sort().values
    sample = points[chosen.to(points.device)].float()
    starts = (lloyd(sample, plus_plus(sample, k, generator), iterations) for _ in range(STARTS))
    best = min(starts, key=lambda found: found[2])
    return best[1] if len(sample) == len(points) else lloyd(points, best[0], iterations)[1]


def plus_plus(points: Tensor, k: int, generator: torch.Generator) -> Tensor:
    """k of the points (n, D) float32 to start from, each drawn in proportion to its squared distance from those before.

    Returns (k, D).
    """
    squares = points.square().sum(1)
    nearest = torch.ones_like(squares)
    centres = points.new_empty(k, points.shape[1])
    for number in range(k):
        # The largest of w^(1/e), e exponential, is a draw by the weights w, without their cumulative sum.
        clock = torch.empty(len(points), device=generator.device).exponential_(generator=generator)
        drawn = (nearest / clock.to(points.device)).argmax()
        centres[number] = points[drawn]
        away = (squares + squares[drawn] - 2 * (points @ points[drawn])).clamp_min(0)
        nearest = away if number == 0 else torch.minimum(nearest, away)
    return centres


def lloyd(points: Tensor, centres: Tensor, iterations: int) -> tuple[Tensor, Tensor, float]:
    """Points to their nearest centre, centres to the mean of their points, until no point changes its centre.

    A centre that is nearest to none moves to the point that is farthest from its own.

    points: (n, D); centres: (k, D) float32. Returns the last centres, the (n,) int64 nearest of each point, and the sum
    of the squared distances to these.
    """
    numbers = torch.arange(len(centres), device=points.device)[:, None]
    labels, values, sums = _assign(points, centres, numbers)
    for _ in range(iterations):
        sizes = (labels == numbers).sum(1)
        centres = sums / sizes.clamp_min(1)[:, None]
        empty = (sizes == 0).nonzero().squeeze(1)[: len(points)]
        if len(empty):
            centres[empty] = points[(values * 2 + _squares(points)).topk(len(empty)).indices].float()
        before = labels
        labels, values, sums = _assign(points, centres, numbers)
        if torch.equal(labels, before):
            break
    return centres, labels, float((values * 2 + _squares(points)).sum(dtype=torch.float64))


def _assign(points: Tensor, centres: Tensor, numbers: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """For each point its nearest centre (n,), half its squared distance less half its own square (n,), and the sums of
    each centre's points (k, D)."""
    halves = centres.square().sum(1) / 2
    sums = torch.zeros_like(centres)
    labels, values = [], []
    for chunk in points.split(CHUNK):
        floats = chunk.float()
        value, label = torch.addmm(halves, floats, centres.t(), alpha=-1).min(1)
        sums += (label == numbers).float() @ floats
        labels.append(label)
        values.append(value)
    return torch.cat(labels), torch.cat(values), sums


def _squares(points: Tensor) -> Tensor:
    """(n, D) -> (n,) float32 squared lengths."""
    return torch.cat([chunk.float().square().sum(1) for chunk in points.split(CHUNK)])
