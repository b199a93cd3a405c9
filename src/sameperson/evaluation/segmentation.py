"""Segmentation figures: IoU and accuracy of label maps, for classes and for tasks such as head or legs.

Everything is computed from one confusion matrix of pixel counts (predicted label x true label), so maps of two
different label sets can be compared, pictures are read once, and only counts are kept. numpy only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sameperson.evaluation.stats import BLOCK, Accuracy, tail_of
from sameperson.priors.label_sets import IGNORED, Labels, LabelSet, merge_table
from sameperson.priors.part_groups import tasks_of
from sameperson.types import Size

Counts = NDArray[np.int64]
Groups = Sequence[int]
Scale = Literal["coarser", "finer"]
"""The size to which two maps are resized: the smaller one's, as ISP's authors do, or the larger one's."""


@dataclass(frozen=True)
class Task:
    """A task, such as head: the labels that make it in the predicted maps, and those in the true ones."""

    name: str
    predicted: tuple[int, ...]
    true: tuple[int, ...]


@dataclass(frozen=True)
class Agreement:
    """The figures of a task, each with its interval.

    class_iou: of the task's own pixels. two_class_iou: the mean of that and of the IoU of all other pixels, the higher
    figure that ISP's authors print. pixel_accuracy: of all pixels; mean_accuracy: the mean recall of the task's pixels
    and of the others. pixels: the number of the task's true pixels.
    """

    class_iou: Accuracy
    two_class_iou: Accuracy
    pixel_accuracy: Accuracy
    mean_accuracy: Accuracy
    pixels: int

    def to_json(self) -> dict[str, Any]:
        """The figures as plain data."""
        shares = ("class_iou", "two_class_iou", "pixel_accuracy", "mean_accuracy")
        return {**{name: getattr(self, name).to_json() for name in shares}, "pixels": self.pixels}


@dataclass(frozen=True)
class Classes:
    """The figures of all labels of one set, as LIP has them: the IoU of each, and means over those present.

    absent: the labels that no pixel has, predicted or true; they are in none of the means.
    """

    iou: Mapping[str, Accuracy]
    mean_iou: Accuracy
    pixel_accuracy: Accuracy
    mean_accuracy: Accuracy
    absent: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The figures as plain data."""
        return {
            "iou": {name: share.to_json() for name, share in self.iou.items()},
            "mean_iou": self.mean_iou.to_json(),
            "pixel_accuracy": self.pixel_accuracy.to_json(),
            "mean_accuracy": self.mean_accuracy.to_json(),
            "absent": list(self.absent),
        }


class Confusion:
    """Confusion matrices of pixel counts, one for each group of maps (a picture or a person), updated map by map."""

    def __init__(self, predicted: LabelSet, true: LabelSet) -> None:
        self.predicted, self.true = predicted, true
        self.pictures = self._pixels = self._labelled = 0
        self._counts: dict[int, Counts] = {}

    def add(self, predicted: Labels, true: Labels, group: int) -> None:
        """Count the pixels of two maps (h, w) uint8 of one size; pixels that are 255 in either are left out.

        Raises ValueError for maps of two sizes, and for a label that its set does not know.
        """
        if predicted.shape != true.shape:
            raise ValueError(f"maps of {predicted.shape} and {true.shape}")
        for labels, known in ((predicted, self.predicted), (true, self.true)):
            unknown = known.first_unknown(labels)
            if unknown is not None:
                raise ValueError(f"label {unknown} is none of {known.name}'s 0 to {len(known.labels) - 1}")
        shape = len(self.predicted.labels), len(self.true.labels)
        labelled = (predicted != IGNORED) & (true != IGNORED)
        pairs = predicted[labelled].astype(np.int64) * shape[1] + true[labelled]
        table = np.bincount(pairs, minlength=shape[0] * shape[1]).reshape(shape)
        self._counts[group] = self._counts[group] + table if group in self._counts else table
        self.pictures += 1
        self._pixels += labelled.size
        self._labelled += len(pairs)

    @property
    def ignored(self) -> float:
        """The share of all pixels that were left out."""
        return 1 - self._labelled / self._pixels if self._pixels else 0.0

    @property
    def groups(self) -> int:
        """The number of groups."""
        return len(self._counts)

    @property
    def counts(self) -> Counts:
        """The pixel counts (groups, predicted labels, true labels), groups in the order of their numbers."""
        if not self._counts:
            return np.zeros((0, len(self.predicted.labels), len(self.true.labels)), np.int64)
        return np.stack([self._counts[group] for group in sorted(self._counts)])


def shared_tasks(predicted: LabelSet, true: LabelSet) -> list[Task]:
    """The tasks that both sets know.

    >>> from sameperson.priors.part_groups import label_set
    >>> [task.name for task in shared_tasks(label_set("isp-7"), label_set("lip"))]
    ['foreground', 'head', 'legs', 'shoes']
    """
    ours, theirs = tasks_of(predicted), tasks_of(true)
    return [Task(name, labels, theirs[name]) for name, labels in ours.items() if name in theirs]


def brought_together(one: Labels, other: Labels, at: Scale | Size = "coarser") -> tuple[Labels, Labels]:
    """Resize two maps of one picture to one size, by nearest neighbour; at: whose size, or (height, width)."""
    smaller, larger = sorted((one.shape, other.shape), key=lambda shape: shape[0] * shape[1])
    height, width = {"coarser": smaller, "finer": larger}[at] if isinstance(at, str) else at
    return nearest(one, (height, width)), nearest(other, (height, width))


def nearest(labels: Labels, size: Size) -> Labels:
    """Resize a map (h, w) by nearest neighbour: each pixel takes the label under its middle.

    >>> nearest(np.array([[1, 2, 3, 4]], np.uint8), (2, 2)).tolist()
    [[2, 4], [2, 4]]
    """
    if labels.shape == size:
        return labels
    rows, columns = ((2 * np.arange(new) + 1) * old // (2 * new) for new, old in zip(size, labels.shape, strict=True))
    return labels[rows][:, columns]


def agreement(counts: Counts, tasks: Iterable[Task], resamples: int = 2000, seed: int = 0) -> dict[str, Agreement]:
    """Compute the figures of each task by its name, from the pixel counts of `Confusion.counts`.

    counts: (groups, predicted labels, true labels). All tasks share the same resamples of groups.
    """
    tasks = list(tasks)
    tables = [_folded(counts, _one_hot(task.predicted, counts.shape[1]), _one_hot(task.true, counts.shape[2]))
              for task in tasks]  # fmt: skip
    if not tables:
        return {}
    stacked = np.stack(tables, axis=1)
    figures = _with_intervals(stacked, _two_class, resamples, seed)
    pixels = stacked.sum(axis=0)[:, :, 1].sum(axis=1)
    return {
        task.name: Agreement(*row, pixels=int(count)) for task, row, count in zip(tasks, figures, pixels, strict=True)
    }


def classes(
    counts: Counts, predicted: LabelSet, true: LabelSet, resamples: int = 2000, seed: int = 0
) -> Classes | None:
    """Compute the figures of each predicted label; None where the true set cannot be merged into the predicted one.

    A label that neither side has is left out of the means. True pixels whose label has no counterpart in the predicted
    set are ignored.
    """
    if not mergeable(true, predicted):
        return None
    table = np.arange(256) if true.name == predicted.name else merge_table(true.name, predicted.name)
    count = len(predicted.labels)
    into = np.zeros((counts.shape[2], count), np.int64)
    for old, new in enumerate(table[: counts.shape[2]]):
        if new < count:
            into[old, new] = 1
    merged = np.einsum("gpt,tk->gpk", counts, into)[:, None]
    (row,) = _with_intervals(merged, _many_class, resamples, seed)
    named = {name: share for name, share in zip(predicted.labels, row[3:], strict=True) if name}
    there = {name: share for name, share in named.items() if not np.isnan(share.value)}
    return Classes(there, *row[:3], absent=tuple(name for name in named if name not in there))


def mergeable(source: LabelSet, target: LabelSet) -> bool:
    """Whether every label of the source set has a counterpart in the target set, or is ignored there."""
    if source.name == target.name:
        return True
    try:
        merge_table(source.name, target.name)
    except ValueError:
        return False
    return True


def _one_hot(labels: tuple[int, ...], count: int) -> Counts:
    """Whether each label is outside the task, and whether it belongs to it: (count, 2)."""
    inside = np.isin(np.arange(count), labels).astype(np.int64)
    return np.stack([1 - inside, inside], axis=1)


def _folded(counts: Counts, predicted: Counts, true: Counts) -> Counts:
    """Merge the pixel counts to two classes, the task and the rest: (groups, 2, 2)."""
    return np.einsum("gpt,pa,tb->gab", counts, predicted, true)


def _two_class(tables: NDArray[Any]) -> NDArray[np.float64]:
    """Figures of two classes, (..., 2, 2) -> (..., 4): class IoU, mean IoU, pixel accuracy, mean accuracy."""
    iou, right, recall = _shares(tables)
    return np.stack([iou[..., 1], _mean(iou), right, _mean(recall)], axis=-1)


def _many_class(tables: NDArray[Any]) -> NDArray[np.float64]:
    """Figures of C classes, (..., C, C) -> (..., 3 + C): mean IoU, pixel accuracy, mean accuracy, and each IoU."""
    iou, right, recall = _shares(tables)
    return np.concatenate([np.stack([_mean(iou), right, _mean(recall)], axis=-1), iou], axis=-1)


def _shares(tables: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """IoU of each class (..., C), pixel accuracy (...), recall of each class (..., C); NaN where the divisor is 0.

    IoU = hits / (predicted + true - hits), recall = hits / true.
    """
    hits = np.diagonal(tables, axis1=-2, axis2=-1).astype(np.float64)
    predicted, true = tables.sum(-1).astype(np.float64), tables.sum(-2).astype(np.float64)
    with np.errstate(invalid="ignore"):
        return hits / (predicted + true - hits), hits.sum(-1) / true.sum(-1), hits / true


def _mean(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean over the last axis of the values that are not NaN."""
    there = ~np.isnan(shares)
    with np.errstate(invalid="ignore"):
        return np.where(there, shares, 0).sum(-1) / there.sum(-1)


def _with_intervals(tables: Counts, figures: Any, resamples: int, seed: int) -> list[list[Accuracy]]:
    """Compute the figures of each task of (groups, tasks, C, C), with bootstrap intervals over groups.

    A figure is a ratio of sums over all groups, so the sums are resampled; the tails are those of `stats.py`.
    """
    values = figures(tables.sum(axis=0))
    groups, (tasks, count) = len(tables), values.shape
    if not groups or not resamples:
        return [[Accuracy(float(value), np.nan, np.nan) for value in row] for row in values]
    flat, rng = tables.reshape(groups, -1).astype(np.float64), np.random.default_rng(seed)
    drawn = np.empty((resamples, tasks, count))
    for start in range(0, resamples, BLOCK):
        block = min(BLOCK, resamples - start)
        picked = rng.integers(groups, size=(block, groups)) + groups * np.arange(block)[:, None]
        times = np.bincount(picked.ravel(), minlength=block * groups).reshape(block, groups).astype(np.float64)
        drawn[start : start + block] = figures((times @ flat).reshape(block, *tables.shape[1:]))
    tail = tail_of(groups)
    low, high = np.full((2, tasks, count), np.nan)
    for place in np.ndindex(tasks, count):  # resamples without any pixel of a rare class are left out
        resampled = drawn[(slice(None), *place)]
        resampled = resampled[~np.isnan(resampled)]
        if len(resampled):
            low[place], high[place] = np.quantile(resampled, [tail, 1 - tail])
    return [
        [Accuracy(float(value), float(low[task, k]), float(high[task, k])) for k, value in enumerate(row)]
        for task, row in enumerate(values)
    ]
