"""VIPeR: one picture of each person by either of two cameras, BMP."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sameperson.data.miniatures.miniature import Miniature, Splits, WorldTree
from sameperson.data.readers.viper import drawn_half

FOLDERS = ("cam_a", "cam_b")
ANGLES = (45, 90)
"""Degrees, as names say from where a person is seen."""


def write(world: WorldTree, out: Path) -> Splits:
    """Two folders; who is learned from is drawn, whatever the world says."""
    first = {(row.pid, row.camid): row for row in reversed(world.rows)}
    rows = [first[key] for key in sorted(first)]
    for row in rows:
        world.copy(row, out / FOLDERS[row.camid] / f"{row.pid:03d}_{ANGLES[row.camid]}.bmp")
    learned = set(drawn_half(np.array([row.pid for row in rows]), 1).tolist())
    test = [row for row in rows if row.pid not in learned]
    return {"train": [row for row in rows if row.pid in learned], "query": test, "gallery": test}


MINIATURE = Miniature("viper", write, {"labels": (), "cameras": 2})
