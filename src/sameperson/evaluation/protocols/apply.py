"""Application of a protocol to labels: which queries and gallery pictures take part, by rules settled on the data."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sameperson.checks import InputError
from sameperson.evaluation.protocols.definition import Protocol, cameras_named
from sameperson.evaluation.protocols.pairs import OwnPictures, same_person
from sameperson.evaluation.protocols.rules import asked, searched, seen_by
from sameperson.types import Samples

Which = slice | NDArray[np.int64]
"""Rows to take; a slice where it is all of them, so that nothing is copied."""


@dataclass(frozen=True)
class AppliedProtocol:
    """A protocol applied to queries and a gallery.

    protocol: with all rules settled. query_rows, gallery_rows: the rows of the queries and of the gallery that take
    part. notes: in words, what the data settled.
    """

    protocol: Protocol
    query_rows: Which
    gallery_rows: Which
    notes: tuple[str, ...] = ()


def apply_protocol(protocol: Protocol, queries: Samples, pictures: Samples) -> AppliedProtocol:
    """Apply `protocol` to queries and a gallery, as a reader gives them.

    Raises InputError where no query or no gallery picture takes part, and where the rules need clothes labels that are
    unknown.
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
    own = OwnPictures.of(queries, pictures, settled)
    if copies := own.queries_with_copies:
        notes += (f"{copies} of {len(queries)} queries are in the gallery under another name, which does not count",)
    return AppliedProtocol(settled, rows, columns, notes)


def which(mask: NDArray[np.bool_]) -> Which:
    """The rows where `mask` (N,) is true."""
    return slice(None) if mask.all() else np.flatnonzero(mask)


def settle(protocol: Protocol, queries: Samples, pictures: Samples) -> tuple[Protocol, tuple[str, ...]]:
    """Settle a `harmless_only` protocol: drop own-camera pairs only if every query then keeps a match.

    Returns the protocol with that rule decided, and notes that say how in words. Other protocols stay as they are.
    """
    if not protocol.harmless_only:
        return protocol, ()
    by_camera = replace(protocol, harmless_only=False)
    blind = replace(by_camera, across_cameras=False)
    kept, total = (np.diff(same_person(queries, pictures, rules).starts) for rules in (by_camera, blind))
    lost = int(((kept == 0) & (total > 0)).sum())
    numbers = f"{int((total - kept).sum())} of {int(total.sum())} pairs of one person share their {protocol.camera}"
    if lost:
        return blind, (f"{numbers}; dropping them would leave {lost} of {len(queries)} queries without a match: kept",)
    return by_camera, (f"{numbers}; every query keeps a match without them: dropped",)
