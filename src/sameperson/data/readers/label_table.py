"""Reads `labels.csv`, the table of clothes, tracks and frames that lies beside the pictures of a tree."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sameperson.checks import InputError
from sameperson.data.readers.csv_table import csv_table
from sameperson.data.readers.label_text import all_digits
from sameperson.types import UNKNOWN

LABELS = ("clothes_id", "track_id", "frame")


@dataclass(frozen=True)
class Labels:
    """The labels of pictures in a table: rows by path, columns (N,) int32, -1 unknown."""

    rows: dict[str, int]
    columns: dict[str, NDArray[np.int32]]

    def of(self, paths: NDArray[Any]) -> dict[str, NDArray[np.int32]]:
        """Return the columns for pictures, by their paths (M,) below the root."""
        rows = np.fromiter((self.rows.get(path, -1) for path in paths), np.int64, len(paths))
        return {name: np.where(rows < 0, UNKNOWN, column[rows]) for name, column in self.columns.items()}


def labels_beside(root: Path) -> Labels | None:
    """Read path, clothes_id, track_id and frame from the `labels.csv` of a tree; None where there is no such file.

    Raises InputError for a table that cannot be read.
    """
    file = root / "labels.csv"
    if not file.exists():
        return None
    table = csv_table(file, ("path",))
    rows = {str(path): row for row, path in enumerate(table["path"])}
    try:
        columns = {
            name: np.array([_number(cell) for cell in table[name].tolist()], np.int32)
            for name in LABELS
            if name in table
        }
    except (ValueError, OverflowError) as error:
        expected = f"numbers as {', '.join(LABELS)}"
        raise InputError(f"{file}: {error}", expected, "write it anew or move it away") from error
    return Labels(rows, columns)


def _number(cell: str) -> int:
    """Read a plain number; Python's `int` alone would also take `1_11`."""
    text = cell.strip()
    if text in ("", str(UNKNOWN)):
        return UNKNOWN
    if not all_digits([text]):
        raise ValueError(f"{cell!a} is no number")
    return int(text)
