"""Cascaded clustering of ISP: find the foreground in one person's pictures, then cluster its pixels into parts.

Zhu et al., "Identity-Guided Human Semantic Parsing for Person Re-Identification", ECCV 2020, section 3.1. torch only,
on the maps' device. The same maps and the same generator give the same labels.
"""

from __future__ import annotations

import torch
from torch import Tensor

from sameperson.checks import InputError
from sameperson.models.kmeans import kmeans


def cluster_identity(maps: Tensor, parts: int, enhanced: bool, generator: torch.Generator) -> Tensor:
    """Cluster the pixels of one person's pictures into background and parts.

    Pixels with long features, over all pictures jointly, are the foreground. Their normalised features are clustered
    into `parts` clusters, which are numbered by their mean height, so that a number means the same for every person.

    Args:
        maps: (N, C, h, w) features of the person's N pictures, of any float type; quickest in channels-last layout.
        parts: the number of clusters of the foreground, 1 to 255.
        enhanced: enhance the norms of weak pixels first, so that weakly active belongings join the foreground.
        generator: draws the first centres.

    Returns:
        (N, h, w) uint8: 0 background, 1 (topmost) to `parts`; fewer where the foreground has fewer different pixels.

    Raises InputError for features that are not finite.
    """
    if not 0 < parts < 256:
        raise ValueError(f"{parts} parts; 1 to 255 fit a uint8 beside the background")
    with torch.no_grad(), torch.autocast(maps.device.type, enabled=False):
        norms = pixel_norms(maps)
        inside = foreground(norms, enhanced)
        labels = torch.zeros_like(inside, dtype=torch.uint8)
        _, rows, columns = inside.nonzero(as_tuple=True)
        if len(rows) <= parts:  # too few pixels to cluster: each is a part of its own
            labels[inside] = from_top(torch.arange(len(rows), device=rows.device), rows, columns, parts)
        else:
            clusters = kmeans(_directions(maps, norms, inside), parts, generator)
            labels[inside] = from_top(clusters, rows, columns, parts)
    return labels


def pixel_norms(maps: Tensor) -> Tensor:
    """Compute the lengths of pixel features (N, C, h, w) of any float type -> (N, h, w) float32.

    Raises InputError where one is not finite.
    """
    norms = maps.new_empty((len(maps), *maps.shape[2:]), dtype=torch.float32)
    ones = norms.new_ones(1, maps.shape[1])
    for one, norm in zip(maps, norms, strict=True):  # picture by picture, to fit the cache and copy only one
        if one.stride(0) == 1:
            torch.linalg.vector_norm(one.float(), dim=0, out=norm)
        else:
            norm.copy_((ones @ one.float().square().flatten(1)).view_as(norm).sqrt_())
    if not bool(norms.isfinite().all()):
        raise InputError("pixel features that are not finite", "finite ones", "lower optim.lr or set train.amp=none")
    return norms


def foreground(norms: Tensor, enhanced: bool) -> Tensor:
    """Find the pixels that show the person from the lengths of their features: (N, h, w) -> (N, h, w) bool.

    Each picture's lengths are divided by its largest, and two-means over all pictures split the pixels. A pixel whose
    feature is zero is background, and so is everything where all lengths are the same.
    """
    shares = norms / norms.amax((1, 2), keepdim=True).clamp_min(torch.finfo(norms.dtype).tiny)
    values = enhance(shares) if enhanced else shares
    return two_means(values.flatten()).view_as(norms) & (norms > 0)


def enhance(shares: Tensor) -> Tensor:
    """Enhance the norms n of weak pixels by sigmoid(10 n - 2): 0.2 becomes one half, and 0.4 and more nearly 1.

    >>> enhance(torch.tensor([0.0, 0.2, 1.0]))
    tensor([0.1192, 0.5000, 0.9997])
    """
    return torch.sigmoid(10 * shares - 2)


def two_means(values: Tensor) -> Tensor:
    """Split numbers into two clusters with the least sum of squared distances to their means (exact two-means).

    In sorted order the clusters are intervals, so that trying every threshold finds the optimum. It is Otsu's method
    on the values themselves instead of a histogram.

    Args:
        values: (n,) finite floats.

    Returns:
        (n,) bool, True for the cluster with the larger mean; all False where all values are the same. Of two equally
        good thresholds the lower one is taken.
    """
    host = values.detach().to("cpu", torch.float64)  # on accelerators cumulative sums have no fixed order
    if len(host) < 2:
        return torch.zeros_like(values, dtype=torch.bool)
    ordered = host.sort().values
    # Centred values sum to 0, so with s the sum below a threshold the spread between is s^2 (1/below + 1/above).
    centred = ordered - ordered.mean()
    below = torch.arange(1, len(host), dtype=torch.float64)
    spread = centred.cumsum(0)[:-1].square() * (1 / below + 1 / (len(host) - below))
    spread[ordered[1:] == ordered[:-1]] = -1.0  # no threshold lies between equal values
    best = int(spread.argmax())
    if ordered[best + 1] == ordered[best]:
        return torch.zeros_like(values, dtype=torch.bool)
    return values >= ordered[best + 1].to(values)


def from_top(clusters: Tensor, rows: Tensor, columns: Tensor, parts: int) -> Tensor:
    """Renumber clusters by the mean row of their pixels, 1 the topmost; at one height from left to right.

    clusters, rows, columns: (n,) int64, clusters in [0, parts). Returns (n,) uint8; clusters without pixels get no
    number.
    """
    members = torch.nn.functional.one_hot(clusters, parts).to(torch.float64)
    sizes = members.sum(0)
    sums = torch.stack([rows, columns]).to(torch.float64) @ members
    row, column = (sums / sizes.clamp_min(1)).masked_fill(sizes == 0, float("inf")).tolist()
    order = sorted(range(parts), key=lambda cluster: (row[cluster], column[cluster]))
    numbers = torch.empty(parts, dtype=torch.uint8)
    numbers[order] = torch.arange(1, parts + 1, dtype=torch.uint8)
    return numbers.to(clusters.device)[clusters]


def _directions(maps: Tensor, norms: Tensor, inside: Tensor) -> Tensor:
    """The features of the foreground's pixels as unit vectors (n, C), picture by picture; no other pixel is copied."""
    if maps.stride(1) == 1:
        vectors = maps.permute(0, 2, 3, 1)[inside]
    else:
        wanted = [where.flatten().nonzero().squeeze(1) for where in inside]
        pieces = [one.flatten(1).index_select(1, where) for one, where in zip(maps, wanted, strict=True)]
        vectors = torch.cat(pieces, 1).t()
    return vectors.div_(norms[inside].to(vectors.dtype)[:, None])
