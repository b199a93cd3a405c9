"""MARS and CCVID: tracklets, given by names and tables or by lists of folders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy.io import savemat

from sameperson.data.miniatures.miniature import Miniature, Splits, WorldTree, write_lines
from sameperson.world.pictures.annotations import Row

Tracklet = Sequence[Row]
SESSIONS = ("session1", "session3")
"""The sessions of the first and of the second outfit."""


def tracklets(rows: Sequence[Row]) -> list[Tracklet]:
    """Group pictures into tracklets by person, outfit and camera, in the order of their frames."""
    groups: dict[tuple[int, int, int], list[Row]] = {}
    for row in sorted(rows, key=lambda row: (row.pid, row.camid, row.clothes_id, row.frame)):
        groups.setdefault((row.pid, row.camid, row.clothes_id), []).append(row)
    return list(groups.values())


def is_query(world: WorldTree, track: Tracklet) -> bool:
    """Whether a test tracklet is a query: all are, except those of the last of several cameras."""
    return track[0].camid < max(world.plan.cameras - 1, 1)


def write_mars(world: WorldTree, out: Path) -> Splits:
    """Write two folders and info/; the gallery also has the first training person as distractor, the second as junk."""
    train = tracklets(world.split("train"))
    strangers = [
        [replace(row, pid={1: 0, 2: -1}[row.pid]) for row in track]
        for track in train
        if track[0].pid in (1, 2) and track[0].camid == 0
    ]
    test = sorted(strangers, key=lambda track: track[0].pid) + tracklets(world.split("query", "gallery"))
    for part, tracks in (("train", train), ("test", test)):
        names, table = [], []
        running: dict[int, int] = {}
        for track in tracks:
            pid, camid = track[0].pid, track[0].camid
            running[pid] = running.get(pid, 0) + 1
            table.append((len(names) + 1, len(names) + len(track), pid, camid + 1))
            for frame, row in enumerate(track, start=1):
                name = "00-1" if pid < 0 else f"{pid:04d}"
                names.append(f"{name}C{camid + 1}T{running[pid]:04d}F{frame:03d}.jpg")
                world.copy(row, out / f"bbox_{part}" / name / names[-1])
        write_lines(out / "info" / f"{part}_name.txt", names)
        savemat(out / "info" / f"tracks_{part}_info.mat", {f"track_{part}_info": np.array(table, np.int32)})
    queries = [number for number, track in enumerate(test, start=1) if track[0].pid > 0 and is_query(world, track)]
    savemat(out / "info" / "query_IDX.mat", {"query_IDX": np.array([queries], np.int32)})
    flat = [row for track in test for row in track]
    return {
        "train": world.split("train"),
        "query": [row for number in queries for row in test[number - 1]],
        "gallery": flat,
    }


def write_ccvid(world: WorldTree, out: Path) -> Splits:
    """Write a folder for each tracklet: the first outfit in session 1, the second in session 3, by other cameras."""
    test = tracklets(world.split("query", "gallery"))
    lists = {
        "train": tracklets(world.split("train")),
        "query": [track for track in test if is_query(world, track)],
        "gallery": [track for track in test if not is_query(world, track)],
    }
    for part, tracks in lists.items():
        lines = []
        for track in tracks:
            first = track[0]
            outfit = first.clothes_id % world.plan.outfits
            folder = f"{SESSIONS[outfit]}/{first.pid:03d}_{first.camid + 1:02d}"
            lines.append(f"{folder} {first.pid:03d} u{outfit}_l0_s0_c0_a0")
            for frame, row in enumerate(track, start=1):
                world.copy(row, out / folder / f"{frame:05d}.jpg")
        write_lines(out / f"{part}.txt", lines)
    return {part: [row for track in tracks for row in track] for part, tracks in lists.items()}


MARS = Miniature("mars", write_mars, {"labels": ()})
CCVID = Miniature("ccvid", write_ccvid, {"condition": "clothes", "outfits": 2, "labels": ()})
