"""Data sets that are split ten times: the reader `regdb-3` takes RegDB's third split, `regdb` its first.

Who is learned from differs from split to split, so each needs a training of its own; figures are averaged over all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from sameperson.checks import InputError
from sameperson.data.dataset import Dataset
from sameperson.data.layout import Layout

SPLITS = 10
"""As many as the authors of VIPeR and of RegDB draw."""


def layout_of_split(layout: Layout, read: Callable[..., Dataset], number: int) -> Layout:
    """The layout that reads one split; read: as `Layout.read`, and takes the split's `number` (from 1) too.

    Raises InputError for a number that no split has.
    """
    if not 1 <= number <= SPLITS:
        expected = f"{layout.name}-1 to {layout.name}-{SPLITS}"
        raise InputError(f"reader '{layout.name}-{number}'", expected, "choose one of its splits")
    title = f"{layout.title}, split {number}"
    return replace(layout, name=f"{layout.name}-{number}", title=title, read=partial(read, number=number))
