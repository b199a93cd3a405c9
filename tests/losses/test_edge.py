"""Edge labels against a loop over neighbours and tables drawn by hand; the loss against its definition."""

import numpy as np
import pytest
import torch

from sameperson.losses.edge import edge_labels, edge_loss


def by_loop(labels: np.ndarray, width: int) -> np.ndarray:
    """Mark the first of each two differing neighbours in reading order, widen by hand, keep what is ignored."""
    height, across = labels.shape
    marked = set()
    for row in range(height):
        for column in range(across):
            for down, right in ((0, 1), (1, -1), (1, 0), (1, 1)):
                i, j = row + down, column + right
                if 0 <= i < height and 0 <= j < across:
                    one, other = labels[row, column], labels[i, j]
                    if one != other and 255 not in (one, other):
                        marked.add((row, column))
    reach = width // 2
    out = np.zeros_like(labels)
    for row, column in marked:
        out[max(row - reach, 0) : row + reach + 1, max(column - reach, 0) : column + reach + 1] = 1
    out[labels == 255] = 255
    return out


@pytest.mark.parametrize("width", [1, 3, 5])
def test_edges_equal_a_loop_over_neighbours(width):
    rng = np.random.default_rng(width)
    maps = rng.integers(0, 3, (4, 13, 9)).repeat(2, 1).repeat(2, 2)[:, :21, :15]
    maps[1, 4:9, 3:8] = 255
    maps[2][:, 5] = 255
    found = edge_labels(torch.from_numpy(maps).to(torch.uint8), width)
    assert found.dtype == torch.int64
    for one, edges in zip(maps, found.numpy()):
        assert (edges == by_loop(one, width)).all()


def test_a_square_by_hand():
    labels = torch.zeros(1, 5, 6, dtype=torch.int64)
    labels[0, 2:4, 2:4] = 7
    assert edge_labels(labels, 1)[0].tolist() == [
        [0, 0, 0, 0, 0, 0],
        [0, 1, 1, 1, 1, 0],
        [0, 1, 1, 1, 1, 0],
        [0, 1, 1, 1, 0, 0],
        [0, 0, 0, 0, 0, 0],
    ]


def test_one_label_and_ignored_pixels_make_no_edge():
    assert edge_labels(torch.full((1, 4, 4), 3)).sum() == 0
    half = torch.full((1, 4, 4), 3)
    half[:, :, 2:] = 255
    assert edge_labels(half)[0, 0].tolist() == [0, 0, 255, 255]


def test_the_loss_weighs_few_edges_as_much_as_many_others():
    rng = np.random.default_rng(0)
    edges = np.zeros((2, 4, 5), np.int64)
    edges[0, 1, :3] = 1
    edges[1, 3, 2:] = 255
    logits = rng.normal(size=(2, 2, 4, 5)).astype(np.float32)
    edge, other = 3, 40 - 3 - 3
    weight = {1: other / (edge + other), 0: edge / (edge + other)}
    total = scale = 0.0
    for b, i, j in np.ndindex(2, 4, 5):
        label = int(edges[b, i, j])
        if label != 255:
            values = logits[b, :, i, j].astype(np.float64)
            loss = np.log(np.exp(values).sum()) - values[label]
            total, scale = total + weight[label] * loss, scale + weight[label]
    found = edge_loss(torch.from_numpy(logits), torch.from_numpy(edges))
    assert found.item() == pytest.approx(total / scale, rel=1e-5)


@pytest.mark.parametrize("label", [0, 1, 255])
def test_a_batch_of_one_kind_is_no_loss_and_no_nan(label):
    logits = torch.randn(1, 2, 3, 3, requires_grad=True)
    loss = edge_loss(logits, torch.full((1, 3, 3), label))
    loss.backward()
    assert loss.item() == 0 and torch.isfinite(logits.grad).all()
