"""A run's training pictures labelled anew by clusters of what the network sees, one person at a time.

Memory holds the maps of the person with the most pictures, whatever the size of the data set. Several processes share
the people, and make the labels that one would make.
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
"""What the batches call them."""
FILE = "part_labels.npy"
AT_ONCE = 64
"""Pictures that pass through the network together; whose maps are kept in half precision if a person has more."""


@dataclass(frozen=True)
class Clusters:
    """What the labels are: `parts` clusters of each person's foreground on a grid (h, w) over every picture."""

    parts: int
    grid: tuple[int, int]
    enhanced: bool = True

    def stripes(self, run: Run) -> PartLabels:
        """What there is before the first clustering."""
        return PartLabels.stripes(len(run.samples), self.parts, self.grid)

    def last(self, run: Run, epoch: int) -> PartLabels:
        """Those in the run's folder; InputError where they are missing, of other pictures, or not found at `epoch`."""
        file = run.folder / FILE
        labels = PartLabels.open(file, run.samples, self.grid)
        if labels.epoch != epoch:
            found = f"{file}: part labels of epoch {labels.epoch + 1}"
            raise InputError(found, f"those that the run found at epoch {epoch + 1}", "train into another folder")
        return labels

    @torch.no_grad()
    def anew(self, maps: Callable[[Tensor], Tensor], run: Run) -> PartLabels:
        """Cluster every person's maps, and take the old labels' place once all are done.

        maps: normalised images (n, 3, H, W) -> (n, C, h, w). Every process calls this.
        """
        file = run.folder / FILE
        if run.rank == 0:
            begin(file, run.samples, self.parts, self.grid, run.epoch)
        run.barrier()
        labels = draft(file)
        people = people_of(run.samples.pid)[run.rank :: run.world_size]
        for (pid, rows), found in zip(people, each_one(maps, run, [rows for _, rows in people]), strict=True):
            draw = torch.Generator().manual_seed(_seed(run.seed, run.epoch, pid))
            labels[rows] = cluster_identity(found, self.parts, self.enhanced, draw).cpu().numpy()
        if isinstance(labels, np.memmap):
            labels.flush()
        run.barrier()
        if run.rank == 0:
            swap(file)
        run.barrier()
        return self.last(run, run.epoch)


def people_of(pids: Rows) -> list[tuple[int, Rows]]:
    """Everyone to learn from, with the rows of their pictures, by ascending pid."""
    return [(int(pid), np.flatnonzero(pids == pid)) for pid in np.unique(pids[pids > DISTRACTOR])]


def each_one(maps: Callable[[Tensor], Tensor], run: Run, people: Sequence[Rows]) -> Iterator[Tensor]:
    """The maps (N, C, h, w) of one person's pictures after another's."""
    plan = [np.split(rows, range(AT_ONCE, len(rows), AT_ONCE)) for rows in people]
    pictures = iter(run.pictures([block for blocks in plan for block in blocks]))
    for blocks in plan:
        found = maps(next(pictures))
        if len(blocks) > 1:
            whole = found.new_empty((sum(map(len, blocks)), *found.shape[1:]), dtype=torch.float16)
            filled = len(found)
            whole[:filled] = found
            for _ in blocks[1:]:
                found = maps(next(pictures))
                whole[filled : filled + len(found)] = found
                filled += len(found)
            found = whole
        yield found


def _seed(*numbers: int) -> int:
    return int(np.random.SeedSequence(numbers).generate_state(1, np.uint64)[0])
