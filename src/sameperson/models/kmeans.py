"""k-means whose answer depends on the points and the generator alone, quick because a sample finds the centres.

torch only, on the points' device; k-means++ of Arthur and Vassilvitskii, SODA 2007.
"""

from __future__ import annotations

import torch
from torch import Tensor

CHUNK = 2048
"""Points that are compared with the centres at once: what that needs fits a cache, whatever the number of points."""
SAMPLE = 1024
"""Points among which the centres are sought before all are asked."""
STARTS = 8
"""How often they are sought there."""
JUDGES = 8192
"""Points by which the best of them is chosen."""
STILL = 1000
"""One point in so many may change its centre in what counts as standing still."""


def kmeans(points: Tensor, k: int, generator: torch.Generator, iterations: int = 20) -> Tensor:
    """The nearest of k centres for each point, the centres being the means of their points as far as they were moved.

    Args:
        points: (n, D) of any float type; compared as float32.
        k: how many clusters.
        generator: draws the sample and the first centres; any device's.
        iterations: how often the centres move at most, on the sample and again on all points.

    Returns:
        (n,) int64 in [0, k). Where fewer than k points differ some clusters are empty.
    """
    if k < 1 or not len(points):
        raise ValueError(f"{k} clusters of {len(points)} points")
    shuffled = torch.randperm(len(points), generator=generator, device=generator.device)
    judges = points[shuffled[:JUDGES].to(points.device)].float()
    sample = judges[:SAMPLE]
    centres, _, _ = lloyd(sample, plus_plus(sample, k, STARTS, generator), iterations)
    best = int(lloyd(judges, centres, 0)[2].argmin())
    return lloyd(points, centres[best : best + 1], iterations)[1][:, 0]


def plus_plus(points: Tensor, k: int, starts: int, generator: torch.Generator) -> Tensor:
    """k of the points (n, D) float32 to start from, each drawn in proportion to its squared distance from those before.

    Returns (starts, k, D), each start drawn by itself.
    """
    squares = points.square().sum(1)
    nearest = points.new_ones(starts, len(points))
    centres = points.new_empty(starts, k, points.shape[1])
    for number in range(k):
        # The first clock to ring, at rates w, is a draw by the weights w that needs no cumulative sum.
        clocks = torch.empty(nearest.shape, device=generator.device).exponential_(generator=generator)
        drawn = (nearest / clocks.to(points.device)).argmax(1)
        centres[:, number] = points[drawn]
        away = (squares + squares[drawn, None] - 2 * (points[drawn] @ points.t())).clamp_min(0)
        nearest = away if number == 0 else torch.minimum(nearest, away)
    return centres


def lloyd(points: Tensor, centres: Tensor, iterations: int) -> tuple[Tensor, Tensor, Tensor]:
    """Points to their nearest centre, centres to the mean of their points, until the points stand still.

    A centre that is nearest to none moves to the point that is farthest from its own.

    Args:
        points: (n, D).
        centres: (R, k, D) float32, R sets of centres that move side by side.
        iterations: how often they move at most.

    Returns:
        The moved centres (R, k, D), which of each set is nearest to each point (n, R) int64, and the sums of the
        squared distances to these (R,) float64.
    """
    squares = torch.cat([chunk.float().square().sum(1) for chunk in points.split(CHUNK)])
    labels, away, sums, sizes = _assign(points, squares, centres)
    for _ in range(iterations):
        centres = sums / sizes.clamp_min(1)[..., None]
        for start in (sizes == 0).any(1).nonzero().flatten().tolist():
            empty = (sizes[start] == 0).nonzero().flatten()[: len(points)]
            centres[start, empty] = points[away[:, start].topk(len(empty)).indices].float()
        before = labels
        labels, away, sums, sizes = _assign(points, squares, centres)
        if int((labels != before).sum()) <= labels.numel() // STILL:
            break
    return centres, labels, away.sum(0, dtype=torch.float64)


def _assign(points: Tensor, squares: Tensor, centres: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Each point's nearest centre and squared distance to it, both (n, R); each centre's sum (R, k, D) and size (R, k).

    squares: (n,) float32, the points' squared lengths.
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
        sums += members.t() @ floats  # in a fixed order, which an accelerator's index_add has not
        sizes += members.sum(0)
        labels.append(label)
        values.append(value)
    away = torch.cat(values).mul_(2).add_(squares[:, None])
    return torch.cat(labels), away, sums.view_as(centres), sizes.view(starts, k)
