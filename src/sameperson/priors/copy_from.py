"""Copies priors from a tree that has true ones, such as a synthetic world, instead of using a network."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from sameperson.checks import InputError, existing_folder
from sameperson.locks import locked
from sameperson.priors.keypoints import load_keypoints
from sameperson.priors.label_sets import LabelSet
from sameperson.priors.locations import find_priors
from sameperson.priors.masks import load_masks
from sameperson.priors.parsing import load_parsing
from sameperson.priors.resumable_writer import KEYPOINTS, LabelMapWriter, WrittenPrior, require_none, write_bodies
from sameperson.types import Samples

Progress = Callable[[int, int], None]


def copy_keypoints(samples: Samples, tree: Path, out: Path) -> WrittenPrior:
    """Write `keypoints.json` into `out` with the bodies that `tree` has of pictures of the same names."""
    with locked(out / KEYPOINTS):
        require_none(out, "keypoints")
        bodies = load_keypoints(_place(tree, "keypoints"), samples)
        rows = _rows_found(bodies.valid, tree, samples)
        names = ((str(samples.path[row]), bodies.values[row]) for row in rows)
        target = out / KEYPOINTS
        write_bodies(target, ((name, [round(float(v), 3) for v in points.ravel()]) for name, points in names))
        return WrittenPrior(target, len(samples), len(samples) - len(rows))


def copy_parsing(samples: Samples, tree: Path, out: Path, progress: Progress, *, labels: LabelSet) -> WrittenPrior:
    """Write `parsing/<path>.png` into `out` with the maps that `tree` has of pictures of the same names."""
    with locked(out / "parsing"):
        require_none(out, "parsing")
        place = _place(tree, "parsing")
        maps = load_parsing(place, samples, labels.name, anywhere=True)
        rows = _rows_found(maps.valid, tree, samples)
        writer = LabelMapWriter(out / "parsing", f"{place} {labels.name}", [str(path) for path in samples.path])
        for done, row in enumerate(rows, start=1):
            found = maps.read(row)
            if found is not None and not writer.has(row):
                writer.add(row, found, labels)
            progress(done, len(rows))
        return WrittenPrior(writer.finish(), len(samples), len(samples) - len(rows))


def copy_masks(samples: Samples, tree: Path, out: Path, progress: Progress) -> WrittenPrior:
    """Write `masks/<path>.png` into `out` with the masks that `tree` has of pictures of the same names."""
    with locked(out / "masks"):
        require_none(out, "mask")
        place = _place(tree, "mask")
        maps = load_masks(place, samples, anywhere=True)
        rows = _rows_found(maps.valid, tree, samples)
        writer = LabelMapWriter(out / "masks", f"{place} mask", [str(path) for path in samples.path])
        for done, row in enumerate(rows, start=1):
            found = maps.read(row)
            if found is not None and not writer.has(row):
                writer.add(row, found * np.uint8(255), None)
            progress(done, len(rows))
        return WrittenPrior(writer.finish(), len(samples), len(samples) - len(rows))


def _place(tree: Path, prior: str) -> Path:
    tree = existing_folder(tree, "a tree with true labels, as `sameperson world make` writes it")
    places = find_priors(tree)
    if prior not in places:
        raise InputError(f"{tree}: no {prior}", f"{prior} beside its pictures", "give another tree")
    return places[prior]


def _rows_found(valid: np.ndarray, tree: Path, samples: Samples) -> list[int]:
    rows = np.flatnonzero(valid).tolist()
    if not rows:
        found = f"{tree}: labels of none of the {len(samples)} pictures in {samples.root}"
        raise InputError(found, f"names as theirs, such as {samples.path[0]}", "check which tree they come from")
    return rows
