"""The soft silhouette against a naive loop, finite differences and the hard mask."""

import math

import numpy as np
import pytest
import torch

from sameperson.models.silhouette import REACH, soft_silhouette


def naive(points, triangles, size, sigma):
    """SoftRas's union by the book: one triangle and one pixel after the other."""
    rest = math.log1p(math.exp(-(REACH**2)))
    out = np.zeros((len(points), *size))
    for b, body in enumerate(points.tolist()):
        for row, column in np.ndindex(*size):
            p, left = (column + 0.5, row + 0.5), 0.0
            for triangle in triangles.tolist():
                ends = [body[k] for k in triangle]
                squares, sides = [], []
                for (ax, ay), (bx, by) in zip(ends, ends[1:] + ends[:1], strict=True):
                    along = (p[0] - ax) * (bx - ax) + (p[1] - ay) * (by - ay)
                    t = min(1.0, max(0.0, along / ((bx - ax) ** 2 + (by - ay) ** 2)))
                    squares.append((p[0] - ax - t * (bx - ax)) ** 2 + (p[1] - ay - t * (by - ay)) ** 2)
                    sides.append((bx - ax) * (p[1] - ay) - (by - ay) * (p[0] - ax))
                inside = all(s > 0 for s in sides) or all(s < 0 for s in sides)
                u = min(squares) / sigma * (1 if inside else -1)
                if u > -(REACH**2):
                    left += rest - math.log1p(math.exp(-abs(u))) - max(u, 0)
            out[b, row, column] = 1 - math.exp(left)
    return out


def soup(batch=2, count=9, seed=0):
    """Triangles of all sizes and windings, some of them partly outside 12x10 pixels."""
    generator = torch.Generator().manual_seed(seed)
    middle = torch.rand(batch, count, 1, 2, generator=generator, dtype=torch.float64) * torch.tensor([11.0, 13.0]) - 0.5
    spread = torch.rand(batch, count, 1, 1, generator=generator, dtype=torch.float64) * 4
    points = middle + spread * torch.randn(batch, count, 3, 2, generator=generator, dtype=torch.float64)
    return points.flatten(1, 2), torch.arange(3 * count).view(-1, 3)


@pytest.mark.parametrize("sigma", [0.02, 0.5, 4.0])
def test_it_is_the_union_that_a_loop_over_pixels_and_triangles_gives(sigma):
    points, triangles = soup()
    told = naive(points, triangles, (12, 10), sigma)
    np.testing.assert_allclose(soft_silhouette(points, triangles, (12, 10), sigma), told, atol=1e-12)


def test_chunks_change_nothing(monkeypatch):
    points, triangles = soup()
    whole = soft_silhouette(points, triangles, (12, 10), 0.5)
    monkeypatch.setattr("sameperson.models.silhouette.CHUNK", 7)
    torch.testing.assert_close(soft_silhouette(points, triangles, (12, 10), 0.5), whole, rtol=0, atol=1e-14)


@pytest.mark.parametrize("sigma", [0.05, 0.5, 4.0])
def test_the_gradient_is_that_of_finite_differences(sigma):
    points, triangles = soup(seed=3)
    weight = torch.randn(2, 12, 10, generator=torch.Generator().manual_seed(1), dtype=torch.float64)

    def value(at):
        return float((soft_silhouette(at, triangles, (12, 10), sigma) * weight).sum())

    leaf = points.clone().requires_grad_()
    (soft_silhouette(leaf, triangles, (12, 10), sigma) * weight).sum().backward()
    assert leaf.grad is not None
    generator, pairs = torch.Generator().manual_seed(2), []
    for _ in range(20):
        step = torch.randn(points.shape, generator=generator, dtype=torch.float64) * 1e-6
        pairs.append((float((leaf.grad * step).sum()), (value(points + step) - value(points - step)) / 2))
    analytic, numeric = np.array(pairs).T
    assert np.corrcoef(analytic, numeric)[0, 1] > 0.9999
    assert np.abs(analytic - numeric).max() < 2e-3 * np.abs(numeric).max()


def test_a_small_sigma_gives_the_hard_mask():
    points = torch.tensor([[[1.2, 1.3], [9.1, 2.2], [4.4, 10.7]]])
    got = soft_silhouette(points, torch.tensor([[0, 1, 2]]), (12, 10), 1e-5)[0]
    a, b, c = points[0].tolist()
    for row, column in np.ndindex(12, 10):
        x, y = column + 0.5, row + 0.5
        sides = [(q[0] - p[0]) * (y - p[1]) - (q[1] - p[1]) * (x - p[0]) for p, q in ((a, b), (b, c), (c, a))]
        assert got[row, column] == pytest.approx(float(min(sides) > 0), abs=1e-3)


def test_winding_and_order_of_triangles_do_not_matter():
    points, triangles = soup()
    other = triangles.flip(0)[:, [2, 1, 0]]
    torch.testing.assert_close(
        soft_silhouette(points, triangles, (12, 10)), soft_silhouette(points, other, (12, 10)), rtol=0, atol=1e-13
    )


def test_it_repeats_to_the_bit_on_a_cpu():
    points, triangles = soup(count=40)
    runs = []
    for _ in range(2):
        leaf = points.float().requires_grad_()
        image = soft_silhouette(leaf, triangles[:, :3], (12, 10), 1.0)
        image.square().sum().backward()
        runs.append((image.detach(), leaf.grad))
    assert all(torch.equal(one, two) for one, two in zip(*runs, strict=True))


def test_triangles_that_shrank_to_a_line_or_a_point_or_left_the_picture_do_no_harm():
    point, line, outside = [[2.5, 2.5]] * 3, [[5.0, 5.0], [5.0, 5.0], [8.0, 5.0]], [[-9.0, -9.0], [-8, -9], [1e9, 2e9]]
    points = torch.tensor([point + line + outside], requires_grad=True)
    image = soft_silhouette(points, torch.tensor([[0, 1, 2], [3, 4, 5], [6, 7, 6]]), (12, 10), 0.5)
    image.sum().backward()
    assert points.grad is not None and torch.isfinite(points.grad).all() and torch.isfinite(image).all()
    assert image[0, 2, 2] == 0  # three corners in one place cover nothing
    assert 0.3 < image[0, 4, 6] < 0.5  # a line covers up to a half
    assert not points.grad[0, 6:].any()


def test_a_picture_without_triangles_is_empty_and_a_wrong_sigma_is_refused():
    assert not soft_silhouette(torch.zeros(2, 3, 2), torch.zeros(0, 3, dtype=torch.int64), (4, 3)).any()
    with pytest.raises(ValueError, match="sigma"):
        soft_silhouette(torch.zeros(2, 3, 2), torch.tensor([[0, 1, 2]]), (4, 3), 0.0)
