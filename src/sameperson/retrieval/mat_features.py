"""Features and labels in a .mat file, as re-ID repositories write them: `gallery_f`, `gallery_label`, `gallery_cam`.

Person_reID_baseline_pytorch's `pytorch_result.mat` is read, and files whose arrays are named alike: `query_feature`,
`query_ids`, `query_cams` and so on, or `features`, `ids` and `cams` alone, of all pictures together.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sameperson.checks import InputError
from sameperson.data.readers.matlab import MatFile
from sameperson.data.readers.table import Table
from sameperson.types import strings

LARGEST = 1 << 34
"""Bytes of a file that is still read at once."""
EXPECTED = "a .mat file of version 5 to 7 with gallery_f, gallery_label, gallery_cam and the same of query"
SIDES = {"query": ("query_", "q_"), "gallery": ("gallery_", "g_")}
FEATURES = ("f", "feature", "features", "feat", "feats")
PEOPLE = ("label", "labels", "id", "ids", "pid", "pids")
CAMERAS = ("cam", "cams", "camid", "camids", "camera", "cameras")
SEVERAL = "mquery_f"
"""Features of several pictures for each query, which no protocol here asks with."""
WHOLE = 2**53
"""The largest whole number that a table of doubles is sure to hold."""


def read_mat(file: Path) -> tuple[NDArray[Any], Table, tuple[str, ...]]:
    """Read features (N, D), a table of their labels (`path` says which array and row), and notes on what is left.

    The table has a column `split` where the file tells queries from the gallery.
    Raises InputError for a file without such arrays, and where they contradict each other.
    """
    opened = MatFile.open(file, EXPECTED, LARGEST)
    names = opened.arrays.keys()
    parts = {side: prefixes for side, prefixes in SIDES.items() if _named(names, prefixes, FEATURES)}
    if len(parts) == 1:
        lacking = "query" if "gallery" in parts else "gallery"
        raise InputError(f"{file}: no {lacking}_f", EXPECTED, f"save the features of the {lacking} too")
    notes = (f"{file}: {SEVERAL} is passed over: each query is asked with its own feature",) if SEVERAL in names else ()
    if not parts:
        features, table = _side(opened, ("",))
        return features, table, notes
    sides = [_side(opened, prefixes) for prefixes in parts.values()]
    if len({features.shape[1] for features, _ in sides}) > 1:
        widths = " and ".join(str(features.shape[1]) for features, _ in sides)
        raise InputError(f"{file}: features of {widths} numbers", "one width", "embed them again with one network")
    if len({frozenset(table) for _, table in sides}) > 1:
        raise InputError(f"{file}: cameras of one of query and gallery", EXPECTED, "save both, or neither")
    table = {name: np.concatenate([table[name] for _, table in sides]) for name in sides[0][1]}
    counts = [len(features) for features, _ in sides]
    table["split"] = strings(np.repeat(list(parts), counts).tolist())
    return np.concatenate([features for features, _ in sides]), table, notes


def _side(opened: MatFile, prefixes: tuple[str, ...]) -> tuple[NDArray[Any], Table]:
    """Features (N, D) of one side, and its table of path, pid and, where there are cameras, camid."""
    names = opened.arrays.keys()
    feature, people, cameras = (_named(names, prefixes, known) for known in (FEATURES, PEOPLE, CAMERAS))
    if feature is None or people is None:
        there = ", ".join(sorted(name for name in names if name)[:9]) or "none"
        lacking = "features" if feature is None else f"labels of {feature}"
        raise InputError(f"{opened.file}: no {lacking} among its arrays: {there}", EXPECTED, "rename its arrays")
    features = opened.table(feature, EXPECTED, LARGEST)
    if 0 in features.shape:
        raise InputError(
            f"{opened.file}: {feature} has shape {features.shape}", EXPECTED, "save a row for each picture"
        )
    if features.dtype.kind != "f":
        raise InputError(f"{opened.file}: {feature} is of {features.dtype}", "floating-point features", "save these")
    table: dict[str, Any] = {"path": strings([f"{feature}[{row}]" for row in range(len(features))])}
    for column, name in (("pid", people), ("camid", cameras)):
        if name is not None:
            table[column] = _labels(opened, name, feature, len(features))
    return features, table


def _labels(opened: MatFile, name: str, feature: str, count: int) -> NDArray[Any]:
    """Labels (N,) as text, of whole numbers in one row or one column."""
    numbers = opened.table(name, EXPECTED, LARGEST)
    if numbers.size != count or max(numbers.shape) != count:
        shape = " x ".join(map(str, numbers.shape))
        raise InputError(
            f"{opened.file}: {name} is {shape} for {count} rows of {feature}", "a label a row", "save both"
        )
    numbers = numbers.reshape(-1)
    if numbers.dtype.kind == "f" and not (
        (np.abs(numbers) <= WHOLE).all() and (numbers == np.floor(numbers)).all()  # false for what is no number, too
    ):
        raise InputError(f"{opened.file}: {name} holds what is no whole number", "a number a label", "save numbers")
    return strings([str(int(number)) for number in numbers.tolist()])


def _named(names: Collection[str], prefixes: tuple[str, ...], known: tuple[str, ...]) -> str | None:
    """The array that a prefix and one of the known words name."""
    return next((prefix + word for word in known for prefix in prefixes if prefix + word in names), None)
