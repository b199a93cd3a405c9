"""`AllSplits` holds the rows of all splits in one table, and tells which rows are the same file."""

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
    """The N rows of all splits as columns, of F different files.

    names: of the splits; split: (N,) int64, each row's place among them. path: (N,) StringDType as the reader gave it.
    pid: (N,) int64; camid, clothes_id: (N,) int32. picture: (N,) int64 in [0, F), each row's file; first: (F,) int64,
    the first row of each file.
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
        """Join the splits of a dataset, one after another."""
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
        """The first row of each of S splits: (S,) int64."""
        return np.searchsorted(self.split, np.arange(len(self.names)))

    def inside(self, *names: str) -> NDArray[np.bool_]:
        """Return the mask (N,) of rows that lie in one of the named splits."""
        return np.isin(self.split, [place for place, name in enumerate(self.names) if name in names])

    @cached_property
    def unsplit(self) -> bool:
        """Whether query and gallery only repeat the training pictures, because the dataset has no written split."""
        test, train = self.inside("query", "gallery"), self.inside("train")
        return bool(train.any() and test.any() and np.isin(self.picture[test], self.picture[train]).all())

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        """The mask (N,) of rows that show an identified person: neither junk nor a distractor."""
        return self.pid > DISTRACTOR

    @property
    def cameras(self) -> NDArray[np.int32]:
        """The camera ids that occur, without the unknown one."""
        return np.unique(self.camid[self.camid != UNKNOWN])

    def place(self, row: int) -> tuple[Samples, int]:
        """Return the split that a row comes from, and its row number there."""
        split = int(self.split[row])
        return self.samples[split], int(row - self.starts[split])

    def file(self, row: int) -> Path:
        """Return the path of a row's picture."""
        samples, inner = self.place(row)
        return samples.file(inner)

    def pixels(self, row: int) -> NDArray[np.uint8]:
        """Return a row's picture (H, W, 3) uint8, read from its file or drawn by its source."""
        samples, inner = self.place(row)
        return picture_of(samples, inner)

    def who(self, pid: int) -> str:
        """Return the user's name for a person, or the pid as text."""
        name = next((part.names[pid] for part in self.samples if pid in part.names), None)
        return str(pid) if name is None else name

    def shown(self, row: int, *more: str) -> Shown:
        """Return a row's picture for the page, with a caption of person, camera, split and any further words."""
        camera = "" if self.camid[row] == UNKNOWN else f"camera {self.camid[row]}"
        says = (f"person {self.who(int(self.pid[row]))}", camera, self.names[self.split[row]], *more)
        return Shown(self.file(row), ", ".join(word for word in says if word))
