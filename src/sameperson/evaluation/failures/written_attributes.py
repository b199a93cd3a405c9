"""Attributes of pictures that somebody wrote down: bag, viewpoint and pose, in the tables beside a tree.

`labels.csv` may have columns `bag`, `viewpoint` and `pose`, one value a picture. `people.csv`, with columns `pid`,
`clothes_id` and `bag`, says who carries a bag in which clothes.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sameperson.checks import InputError, read_text
from sameperson.data.readers.csv_table import rows_of_width
from sameperson.types import Samples

COLUMNS = ("viewpoint", "pose", "bag")
NOTHING = ("", "-1", "unknown")
NO_BAG = ("none", "no", "0", "false")
"""How a table says that there is no bag."""
Words = NDArray[Any]
"""(N,) text in an object array; "" where nobody wrote it down."""


def written_attributes(samples: Samples) -> dict[str, tuple[Words, str]]:
    """Read what is known of pictures: attribute -> (N,) text, and the name of the table.

    Attributes of which no picture has one are left out. Raises InputError for a table that cannot be read.
    """
    found: dict[str, tuple[Words, str]] = {}
    if samples.source is not None:
        return found
    pictures, people = samples.root / "labels.csv", samples.root / "people.csv"
    if people.is_file() and (bags := bags_of_people(people, samples)) is not None:
        found["bag"] = bags, people.name
    if pictures.is_file():
        table = columns_of(pictures)
        rows = {path: row for row, path in enumerate(table.get("path", ()))}
        at = [rows.get(str(path)) for path in samples.path]
        for name in COLUMNS:
            if name in table:
                found[name] = column(["" if row is None else table[name][row] for row in at]), pictures.name
    return {name: (words, where) for name, (words, where) in found.items() if (words != "").any()}


def bags_of_people(file: Path, samples: Samples) -> Words | None:
    """Read the bag of each picture's person in the clothes that the picture shows; None without such columns."""
    table = columns_of(file)
    if not {"pid", "clothes_id", "bag"} <= set(table):
        return None
    bags = dict(zip(zip(table["pid"], table["clothes_id"], strict=True), table["bag"], strict=True))
    wanted = zip(samples.pid.tolist(), samples.clothes_id.tolist(), strict=True)
    return column([bags.get((str(pid), str(clothes)), "") for pid, clothes in wanted])


def columns_of(file: Path) -> dict[str, list[str]]:
    """Read a CSV with a header, separated by commas, semicolons or tabs: column -> its cells, without blanks around.

    Raises InputError for what is no such table.
    """
    lines = read_text(file, "a CSV file").splitlines()
    header = lines[0] if lines else ""
    try:
        rows = csv.reader(lines, delimiter=max(",;\t", key=header.count))
        names = [name.strip().lower() for name in next(rows, [])]
        cells = [[cell.strip() for cell in row] for row in rows_of_width(file, rows, len(names))]
    except csv.Error as error:
        raise InputError(f"{file}: not a CSV ({error})", "text with a header", "save it as CSV, UTF-8") from error
    return {name: [row[number] for row in cells] for number, name in enumerate(names)}


def column(words: list[str]) -> Words:
    """Make a column of text, with "" for what says that nothing is known."""
    return np.array(["" if word.lower() in NOTHING else word for word in words], object)


def with_bag(bags: Words) -> NDArray[np.bool_]:
    """Which pictures (N,) show a person with a bag."""
    return np.array([bool(word) and word.lower() not in NO_BAG for word in bags], bool)
