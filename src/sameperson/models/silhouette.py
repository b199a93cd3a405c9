"""A differentiable soft silhouette of projected triangles.

It is SoftRas's probabilistic union (Liu et al., ICCV 2019, eqs. 1 and 3). Only pairs of a triangle and a pixel within
its reach are computed. They are listed, processed in chunks that fit a core's cache, and summed with `index_add`, so
plain torch needs no kernel of its own and works on any device and in float64 too. The backward pass is written by hand:
it keeps eight numbers for a pair, where autograd would keep a hundred. On a CPU sums have a fixed order and repeat to
the bit; on a GPU `torch.use_deterministic_algorithms(True)` gives them one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

SIGMA = 0.02
"""Blur of a triangle's edge, in square pixels."""
REACH = 3.0
"""Standard deviations of its blurred edge at which a triangle ends. Its coverage there (a ten-thousandth) is subtracted
everywhere, so that the silhouette stays continuous."""
CHUNK = 1 << 15
"""Pairs of a triangle and a pixel that are processed at once."""
TINY = 1e-12


def soft_silhouette(points: Tensor, triangles: Tensor, size: tuple[int, int], sigma: float = SIGMA) -> Tensor:
    """Render the soft silhouette: how much triangles cover each pixel, (B, H, W) in [0, 1].

    It is differentiable in `points`.

    points: (B, V, 2) x and y in pixels, 0 at the left and top edge of the first pixel. triangles: (F, 3) integers,
    wound either way. size: (H, W). sigma: square pixels; a triangle covers a pixel by sigmoid(+-d^2 / sigma), d the
    distance from the pixel's middle to its outline, + inside. The union of triangles smaller than a pixel swells: a
    body of 2,456 covers 7 % more than its hard mask at 64x32 and 2 % at 128x64 with 0.02, and 13 % and 5 % with 0.05.

    Raises ValueError for a sigma not above 0.
    """
    if not sigma > 0:
        raise ValueError(f"sigma {sigma}: must be above 0")
    left: Any = Uncovered.apply(points, triangles, size, sigma)
    return 1 - torch.exp(left)


class Uncovered(torch.autograd.Function):
    """The logarithm (B, H, W) of the probability that no triangle covers a pixel, as a sum over pairs."""

    @staticmethod
    def forward(ctx: Any, points: Tensor, triangles: Tensor, size: tuple[int, int], sigma: float) -> Tensor:
        """Sum -softplus(u) over the triangles near each pixel, with u = +-d^2 / sigma."""
        corners = of_batch(triangles, points)
        total = points.new_zeros(len(points) * size[0] * size[1])
        rest = functional.softplus(points.new_tensor(-(REACH**2)))
        kept: list[Tensor] = [corners]
        for pairs in listed(points.detach(), corners, size, REACH * sigma**0.5):
            u = (pairs.signed() / sigma).clamp_min_(-(REACH**2))
            total.index_add_(0, pairs.pixel, rest - functional.softplus(u))
            if ctx.needs_input_grad[0]:
                slope = torch.sigmoid(u) * torch.sign(u) * (u > -(REACH**2)) * (2 / sigma)
                kept += [pairs.triangle, pairs.pixel, pairs.pull(slope)]
        ctx.shape = points.shape
        ctx.save_for_backward(*kept)
        return total.view(len(points), *size)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        """Sum gradients over the pairs of each triangle, then over the triangles of each point."""
        upstream = grads[0].reshape(-1)
        corners, *kept = ctx.saved_tensors
        per_triangle = upstream.new_zeros(corners.shape[1], 6)
        for triangle, pixel, pull in zip(kept[::3], kept[1::3], kept[2::3], strict=True):
            per_triangle.index_add_(0, triangle, pull * upstream.index_select(0, pixel)[:, None])
        result = upstream.new_zeros(ctx.shape).view(-1, 2)
        for corner, pull in zip(corners, per_triangle.view(-1, 2, 3).unbind(2), strict=True):
            result.index_add_(0, corner, pull)
        return result.view(ctx.shape), None, None, None


@dataclass(frozen=True, eq=False)
class Pairs:
    """N pairs of a triangle and a pixel near it.

    triangle: (N,) among B * F; pixel: (N,) among B * H * W. The others are for each edge of the triangle, (3, N):
    x and y: its direction as a unit vector; length: its length; along: how far along its line the pixel's middle lies,
    clamped to 0 to length; beyond: how far it lies outside that range; aside: its distance from the line, positive on
    the inner side.
    """

    triangle: Tensor
    pixel: Tensor
    x: Tensor
    y: Tensor
    length: Tensor
    along: Tensor
    beyond: Tensor
    aside: Tensor

    def squares(self) -> Tensor:
        """The squared distances to the three edges: (3, N)."""
        return torch.addcmul(self.beyond.square(), self.aside, self.aside)

    def signed(self) -> Tensor:
        """The signed squared distance to the outline, negative outside: (N,)."""
        square = self.squares().amin(0)
        return torch.where(self.aside.amin(0) > 0, square, -square)

    def pull(self, slope: Tensor) -> Tensor:
        """The gradient with respect to the corners, (N, 6): x of the three corners, then y; scaled by slope (N,).

        For the outline's nearest point, at the share t of the edge from a to b, it is
        d(d^2) = -2 gap ((1 - t) da + t db), where gap leads from that point to the pixel.
        """
        first, second, third = self.squares()
        one = first <= torch.minimum(second, third)
        two = ~one & (second <= third)
        slope = slope * torch.stack([one, two, ~(one | two)])
        t = self.along / self.length.clamp_min(TINY)
        moves = []
        for gap in (self.beyond * self.x - self.aside * self.y, self.beyond * self.y + self.aside * self.x):
            total = slope * gap
            at_end = total * t
            moves += [total - at_end + at_end.roll(1, 0)]
        return torch.cat(moves).T.contiguous()


def of_batch(triangles: Tensor, points: Tensor) -> Tensor:
    """The corners (3, B * F) of the triangles of the whole batch among its B * V points, all wound the same way."""
    bodies = torch.arange(len(points), device=points.device)[:, None, None]
    corners = (triangles.long() + points.shape[1] * bodies).view(-1, 3).T.contiguous()
    one, two, three = points.detach().reshape(-1, 2)[corners].unbind(0)
    (x, y), (z, w) = (two - one).T, (three - one).T
    return torch.where(x * w < y * z, corners[[0, 2, 1]], corners)


def listed(points: Tensor, corners: Tensor, size: tuple[int, int], reach: float) -> Iterator[Pairs]:
    """List each triangle with every pixel of its bounding box, which is `reach` wider on each side, in chunks."""
    height, width = size
    at = points.reshape(-1, 2).T.contiguous()[:, corners]  # (2, 3, B * F)
    span = at.roll(-1, 1) - at
    length = span.square().sum(0).sqrt()
    low = (at.amin(1) - reach - 0.5).ceil().clamp_min(0)
    high = torch.minimum((at.amax(1) + reach - 0.5).floor() + 1, at.new_tensor([width, height])[:, None])
    across, down = (high - low).clamp_min(0).nan_to_num(0).long()
    area = torch.where(length.amax(0) > 0, across * down, 0)  # three corners in one place cover nothing
    left, top = torch.where(area > 0, low, 0).long()
    body = torch.arange(len(points), device=points.device).repeat_interleave(corners.shape[1] // len(points))
    windows = torch.stack([area.cumsum(0) - area, across, (body * height + top) * width + left])

    ahead = at.new_tensor([1.0, 0.0])[:, None, None]  # an edge without length may point anywhere
    direction = torch.where(length > TINY, span / length.clamp_min(TINY), ahead)
    away = low[:, None] + 0.5 - at  # from an edge's start to the middle of the window's first pixel
    edges = torch.cat([*direction, length, (away * direction).sum(0), direction[0] * away[1] - direction[1] * away[0]])
    which = torch.repeat_interleave(area)
    for begin in range(0, len(which), CHUNK):
        triangle = which[begin : begin + CHUNK]
        before, columns, first = windows.index_select(1, triangle)
        within = torch.arange(begin, begin + len(triangle), device=points.device) - before
        row = torch.div(within, columns, rounding_mode="floor")
        column = within - row * columns
        right, below = column.to(at.dtype), row.to(at.dtype)
        x, y, length, ahead, aside = edges.index_select(1, triangle).view(5, 3, -1)
        ahead = torch.addcmul(ahead, x, right).addcmul_(y, below)
        along = torch.minimum(ahead, length).clamp_min_(0)
        aside = torch.addcmul(aside, x, below).addcmul_(y, right, value=-1)
        pixel = torch.add(first, row, alpha=width) + column
        yield Pairs(triangle, pixel, x, y, length, along, ahead - along, aside)
