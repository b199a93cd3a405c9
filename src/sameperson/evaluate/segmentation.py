"""How well label maps agree with true ones: IoU of a class, of tasks such as head or legs, and their means.

One table of pixel counts (their label x the true label) holds everything, so two sets of different labels can be
compared, pictures are read once, and nothing but counts is kept. numpy only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sameperson.evaluate.stats import BLOCK, Accuracy, tail_of
from sameperson.priors.label_sets import IGNORED, Labels, LabelSet, merge_table
from sameperson.priors.part_groups import tasks_of
from sameperson.types import Size

Counts = NDArray[np.int64]
Groups = Sequence[int]
Scale = Literal["coarser", "finer"]
"""At whose size two maps meet: the smaller one's, as ISP's authors do, or the larger one's."""


@dataclass(frozen=True)
class Task:
    """What is looked for: which labels make it in the maps that are judged, and which in the true ones."""

    name: str
    predicted: tuple[int, ...]
    true: tuple[int, ...]


@dataclass(frozen=True)
class Agreement:
    """How well a task was done, each share with its interval.

    class_iou: of the task's own pixels. two_class_iou: the mean of that and of the IoU of all other pixels, which is
    the kinder one that ISP's authors print. pixel_accuracy: of all pixels; mean_accuracy: the mean share of true pixels
    found, of the task's and of the others. pixels: true ones.
    """

    class_iou: Accuracy
    two_class_iou: Accuracy
    pixel_accuracy: Accuracy
    mean_accuracy: Accuracy
    pixels: int

    def to_json(self) -> dict[str, Any]:
        """As every result of the project writes it."""
        shares = ("class_iou", "two_class_iou", "pixel_accuracy", "mean_accuracy")
        return {**{name: getattr(self, name).to_json() for name in shares}, "pixels": self.pixels}


@dataclass(frozen=True)
class Classes:
    """How well the labels of one set were told apart (LIP's figures): the IoU of each, and means over those present."""

    iou: Mapping[str, Accuracy]
    mean_iou: Accuracy
    pixel_accuracy: Accuracy
    mean_accuracy: Accuracy

    def to_json(self) -> dict[str, Any]:
        """As every result of the project writes it."""
        return {
            "iou": {name: share.to_json() for name, share in self.iou.items()},
            "mean_iou": self.mean_iou.to_json(),
            "pixel_accuracy": self.pixel_accuracy.to_json(),
            "mean_accuracy": self.mean_accuracy.to_json(),
        }


class Confusion:
    """Pixel counts by group, streamed: a group is what stands or falls together, a picture or a person."""

    def __init__(self, predicted: LabelSet, true: LabelSet) -> None:
        self.predicted, self.true = predicted, true
        self.pictures = self._pixels = self._told = 0
        self._counts: dict[int, Counts] = {}

    def add(self, predicted: Labels, true: Labels, group: int) -> None:
        """Count two maps (h, w) uint8 of one size; pixels that either calls 255 are left out.

        Raises ValueError for maps of two sizes, and for a label that its set does not know.
        """
        if predicted.shape != true.shape:
            raise ValueError(f"maps of {predicted.shape} and {true.shape}")
        for labels, known in ((predicted, self.predicted), (true, self.true)):
            unknown = known.first_unknown(labels)
            if unknown is not None:
                raise ValueError(f"label {unknown} is none of {known.name}'s 0 to {len(known.labels) - 1}")
        shape = len(self.predicted.labels), len(self.true.labels)
        told = (predicted != IGNORED) & (true != IGNORED)
        pairs = predicted[told].astype(np.int64) * shape[1] + true[told]
        table = np.bincount(pairs, minlength=shape[0] * shape[1]).reshape(shape)
        self._counts[group] = self._counts[group] + table if group in self._counts else table
        self.pictures, self._pixels, self._told = self.pictures + 1, self._pixels + told.size, self._told + len(pairs)

    @property
    def ignored(self) -> float:
        """The share of all pixels that were left out."""
        return 1 - self._told / self._pixels if self._pixels else 0.0

    @property
    def groups(self) -> int:
        """How many there are."""
        return len(self._counts)

    @property
    def counts(self) -> Counts:
        """(groups, labels, true labels) pixels, groups in the order of their numbers."""
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
    """Two maps of one picture at one size, by nearest neighbour; at: whose, or (height, width)."""
    smaller, larger = sorted((one.shape, other.shape), key=lambda shape: shape[0] * shape[1])
    height, width = {"coarser": smaller, "finer": larger}[at] if isinstance(at, str) else at
    return nearest(one, (height, width)), nearest(other, (height, width))


def nearest(labels: Labels, size: Size) -> Labels:
    """A map (h, w) at another size: each pixel takes the label under its middle.

    >>> nearest(np.array([[1, 2, 3, 4]], np.uint8), (2, 2)).tolist()
    [[2, 4], [2, 4]]
    """
    if labels.shape == size:
        return labels
    rows, columns = ((2 * np.arange(new) + 1) * old // (2 * new) for new, old in zip(size, labels.shape, strict=True))
    return labels[rows][:, columns]


def agreement(counts: Counts, tasks: Iterable[Task], resamples: int = 2000, seed: int = 0) -> dict[str, Agreement]:
    """Each task by its name; counts: (groups, labels, true labels), as `Confusion.counts`.

    The tasks of one call are drawn again together.
    """
    tasks = list(tasks)
    tables = [_folded(counts, _one_hot(task.predicted, counts.shape[1]), _one_hot(task.true, counts.shape[2]))
              for task in tasks]  # fmt: skip
    if not tables:
        return {}
    whole = np.stack(tables, axis=1)
    found = _with_intervals(whole, _two_class, resamples, seed)
    pixels = whole.sum(axis=0)[:, :, 1].sum(axis=1)
    return {
        task.name: Agreement(*row, pixels=int(count)) for task, row, count in zip(tasks, found, pixels, strict=True)
    }


def classes(
    counts: Counts, predicted: LabelSet, true: LabelSet, resamples: int = 2000, seed: int = 0
) -> Classes | None:
    """How well each label of the judged set was found; None where the true one cannot be merged into that set.

    A label that neither side has is left out of the means. True pixels for which the judged set has no place are
    ignored.
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
    return Classes({name: share for name, share in named.items() if not np.isnan(share.value)}, *row[:3])


def mergeable(source: LabelSet, target: LabelSet) -> bool:
    """Whether every label of one set has its place, or is ignored, in the other."""
    if source.name == target.name:
        return True
    try:
        merge_table(source.name, target.name)
    except ValueError:
        return False
    return True


def _one_hot(labels: tuple[int, ...], count: int) -> Counts:
    """(count, 2): whether each label is another's, and the task's."""
    inside = np.isin(np.arange(count), labels).astype(np.int64)
    return np.stack([1 - inside, inside], axis=1)


def _folded(counts: Counts, predicted: Counts, true: Counts) -> Counts:
    """(groups, 2, 2) pixels of a task."""
    return np.einsum("gpt,pa,tb->gab", counts, predicted, true)


def _two_class(tables: NDArray[Any]) -> NDArray[np.float64]:
    """(..., 2, 2) -> (..., 4): class IoU, mean IoU, pixel accuracy, mean accuracy."""
    iou, right, recall = _shares(tables)
    return np.stack([iou[..., 1], _mean(iou), right, _mean(recall)], axis=-1)


def _many_class(tables: NDArray[Any]) -> NDArray[np.float64]:
    """(..., C, C) -> (..., 3 + C): mean IoU, pixel accuracy, mean accuracy, and the IoU of each class."""
    iou, right, recall = _shares(tables)
    return np.concatenate([np.stack([_mean(iou), right, _mean(recall)], axis=-1), iou], axis=-1)


def _shares(tables: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """IoU of each class (..., C), share of right pixels (...), share found of each class (..., C); NaN of nothing."""
    hits = np.diagonal(tables, axis1=-2, axis2=-1).astype(np.float64)
    said, true = tables.sum(-1).astype(np.float64), tables.sum(-2).astype(np.float64)
    with np.errstate(invalid="ignore"):
        return hits / (said + true - hits), hits.sum(-1) / true.sum(-1), hits / true


def _mean(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Over the last axis, of those that are numbers."""
    there = ~np.isnan(shares)
    with np.errstate(invalid="ignore"):
        return np.where(there, shares, 0).sum(-1) / there.sum(-1)


def _with_intervals(tables: Counts, figures: Any, resamples: int, seed: int) -> list[list[Accuracy]]:
    """For each task of (groups, tasks, C, C) its figures, with intervals over groups drawn again.

    A figure is a share of sums over all groups, not a mean over them, so sums are drawn; the tails are `stats`'s.
    """
    values = figures(tables.sum(axis=0))
    groups, (tasks, count) = len(tables), values.shape
    if not groups or not resamples:
        return [[Accuracy(float(value), np.nan, np.nan) for value in row] for row in values]
    flat, rng = tables.reshape(groups, -1).astype(np.float64), np.random.default_rng(seed)
    drawn = np.empty((resamples, tasks, count))
    for start in range(0, resamples, BLOCK):
        some = min(BLOCK, resamples - start)
        picked = rng.integers(groups, size=(some, groups)) + groups * np.arange(some)[:, None]
        times = np.bincount(picked.ravel(), minlength=some * groups).reshape(some, groups).astype(np.float64)
        drawn[start : start + some] = figures((times @ flat).reshape(some, *tables.shape[1:]))
    tail = tail_of(groups)
    low, high = np.full((2, tasks, count), np.nan)
    for place in np.ndindex(tasks, count):  # a rare class may miss from some resamples: those say nothing of it
        told = drawn[(slice(None), *place)]
        told = told[~np.isnan(told)]
        if len(told):
            low[place], high[place] = np.quantile(told, [tail, 1 - tail])
    return [
        [Accuracy(float(value), float(low[task, k]), float(high[task, k])) for k, value in enumerate(row)]
        for task, row in enumerate(values)
    ]
