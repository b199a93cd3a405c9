"""Figures by camera: how well the queries of each camera find their person, each figure with its interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from sameperson.evaluation.result import FIGURES, Evaluation
from sameperson.evaluation.stats import Accuracy, bootstrap
from sameperson.types import Samples

SHOWN = ("rank1", "mAP", "mINP")


@dataclass(frozen=True)
class CameraFigures:
    """The queries of one camera. camid: from 0, -1 unknown; queries: how many count, of so many `people`."""

    camid: int
    queries: int
    people: int
    rank1: Accuracy
    mAP: Accuracy
    mINP: Accuracy

    def to_json(self) -> dict[str, Any]:
        """The camera counted from 1 as a reader knows it, null where it is unknown, and its figures."""
        camera = None if self.camid < 0 else self.camid + 1
        figures = {name: getattr(self, name).to_json() for name in SHOWN}
        return {"camera": camera, "queries": self.queries, "people": self.people, **figures}


def by_camera(result: Evaluation, queries: Samples) -> list[CameraFigures]:
    """Split an evaluation by the camera of the query, in the order of the cameras.

    queries: the Q rows that were evaluated. Queries that count for nothing are left out, and cameras that have only
    such. A camera's intervals are over the people whom it saw.
    """
    counted = np.isfinite(result.average_precision)
    columns = [FIGURES.index(name) for name in SHOWN]
    rows = []
    for camera in np.unique(queries.camid[counted]):
        mine = counted & (queries.camid == camera)
        shares = bootstrap(result.per_query[mine][:, columns], queries.pid[mine], result.resamples, result.seed)
        people = len(np.unique(queries.pid[mine]))
        rows.append(CameraFigures(int(camera), int(mine.sum()), people, *shares))
    return rows
