"""A protocol held against labels: who is asked, what is searched, and what is decided only now."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sameperson.checks import InputError
from sameperson.evaluate.protocols.definition import Protocol, cameras_named
from sameperson.evaluate.protocols.pairs import OwnPictures, same_person
from sameperson.evaluate.protocols.rules import asked, searched, seen_by
from sameperson.types import Samples

Which = slice | NDArray[np.int64]
"""Rows to take; a slice where it is all of them, so that nothing is copied."""


@dataclass(frozen=True)
class Terms:
    """protocol: with nothing left to decide. queries, pictures: rows asked, and searched. notes: what was decided."""

    protocol: Protocol
    queries: Which
    pictures: Which
    notes: tuple[str, ...] = ()


def terms_of(protocol: Protocol, queries: Samples, pictures: Samples) -> Terms:
    """What `protocol` means for these queries and this gallery, as a reader gives them.

    Raises InputError where nobody is asked or nothing is searched, and where clothes decide and are unknown.
    """
    for samples, what, by in (
        (queries, "queries", protocol.query_cameras),
        (pictures, "gallery", protocol.gallery_cameras),
    ):
        if not len(samples):
            expected = "pictures of people who are named, to ask for and to search"
            raise InputError(f"no {what}", expected, "choose a data set that is split, or split it")
        if not seen_by(by, samples).any():
            there = ", ".join(str(number + 1) for number in np.unique(samples.camid)[:9])
            found = f"no {what} of {cameras_named(by)} (there are {len(samples)} of {there})"
            raise InputError(found, f"what protocol {protocol.name} is about", "choose another protocol")
    rows, columns = which(asked(protocol, queries)), which(searched(protocol, pictures))
    queries, pictures = queries.take(rows), pictures.take(columns)
    settled, notes = settle(protocol, queries, pictures)
    OwnPictures.of(queries, pictures, settled)
    return Terms(settled, rows, columns, notes)


def which(mask: NDArray[np.bool_]) -> Which:
    """The rows where `mask` (N,) is true."""
    return slice(None) if mask.all() else np.flatnonzero(mask)


def settle(protocol: Protocol, queries: Samples, pictures: Samples) -> tuple[Protocol, tuple[str, ...]]:
    """Decide whether cameras are looked at, where that is allowed only if it costs no query its last match."""
    if not protocol.harmless_only:
        return protocol, ()
    by_camera = replace(protocol, harmless_only=False)
    blind = replace(by_camera, across_cameras=False)
    kept, whole = (np.diff(same_person(queries, pictures, rules).starts) for rules in (by_camera, blind))
    lost = int(((kept == 0) & (whole > 0)).sum())
    numbers = f"{int((whole - kept).sum())} of {int(whole.sum())} pairs of one person share their {protocol.camera}"
    if lost:
        return blind, (f"{numbers}; dropping them would leave {lost} of {len(queries)} queries without a match: kept",)
    return by_camera, (f"{numbers}; every query keeps a match without them: dropped",)
