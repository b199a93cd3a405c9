"""Labels of people and cameras as text: when two labels are the same, and which number each gets.

Labels are the same if they are the same text. If all labels of a column are plain ASCII digits, they are numbers, and
`7` and `007` are the same. Python's `int` alone does not decide, because it also reads `1_11`, `+7` and other scripts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sameperson.types import JUNK, UNKNOWN

CHUNK = 1 << 16
"""Labels that are held as Python's objects at once."""
LARGEST = 10**18
"""Numbers above this are labels like any other text: an int64 holds this one and room for more people."""
NOBODY = ("", str(JUNK))
"""What stands for an unknown person or camera."""


@dataclass(frozen=True)
class NumberedLabels:
    """A column of labels as numbers (N,) int64, -1 unknown.

    names: number -> the user's label; where the labels are numbers, only those that Python writes otherwise.
    """

    numbers: NDArray[np.int64]
    names: dict[int, str]


def number_labels(column: NDArray[Any], first: int = 0, largest: int = LARGEST) -> NumberedLabels:
    """Number a column of labels (N,) StringDType so that equal labels, and only those, get one number.

    Numbers stay as they are unless one is above `largest`; all other labels are numbered in sorted order from `first`.
    """
    known, place = distinct_labels(column)
    labels = tidied(known)
    if all_digits(label for label in labels if label not in NOBODY):
        spelt = [label.lstrip("0") or "0" if label not in NOBODY else label for label in labels]
        ordered = sorted({label for label in spelt if label not in NOBODY}, key=lambda label: (len(label), label))
        keep = not ordered or (len(ordered[-1]) <= len(str(largest)) and int(ordered[-1]) <= largest)
    else:
        spelt, keep = labels, False
        ordered = sorted({label for label in labels if label not in NOBODY})
    number = {label: int(label) if keep else place for place, label in enumerate(ordered, start=first)}
    names: dict[int, str] = {}
    for label, key in zip(labels, spelt, strict=True):
        one = number.get(key)
        if one is not None and (len(label), label) < (len(names.get(one, label)), names.get(one, label + "0")):
            names[one] = label
    numbers = np.array([number.get(label, UNKNOWN) for label in spelt], np.int64)
    needed = {one: name for one, name in sorted(names.items()) if not keep or name != str(one)}
    return NumberedLabels(numbers[place], needed)


def several_spellings(column: NDArray[Any] | None) -> list[tuple[str, ...]]:
    """List the numbers of a column that are written in several ways, such as `7` and `007`, by their spellings."""
    labels = [] if column is None else [label for label in tidied(distinct_labels(column)[0]) if label not in NOBODY]
    if not all_digits(labels):
        return []
    groups: defaultdict[str, set[str]] = defaultdict(set)
    for label in labels:
        groups[label.lstrip("0")].add(label)
    return sorted(tuple(sorted(group)) for group in groups.values() if len(group) > 1)


def all_digits(labels: Iterable[str]) -> bool:
    """Tell whether all labels are plain ASCII digits, so that they are numbers.

    >>> all_digits(["7", "007"]), all_digits(["7", "1_11"]), all_digits(["٣"]), all_digits(["+7"])
    (True, False, False, False)
    """
    return all(label.isascii() and label.isdigit() for label in labels)


def distinct_labels(column: NDArray[Any]) -> tuple[list[str], NDArray[np.int64]]:
    """Return the K different texts of a column in the order in which they appear, and each row's place (N,) there."""
    known: dict[str, int] = {}
    place = np.empty(len(column), np.int64)
    for start in range(0, len(column), CHUNK):
        part = column[start : start + CHUNK].tolist()
        place[start : start + CHUNK] = [known.setdefault(label, len(known)) for label in part]
    return list(known), place


def tidied(labels: list[str]) -> list[str]:
    """Leave out the blanks around labels, if no two labels become one by it; a blank label becomes empty.

    >>> tidied([" anna", "ben ", " "]), tidied([" 7", "7", "-1 "])
    (['anna', 'ben', ''], [' 7', '7', '-1'])
    """
    bare = [label.strip() for label in labels]
    someone = [place for place, label in enumerate(bare) if label not in NOBODY]
    if len({bare[place] for place in someone}) == len(someone):
        return bare
    return [label if label.strip() not in NOBODY else label.strip() for label in labels]
