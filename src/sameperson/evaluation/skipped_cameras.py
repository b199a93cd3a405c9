"""Scores in which the queries of one camera skip the gallery pictures of another, whoever is on them (SYSU-MM01).

The pictures of the query's own person are dropped by `protocols.rules.dropped`; here everybody else's are too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from sameperson.evaluation.distance import Features
from sameperson.evaluation.scores import Scores
from sameperson.types import Rows

CameraPairs = tuple[tuple[int, int], ...]
"""(camera of the query, camera of the gallery picture), from 0."""


@dataclass(frozen=True)
class SkippedCameras:
    """The scores of `scores`, and minus infinity where a query skips the camera of a gallery picture.

    query_camid: (Q,). gallery_camid: (G,).
    """

    scores: Scores
    query_camid: NDArray[np.int32]
    gallery_camid: NDArray[np.int32]
    skips: CameraPairs

    @property
    def shape(self) -> tuple[int, int]:
        """(Q, G)."""
        return self.scores.shape

    def tile(self, start: int, stop: int, out: Tensor) -> Features:
        """As `Scores.tile`."""
        tile = self.scores.tile(start, stop, out)
        for asking, skipped in self.skips:
            rows = np.flatnonzero(self.query_camid[start:stop] == asking)
            tile[np.ix_(rows, np.flatnonzero(self.gallery_camid == skipped))] = -np.inf
        return tile

    def among(self, rows: Rows) -> SkippedCameras:
        """As `Scores.among`."""
        return replace(self, scores=self.scores.among(rows), gallery_camid=self.gallery_camid[rows])

    def distances(self, scores: NDArray[Any]) -> NDArray[Any]:
        """As `Scores.distances`."""
        return self.scores.distances(scores)
