"""Held against every threshold one by one, hand-made bands, and what the paper's formulas give."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from sameperson.checks import InputError
from sameperson.methods.isp.clustering import cluster_identity, enhance, foreground, from_top, pixel_norms, two_means


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def scatter(values: list[float]) -> float:
    """The squared distances to the mean, as one would write them down."""
    mean = math.fsum(values) / len(values) if values else 0.0
    return math.fsum((value - mean) ** 2 for value in values)


numbers = st.lists(st.integers(-50, 50).map(lambda n: n / 8), min_size=1, max_size=24)


@settings(max_examples=200)
@given(numbers)
def test_two_means_is_the_best_of_all_thresholds(values):
    upper = two_means(torch.tensor(values)).tolist()
    if len(set(values)) == 1:
        assert not any(upper)
        return
    above = [value for value, up in zip(values, upper, strict=True) if up]
    below = [value for value, up in zip(values, upper, strict=True) if not up]
    assert above and below and min(above) > max(below)
    every = [scatter([v for v in values if v < t]) + scatter([v for v in values if v >= t]) for t in set(values)]
    assert scatter(above) + scatter(below) == pytest.approx(min(every), abs=1e-9)


def test_two_means_of_nothing_and_of_one():
    assert two_means(torch.empty(0)).tolist() == []
    assert two_means(torch.tensor([3.0])).tolist() == [False]


def test_two_means_sees_small_differences_between_large_numbers():
    assert two_means(torch.tensor([16000.0, 16000.5, 16002.0])).tolist() == [False, False, True]


def test_enhancing_is_the_papers():
    assert enhance(torch.tensor([0.0, 0.2, 1.0])).tolist() == pytest.approx([0.1192029, 0.5, 0.9996646], abs=1e-6)


def test_enhancing_lets_what_is_weakly_seen_join():
    """A picture's body at its full length, its bag at 0.45, its background at 0.1."""
    norms = torch.full((1, 4, 4), 0.1)
    norms[0, 0], norms[0, 1] = 1.0, 0.45
    assert foreground(norms, enhanced=False)[0].any(1).tolist() == [True, False, False, False]
    assert foreground(norms, enhanced=True)[0].any(1).tolist() == [True, True, False, False]


def test_each_picture_is_measured_by_its_own_largest_feature():
    norms = torch.tensor([[[1.0, 0.1]], [[100.0, 10.0]]])
    assert foreground(norms, enhanced=True).tolist() == [[[True, False]], [[True, False]]]


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_pixel_norms(layout, dtype):
    maps = torch.randn(3, 5, 4, 2, generator=seeded()).to(dtype).contiguous(memory_format=layout)
    for n in range(3):
        for y in range(4):
            for x in range(2):
                naive = math.sqrt(sum(float(value) ** 2 for value in maps[n, :, y, x]))
                assert float(pixel_norms(maps)[n, y, x]) == pytest.approx(naive, rel=1e-6)


def bands(pictures: int, seed: int, noise: float = 0.05) -> tuple[Tensor, Tensor]:
    """Three coloured bands on a dark background, on another place in each picture: maps and the truth."""
    generator = seeded(seed)
    colours = torch.eye(8)[:3]
    truth = torch.zeros(pictures, 24, 12, dtype=torch.uint8)
    for one in truth:
        top, left = (int(torch.randint(0, 6, (), generator=generator)) for _ in range(2))
        for part, height in enumerate((4, 6, 5), 1):
            one[top : top + height, left : left + 6] = part
            top += height
    maps = torch.cat([torch.zeros(1, 8), colours])[truth.long()]
    return (maps + noise * torch.randn(maps.shape, generator=generator)).permute(0, 3, 1, 2), truth


@pytest.mark.parametrize("enhanced", [True, False])
@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_bands_are_found_from_top_to_bottom_whatever_the_seed(enhanced, layout):
    for seed in range(20):
        maps, truth = bands(4, seed)
        maps = maps.contiguous(memory_format=layout)
        for again in range(3):
            assert torch.equal(cluster_identity(maps, 3, enhanced, seeded(again)), truth), (seed, again)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_bands_are_found_in_any_float_type(dtype):
    maps, truth = bands(4, 7)
    assert torch.equal(cluster_identity(maps.to(dtype), 3, True, seeded()), truth)


def test_one_picture():
    maps, truth = bands(1, 3)
    assert torch.equal(cluster_identity(maps, 3, True, seeded()), truth)


def test_the_maps_are_left_as_they_were():
    maps, _ = bands(2, 1)
    before = maps.clone()
    cluster_identity(maps, 3, True, seeded())
    assert torch.equal(maps, before)


def test_the_same_seed_gives_the_same_labels():
    maps = torch.rand(3, 16, 16, 8, generator=seeded(5))
    first, second = (cluster_identity(maps, 6, True, seeded(9)) for _ in range(2))
    assert torch.equal(first, second)
    assert first.unique().tolist() == [0, 1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("enhanced", [True, False])
def test_zero_maps_are_background(enhanced):
    assert not cluster_identity(torch.zeros(2, 4, 6, 3), 6, enhanced, seeded()).any()


def test_a_zero_picture_among_others_is_background():
    maps, truth = bands(3, 2)
    maps[1] = 0
    labels = cluster_identity(maps, 3, True, seeded())
    assert not labels[1].any()
    assert torch.equal(labels[[0, 2]], truth[[0, 2]])


def test_fewer_foreground_pixels_than_parts_are_numbered_by_height():
    maps = torch.zeros(2, 4, 5, 3)
    maps[0, :, 4, 1] = maps[0, :, 1, 2] = maps[1, :, 2, 0] = 1.0
    labels = cluster_identity(maps, 6, True, seeded())
    assert labels.nonzero().tolist() == [[0, 1, 2], [0, 4, 1], [1, 2, 0]]
    assert [int(labels[0, 1, 2]), int(labels[1, 2, 0]), int(labels[0, 4, 1])] == [1, 2, 3]


def test_pixels_that_are_all_alike_are_one_part():
    maps = torch.zeros(1, 4, 6, 3)
    maps[0, 0, 2:] = 1.0
    labels = cluster_identity(maps, 5, True, seeded())
    assert labels[0, 2:].unique().tolist() == [1]


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_what_is_not_finite_is_refused(value):
    maps, _ = bands(2, 0)
    maps[1, 3, 2, 2] = value
    with pytest.raises(InputError, match="not finite"):
        cluster_identity(maps, 3, True, seeded())


@pytest.mark.parametrize("parts", [0, 256])
def test_parts_that_no_byte_holds_are_refused(parts):
    with pytest.raises(ValueError, match=f"{parts} parts"):
        cluster_identity(torch.ones(1, 2, 2, 2), parts, True, seeded())


def test_from_top_by_hand():
    """Cluster 2 lies at height 1, cluster 0 at 3 on the left, 3 at 3 on the right; 1 has no pixel."""
    clusters, rows, columns = (
        torch.tensor([0, 0, 2, 3, 3]),
        torch.tensor([2, 4, 1, 3, 3]),
        torch.tensor([0, 0, 5, 6, 6]),
    )
    assert from_top(clusters, rows, columns, 4).tolist() == [2, 2, 1, 3, 3]
