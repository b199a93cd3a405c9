"""The three values everything maps between: `Samples` -> `Embeddings` -> `Ranking`.

All arrays are numpy; torch stays inside the modules that compute. Nothing here knows a floor above it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sameperson.checks import InputError

JUNK = -1
"""pid of a picture that shows no one or too little of someone: dropped before scoring, as in Market-1501."""
DISTRACTOR = 0
"""pid of someone never queried: stays in the gallery and is never a positive."""
UNKNOWN = -1
"""camid, clothes_id, track_id or frame that nobody wrote down."""
Rows = NDArray[np.int64]
"""Row numbers of samples or embeddings (n,)."""
Size = tuple[int, int]
"""(height, width) in pixels or cells."""


def strings(values: Any) -> NDArray[Any]:
    """Text as one compact column (numpy's variable-width UTF-8 strings).

    Raises InputError for the name of a file whose bytes are not UTF-8, which such a column cannot hold.
    """
    try:
        return np.asarray(values, dtype=np.dtypes.StringDType())
    except UnicodeEncodeError as error:
        raise InputError(f"a file named {error.object!a}", "names in UTF-8", "rename it") from error


@dataclass(frozen=True)
class Samples:
    """Pictures and what is known of each, as columns of equal length N.

    path: (N,) StringDType, relative to `root`.
    pid: (N,) int64; -1 junk, 0 distractor.
    camid, clothes_id, track_id, frame: (N,) int32; -1 unknown. clothes_id is unique across people.
    root: the folder that the paths start from.
    priors: name ("keypoints", "parsing", "mask", ...) -> file or folder that holds that prior for these pictures.
    names: pid -> what the user calls that person, where the user's names are not numbers.
    source: makes a picture (H, W, 3) uint8 RGB from its path, for pictures that are no files; called by many threads.
    """

    path: NDArray[Any]
    pid: NDArray[np.int64]
    camid: NDArray[np.int32]
    clothes_id: NDArray[np.int32]
    track_id: NDArray[np.int32]
    frame: NDArray[np.int32]
    root: Path = Path()
    priors: Mapping[str, Path] = field(default_factory=dict)
    names: Mapping[int, str] = field(default_factory=dict)
    source: Callable[[str], NDArray[np.uint8]] | None = None

    COLUMNS = ("path", "pid", "camid", "clothes_id", "track_id", "frame")

    def __post_init__(self) -> None:
        lengths = {name: len(getattr(self, name)) for name in self.COLUMNS}
        if len(set(lengths.values())) > 1:
            raise ValueError(f"columns of unequal length: {lengths}")

    @classmethod
    def of(cls, path: Any, pid: Any, camid: Any = None, *, root: str | Path = "", **more: Any) -> Samples:
        """Samples from sequences; columns that are not given are unknown.

        >>> Samples.of(["a.jpg", "b.jpg"], [1, 2]).camid
        array([-1, -1], dtype=int32)
        """
        path = strings(path)

        def column(values: Any) -> NDArray[np.int32]:
            return np.full(len(path), UNKNOWN, np.int32) if values is None else np.asarray(values, np.int32)

        optional = {name: column(more.pop(name, None)) for name in ("clothes_id", "track_id", "frame")}
        return cls(path, np.asarray(pid, np.int64), column(camid), **optional, root=Path(root), **more)

    def __len__(self) -> int:
        return len(self.path)

    def take(self, which: Any) -> Samples:
        """The rows chosen by indices (n,) int or a mask (N,) bool."""
        return replace(self, **{name: getattr(self, name)[which] for name in self.COLUMNS})

    def file(self, index: int) -> Path:
        """Return the path of picture `index`."""
        return self.root / str(self.path[index])

    def name_of(self, pid: int) -> str:
        """Return the user's name for this person, or the pid as text."""
        return self.names.get(int(pid), str(int(pid)))

    @property
    def people(self) -> int:
        """How many identities there are, junk and distractors left out."""
        return len(np.unique(self.pid[self.pid > DISTRACTOR]))


@dataclass(frozen=True)
class Embeddings:
    """The features that a network computes of N pictures.

    features: (N, D) float32 (float16 for storage); parts: (N, P, D) or None; visibility: (N, P) in [0, 1] or None.
    fingerprint: names the weights and the preprocessing; embeddings of two fingerprints never mix.
    """

    features: NDArray[Any]
    fingerprint: str
    parts: NDArray[Any] | None = None
    visibility: NDArray[Any] | None = None

    def __post_init__(self) -> None:
        for item in fields(self):
            value = getattr(self, item.name)
            if isinstance(value, np.ndarray) and len(value) != len(self.features):
                raise ValueError(f"{item.name} has {len(value)} rows, features has {len(self.features)}")

    def __len__(self) -> int:
        return len(self.features)

    def take(self, which: Any) -> Embeddings:
        """The rows chosen by indices (n,) int or a mask (N,) bool."""
        parts = None if self.parts is None else self.parts[which]
        visibility = None if self.visibility is None else self.visibility[which]
        return replace(self, features=self.features[which], parts=parts, visibility=visibility)


@dataclass(frozen=True)
class Ranking:
    """For Q queries the nearest k gallery rows, best first.

    indices: (Q, k) int64 gallery rows, -1 where a query has fewer than k candidates.
    distances: (Q, k) float32, +inf where indices is -1.
    protocol: the name of the protocol that said which rows count.
    """

    indices: NDArray[np.int64]
    distances: NDArray[np.float32]
    protocol: str
