"""Held against Lloyd's algorithm written with loops over points."""

import pytest
import torch
from torch import Tensor

from sameperson.models import kmeans as module
from sameperson.models.kmeans import kmeans, lloyd, plus_plus


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def blobs(count: int, k: int, spread: float, seed: int) -> Tensor:
    generator = seeded(seed)
    centres = torch.randn(k, 6, generator=generator)
    return centres[torch.arange(count) % k] + spread * torch.randn(count, 6, generator=generator)


def inertia(points: Tensor, labels: Tensor) -> float:
    """Squared distances to the mean of each point's cluster."""
    return sum(
        float((points[labels == c].double() - points[labels == c].double().mean(0)).square().sum())
        for c in labels.unique()
    )


def alike(one: Tensor, other: Tensor) -> bool:
    """Whether two labellings make the same clusters, whatever their numbers: equal starts may end in a tie."""
    return torch.equal(one[:, None] == one, other[:, None] == other)


def naive_lloyd(points: Tensor, centres: Tensor, iterations: int) -> list[int]:
    """With loops over points and centres, in double precision."""
    data, centres = points.double(), centres.double().clone()

    def assigned() -> list[int]:
        return [min(range(len(centres)), key=lambda c: float((x - centres[c]).square().sum())) for x in data]

    labels = assigned()
    for _ in range(iterations):
        for c in range(len(centres)):
            members = [x for x, label in zip(data, labels, strict=True) if label == c]
            assert members, "this problem has an empty cluster: choose another"
            centres[c] = torch.stack(members).mean(0)
        labels = assigned()
    return labels


@pytest.mark.parametrize("iterations", [0, 1, 3, 20])
def test_lloyd_moves_as_the_loops_do(iterations):
    for seed in range(4):
        points = blobs(40, 3, 0.8, seed)
        _, labels, _ = lloyd(points, points[None, :3], iterations)
        assert labels[:, 0].tolist() == naive_lloyd(points, points[:3], iterations)


def test_lloyd_tells_what_it_reached():
    points = blobs(50, 4, 0.5, 1)
    starts = torch.stack([points[:4], points[4:8], points[[0, 4, 8, 12]]])
    centres, labels, reached = lloyd(points, starts, 20)
    for one in range(3):
        distances = (points - centres[one, labels[:, one]]).square().sum()
        assert float(reached[one]) == pytest.approx(float(distances), rel=1e-4)
        assert float(reached[one]) == pytest.approx(inertia(points, labels[:, one]), rel=1e-4)  # at rest, of the means


def test_starts_side_by_side_do_not_meet():
    points = blobs(60, 3, 0.8, 5)
    starts = torch.stack([points[:3], points[10:13], points[40:43]])
    together = lloyd(points, starts, 2)[1]
    for one in range(3):
        assert torch.equal(lloyd(points, starts[one : one + 1], 2)[1][:, 0], together[:, one])


def test_chunks_change_nothing(monkeypatch):
    points = blobs(100, 4, 0.6, 2)
    whole = kmeans(points, 4, seeded(3))
    monkeypatch.setattr(module, "CHUNK", 7)
    assert alike(kmeans(points, 4, seeded(3)), whole)


def test_a_sample_finds_what_all_points_would(monkeypatch):
    points = blobs(400, 5, 0.2, 4)
    whole = inertia(points, kmeans(points, 5, seeded(1)))
    monkeypatch.setattr(module, "SAMPLE", 50)
    assert inertia(points, kmeans(points, 5, seeded(1))) == pytest.approx(whole, rel=0.01)


def naive_plus_plus(points: Tensor, k: int, generator: torch.Generator) -> Tensor:
    """Draw after draw, by the distances written out."""
    chosen = [int(torch.randint(len(points), (), generator=generator))]
    while len(chosen) < k:
        weights = torch.stack([(points - points[one]).square().sum(1) for one in chosen]).amin(0)
        chosen.append(int(torch.multinomial(weights, 1, generator=generator)))
    return points[chosen]


@pytest.mark.parametrize("count", [300, 3000])  # all of them are the sample, or only a third
def test_never_worse_than_one_naive_start_from_the_same_seed(count):
    for seed in range(40):
        points = blobs(count, 2 + seed % 6, 0.1 + 0.02 * seed, seed)
        k = 2 + seed % 5
        naive = lloyd(points, naive_plus_plus(points, k, seeded(seed))[None], 20)[1][:, 0]
        assert inertia(points, kmeans(points, k, seeded(seed))) <= 1.01 * inertia(points, naive), seed


def test_first_centres_are_drawn_by_squared_distance():
    """From 0, the points at 1 and 3 are drawn 1 to 9; the first one is drawn evenly."""
    points = torch.tensor([[0.0], [1.0], [3.0]])
    generator, second, first = seeded(0), [0, 0], [0, 0, 0]
    for _ in range(3000):
        start, other = plus_plus(points, 2, 1, generator)[0, :, 0].tolist()
        first[points[:, 0].tolist().index(start)] += 1
        if start == 0.0:
            second[int(other == 3.0)] += 1
    assert all(900 < count < 1100 for count in first)
    assert 0.86 < second[1] / sum(second) < 0.94


def test_an_empty_cluster_moves_to_the_farthest_point():
    points = torch.tensor([[0.0], [0.1], [5.0], [5.1], [9.0]])
    far = torch.tensor([[0.0], [5.0], [100.0]])  # the third is nearest to none
    near = points[[0, 2, 4]]
    both = lloyd(points, torch.stack([near, far]), 20)[1]
    assert both[:, 0].tolist() == both[:, 1].tolist() == [0, 0, 1, 1, 2]


@pytest.mark.parametrize("count", [1, 2, 3])
def test_fewer_points_than_clusters(count):
    points = torch.eye(4)[:count]
    labels = kmeans(points, 4, seeded())
    assert len(labels.unique()) == count


def test_points_that_are_all_the_same_fall_together():
    labels = kmeans(torch.ones(30, 4), 3, seeded())
    assert len(labels.unique()) == 1


def test_half_precision_is_compared_in_full():
    points = blobs(200, 3, 0.05, 6)
    full, half = kmeans(points, 3, seeded(2)), kmeans(points.half(), 3, seeded(2))
    assert alike(full, half)


@pytest.mark.parametrize(("count", "k"), [(0, 3), (5, 0)])
def test_nothing_to_cluster_is_refused(count, k):
    with pytest.raises(ValueError, match=f"{k} clusters of {count} points"):
        kmeans(torch.ones(count, 2), k, seeded())
