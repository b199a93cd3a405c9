"""Every row of every split in one set of columns, and which rows are the same file."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sameperson.data.dataset import Dataset
from sameperson.data.doctor.finding import Shown
from sameperson.images.decode import picture_of
from sameperson.types import DISTRACTOR, UNKNOWN, Rows, Samples


@dataclass(frozen=True)
class AllSplits:
    """N rows over all splits, of F different files.

    names: of the splits; split: (N,) int64 into them. path: (N,) StringDType as the reader gave it.
    pid: (N,) int64; camid, clothes_id: (N,) int32. picture: (N,) int64 in [0, F); first: (F,) a row of each file.
    """

    samples: tuple[Samples, ...]
    names: tuple[str, ...]
    split: Rows
    path: NDArray[Any]
    pid: NDArray[np.int64]
    camid: NDArray[np.int32]
    clothes_id: NDArray[np.int32]
    picture: Rows
    first: Rows

    @classmethod
    def of(cls, dataset: Dataset) -> AllSplits:
        """The columns of a dataset, its splits one after another."""
        parts = dataset.splits()
        samples = tuple(parts.values())
        path = np.concatenate([part.path for part in samples])
        key = path
        if len({part.root for part in samples}) > 1:
            key = np.concatenate([str(part.root) + "\n" + part.path for part in samples])
        _, first, picture = np.unique(key, return_index=True, return_inverse=True)
        columns = {
            name: np.concatenate([getattr(part, name) for part in samples]) for name in ("pid", "camid", "clothes_id")
        }
        split = np.repeat(np.arange(len(samples)), [len(part) for part in samples])
        return cls(samples, tuple(parts), split, path, **columns, picture=picture, first=first)

    def __len__(self) -> int:
        return len(self.path)

    @cached_property
    def starts(self) -> Rows:
        """(S,) the first row of each split."""
        return np.searchsorted(self.split, np.arange(len(self.names)))

    def inside(self, *names: str) -> NDArray[np.bool_]:
        """(N,) whether a row lies in one of these splits."""
        return np.isin(self.split, [place for place, name in enumerate(self.names) if name in names])

    @cached_property
    def unsplit(self) -> bool:
        """Whether query and gallery are only made of the training pictures, because nobody wrote a split down."""
        test, train = self.inside("query", "gallery"), self.inside("train")
        return bool(train.any() and test.any() and np.isin(self.picture[test], self.picture[train]).all())

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        """(N,) whether a row shows someone in particular."""
        return self.pid > DISTRACTOR

    @property
    def cameras(self) -> NDArray[np.int32]:
        """The cameras that were written down."""
        return np.unique(self.camid[self.camid != UNKNOWN])

    def place(self, row: int) -> tuple[Samples, int]:
        """The split a row comes from, and its row there."""
        split = int(self.split[row])
        return self.samples[split], int(row - self.starts[split])

    def file(self, row: int) -> Path:
        """Where a row's picture lies."""
        samples, inner = self.place(row)
        return samples.file(inner)

    def pixels(self, row: int) -> NDArray[np.uint8]:
        """A row's picture, drawn or read."""
        samples, inner = self.place(row)
        return picture_of(samples, inner)

    def who(self, pid: int) -> str:
        """What the user calls a person."""
        name = next((part.names[pid] for part in self.samples if pid in part.names), None)
        return str(pid) if name is None else name

    def shown(self, row: int, *more: str) -> Shown:
        """A picture for the page: its person, camera and split, and what else is worth saying."""
        camera = "" if self.camid[row] == UNKNOWN else f"camera {self.camid[row]}"
        says = (f"person {self.who(int(self.pid[row]))}", camera, self.names[self.split[row]], *more)
        return Shown(self.file(row), ", ".join(word for word in says if word))
