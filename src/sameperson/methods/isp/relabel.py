"""Re-labelling of a run's training pictures: ISP clusters the network's feature maps, one person at a time.

Memory holds the maps of one person at a time, whatever the size of the data set. Several processes share the people,
and together they make the same labels as a single process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from sameperson.checks import InputError
from sameperson.methods.isp.clustering import cluster_identity
from sameperson.methods.isp.part_labels import PartLabels, begin, draft, swap
from sameperson.methods.method import Run
from sameperson.types import DISTRACTOR, Rows

PART_LABELS = "part_labels"
"""The name of these labels among a batch's priors."""
FILE = "part_labels.npy"
AT_ONCE = 64
"""Pictures that pass through the network together. A person with more pictures has its maps kept in half precision."""


@dataclass(frozen=True)
class Clusters:
    """Settings of the clustering: `parts` clusters of each person's foreground on a grid (h, w) over every picture."""

    parts: int
    grid: tuple[int, int]
    enhanced: bool = True

    def stripes(self, run: Run) -> PartLabels:
        """The labels before the first clustering: equal stripes."""
        return PartLabels.stripes(len(run.samples), self.parts, self.grid)

    def last(self, run: Run, epoch: int) -> PartLabels:
        """Open the labels in the run's folder, which must have been found at `epoch`.

        Raises InputError where they are missing, of other pictures, or found at another epoch.
        """
        file = run.folder / FILE
        labels = PartLabels.open(file, run.samples, self.grid)
        if labels.epoch != epoch:
            found = f"{file}: part labels of epoch {labels.epoch + 1}"
            raise InputError(found, f"those that the run found at epoch {epoch + 1}", "train into another folder")
        return labels

    @torch.no_grad()
    def recluster(self, maps: Callable[[Tensor], Tensor], run: Run) -> PartLabels:
        """Cluster every person's feature maps, and replace the old labels once all people are done.

        maps: normalised images (n, 3, H, W) -> (n, C, h, w). Every process calls this.
        """
        file = run.folder / FILE
        if run.rank == 0:
            begin(file, run.samples, self.parts, self.grid, run.epoch)
        run.barrier()
        labels = draft(file)
        people = people_of(run.samples.pid)[run.rank :: run.world_size]
        own_maps = maps_of_each_person(maps, run, [rows for _, rows in people])
        for (pid, rows), features in zip(people, own_maps, strict=True):
            generator = torch.Generator().manual_seed(_seed(run.seed, run.epoch, pid))
            labels[rows] = cluster_identity(features, self.parts, self.enhanced, generator).cpu().numpy()
        if isinstance(labels, np.memmap):
            labels.flush()
        run.barrier()
        if run.rank == 0:
            swap(file)
        run.barrier()
        return self.last(run, run.epoch)


def people_of(pids: Rows) -> list[tuple[int, Rows]]:
    """List the training identities by ascending pid, each with the rows of its pictures."""
    return [(int(pid), np.flatnonzero(pids == pid)) for pid in np.unique(pids[pids > DISTRACTOR])]


def maps_of_each_person(maps: Callable[[Tensor], Tensor], run: Run, people: Sequence[Rows]) -> Iterator[Tensor]:
    """Compute the feature maps (N, C, h, w) of each person's pictures, one person after another."""
    plan = [np.split(rows, range(AT_ONCE, len(rows), AT_ONCE)) for rows in people]
    pictures = iter(run.pictures([block for blocks in plan for block in blocks]))
    for blocks in plan:
        features = maps(next(pictures))
        if len(blocks) > 1:
            joined = features.new_empty((sum(map(len, blocks)), *features.shape[1:]), dtype=torch.float16)
            filled = len(features)
            joined[:filled] = features
            for _ in blocks[1:]:
                features = maps(next(pictures))
                joined[filled : filled + len(features)] = features
                filled += len(features)
            features = joined
        yield features


def _seed(*numbers: int) -> int:
    return int(np.random.SeedSequence(numbers).generate_state(1, np.uint64)[0])
