"""Checks of camera labels: whether they exist, whether they mean cameras, and whom each camera saw."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sameperson.data.doctor.all_splits import AllSplits
from sameperson.data.doctor.finding import Finding, Severity, counted, finding, listed
from sameperson.data.doctor.next_commands import NextCommands
from sameperson.types import UNKNOWN

FEW_EACH = 3.0
"""Pictures of a median camera up to which camera ids are taken to mean something else than cameras,"""
MANY = 8
"""if there are at least so many of them."""
RARE_PEOPLE = 5
RARE_SHARE = 0.01


def camera_labels(splits: AllSplits, proposed: NextCommands, on_purpose: bool) -> Iterator[Finding]:
    """Report camera labels that are missing, all the same, or unlikely to mean cameras.

    on_purpose: the layout gives each picture a camera id of its own by design (Celeb-reID, DanceReID), so that this is
    only a note.
    """
    rows = splits.first[splits.known[splits.first]]  # a file that serves in two splits is one picture
    if not len(rows):
        return
    camid = splits.camid[rows]
    unknown = rows[camid == UNKNOWN]
    if len(unknown) == len(rows):
        yield finding(
            "no-cameras",
            "warning",
            "No picture has a camera label: a protocol that leaves out the query's own camera leaves nothing",
            then="say where the camera is in the names (--pattern '{pid}_c{camid}_*.jpg'), or judge camera-blind",
            command=proposed.blind,
        )
        return
    if len(unknown):
        says = f"{counted(len(unknown), 'picture has', 'pictures have')} no camera label, though others have one"
        where = [str(splits.path[row]) for row in unknown]
        yield finding("some-cameras", "warning", says, where, then="write down their cameras, or leave them out")
    labelled = camid[camid != UNKNOWN]
    cameras, each = np.unique(labelled, return_counts=True)
    if len(cameras) == 1:
        yield finding(
            "one-camera",
            "warning",
            f"All pictures are under one camera ({cameras[0]}): nobody can be found across cameras",
            then="write down the true cameras, or judge camera-blind and say so beside the figures",
            command=proposed.blind,
        )
        return
    files = len(np.unique(splits.picture[rows[camid != UNKNOWN]]))
    if len(cameras) == files:
        severity: Severity = "note" if on_purpose else "warning"
        yield finding(
            "camera-per-picture",
            severity,
            f"Every picture has a camera id of its own ({len(cameras)} ids): nothing is left out as the query's own "
            "camera, as if judged camera-blind",
            then="" if on_purpose else "write down the true cameras, or leave the column out and judge camera-blind",
            command="" if on_purpose else proposed.blind,
        )
    elif len(cameras) >= MANY and np.median(each) <= FEW_EACH:
        rising = _rises_with_the_names(splits, rows[camid != UNKNOWN])
        more = ", and they count up along the file names" if rising else ""
        yield finding(
            "cameras-like-frames",
            "note" if on_purpose else "warning",
            f"Camera ids look like frame numbers: {len(cameras)} ids from {cameras[0]} to {cameras[-1]} for "
            f"{counted(files, 'picture')}, {np.median(each):g} for a median camera{more}",
            then="" if on_purpose else "check which part of the name is the camera (--pattern '{pid}_c{camid}_*.jpg')",
        )


def camera_shift(splits: AllSplits) -> Iterator[Finding]:
    """Report tests under one camera, made-up test cameras, and test cameras that training lacks."""
    if splits.unsplit:
        return
    seen = {
        name: set(np.unique(splits.camid[splits.inside(*parts) & splits.known & (splits.camid != UNKNOWN)]).tolist())
        for name, parts in {"train": ("train",), "query": ("query",), "gallery": ("gallery",)}.items()
    }
    query, gallery = seen["query"], seen["gallery"]
    if len(query) == len(gallery) == 1:
        if query == gallery and len(splits.cameras) > 1:
            says = f"Queries and gallery are all under one camera ({next(iter(query))})"
            yield finding("one-test-camera", "warning", says, then="give query and gallery their true cameras")
        elif query != gallery:
            yield finding(
                "invented-cameras",
                "note",
                f"All queries are under camera {next(iter(query))} and the whole gallery under camera "
                f"{next(iter(gallery))}: if these were made up to pass an evaluation, the figures are camera-blind",
                then="say so beside the figures, or write down the true cameras",
            )
    strange = sorted((query | gallery) - seen["train"])
    if seen["train"] and strange:
        which = f"camera {strange[0]}" if len(strange) == 1 else f"cameras {listed(strange)}"
        one = len(strange) == 1
        says = f"The test has {which} that training {'does not know' if one else 'knows none of'}"
        yield finding("new-test-cameras", "note", says, then="expect lower figures there than elsewhere")


def rare_cameras(splits: AllSplits) -> Iterator[Finding]:
    """Report cameras that saw hardly anyone."""
    rows = splits.known & (splits.camid != UNKNOWN)
    cameras, which, each = np.unique(splits.camid[rows], return_inverse=True, return_counts=True)
    if len(cameras) < 2 or np.median(each) <= FEW_EACH:
        return
    people = np.array([len(np.unique(splits.pid[rows][which == place])) for place in range(len(cameras))])
    most = people.max()
    rare = cameras[(people < min(RARE_PEOPLE, most / 4)) | (each < RARE_SHARE * each.max())]
    if len(rare):
        says = f"{counted(len(rare), 'camera')} saw hardly anyone: {listed(rare.tolist())}"
        yield finding("rare-cameras", "note", says, then="figures for these cameras mean little")


def _rises_with_the_names(splits: AllSplits, rows: np.ndarray) -> bool:
    """Tell whether camera ids rise along the sorted file names of each person, as frame numbers do."""
    order = rows[np.lexsort((np.argsort(np.argsort(splits.path[rows])), splits.pid[rows]))]
    steps = np.diff(splits.camid[order])[np.diff(splits.pid[order]) == 0]
    return len(steps) > 0 and bool(np.mean(steps >= 0) > 0.95)
