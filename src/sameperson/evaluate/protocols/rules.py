"""What a protocol means for pictures: which queries are asked, what is in the gallery, which pairs count."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sameperson.checks import InputError
from sameperson.evaluate.protocols.definition import Protocol
from sameperson.types import JUNK, UNKNOWN, Rows, Samples

Mask = NDArray[np.bool_]


def asked(protocol: Protocol, queries: Samples) -> Mask:
    """Which queries (Q,) are asked: those of the protocol's cameras."""
    return seen_by(protocol.query_cameras, queries)


def searched(protocol: Protocol, pictures: Samples) -> Mask:
    """Which gallery pictures (G,) are there for anyone: no junk, and of the protocol's cameras."""
    return seen_by(protocol.gallery_cameras, pictures) & (pictures.pid != JUNK)


def dropped(protocol: Protocol, queries: Samples, row: Rows, pictures: Samples, column: Rows) -> Mask:
    """Which pairs of a query `row` and a gallery picture `column` of one person do not count: (M,) each.

    Raises InputError where clothes decide and nobody wrote them down.
    """
    drop = np.zeros(len(row), bool)
    if protocol.across_cameras:
        drop |= queries.camid[row] == pictures.camid[column]
    for asking, skipped in protocol.skips:
        drop |= (queries.camid[row] == asking) & (pictures.camid[column] == skipped)
    if protocol.not_itself and queries.root == pictures.root and queries.source is pictures.source:
        drop |= queries.path[row] == pictures.path[column]
    if protocol.clothes == "any":
        return drop
    require_clothes(protocol, queries, row, pictures, column)
    same = queries.clothes_id[row] == pictures.clothes_id[column]
    return drop | (same != (protocol.clothes == "same"))


def require_clothes(protocol: Protocol, queries: Samples, rows: Rows, pictures: Samples, columns: Rows) -> None:
    """Raises InputError where nobody wrote down what is worn on these queries or these gallery pictures."""
    unknown = [
        str(samples.path[k])
        for samples, some in ((queries, rows), (pictures, columns))
        for k in np.unique(some[samples.clothes_id[some] == UNKNOWN])
    ]
    if unknown:
        more = ", ..." if len(unknown) > 3 else ""
        found = f"clothes unknown in {len(unknown)} pictures ({', '.join(unknown[:3])}{more})"
        then = "write them into labels.csv or the table you gave, or choose a protocol that is blind to clothes"
        raise InputError(found, f"a clothes_id for each picture, as protocol {protocol.name} wants", then)


def seen_by(cameras: tuple[int, ...], samples: Samples) -> Mask:
    """Which pictures (N,) these cameras took; all, where none is named."""
    return np.isin(samples.camid, cameras) if cameras else np.ones(len(samples), bool)
