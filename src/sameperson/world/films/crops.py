"""Re-ID crops cut out of a film by its ground-truth boxes."""

from __future__ import annotations

import csv
from pathlib import Path

import cv2
import numpy as np

from sameperson.checks import existing_folder
from sameperson.types import Samples
from sameperson.world.pictures.annotations import write_jpeg

ROOM = 0.06
"""Margin of a crop around the true box, on each side, as a share of the box."""
QUALITY = 92


def cut_film(film: str | Path, out: str | Path, every: int = 6, least_visible: float = 0.3) -> Samples:
    """Cut the people out of a film of `world scene` and write them as pictures into the folder `out`.

    every: frames from one that is cut to the next; least_visible: the share of a person that must be visible. File
    names are Market-1501's. Raises InputError for a folder that does not exist.
    """
    film, out = existing_folder(film, "a film that `sameperson world scene` made"), Path(out)
    out.mkdir(parents=True, exist_ok=True)
    paths, pids, camids, frames = [], [], [], []
    for camera, folder in enumerate(sorted(path for path in film.iterdir() if (path / "gt" / "gt.txt").exists())):
        with (folder / "gt" / "gt.txt").open(newline="") as file:
            rows = [[float(cell) for cell in row] for row in csv.reader(file)]
        for frame, pid, left, top, width, height, _, _, visible in rows:
            if (frame - 1) % every or visible < least_visible:
                continue
            picture = cv2.imread(str(folder / "img1" / f"{int(frame):06d}.jpg"))
            assert picture is not None
            low = np.array([left - 1 - ROOM * width, top - 1 - ROOM * height])
            high = np.array([left - 1 + (1 + ROOM) * width, top - 1 + (1 + ROOM) * height])
            (x0, y0), (x1, y1) = (np.rint(low).astype(int).clip(0), np.rint(high).astype(int).clip(0))
            name = f"{int(pid):04d}_c{camera + 1}s1_{int(frame):06d}_00.jpg"
            write_jpeg(out / name, np.asarray(picture[y0:y1, x0:x1, ::-1], np.uint8), QUALITY)
            paths.append(name)
            pids.append(int(pid))
            camids.append(camera)
            frames.append(int(frame))
    return Samples.of(paths, pids, camids, frame=frames, root=out)
