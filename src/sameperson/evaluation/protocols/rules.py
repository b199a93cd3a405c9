"""The rules of a protocol applied to pictures: which queries and gallery pictures take part, and which pairs count."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sameperson.checks import InputError
from sameperson.evaluation.protocols.definition import Protocol
from sameperson.images.same_content import same_content
from sameperson.types import JUNK, UNKNOWN, Rows, Samples

Mask = NDArray[np.bool_]


def asked(protocol: Protocol, queries: Samples) -> Mask:
    """Which queries take part, (Q,): those of the protocol's query cameras."""
    return seen_by(protocol.query_cameras, queries)


def searched(protocol: Protocol, pictures: Samples) -> Mask:
    """Which gallery pictures take part, (G,): those of the protocol's gallery cameras, without junk."""
    return seen_by(protocol.gallery_cameras, pictures) & (pictures.pid != JUNK)


def dropped(
    protocol: Protocol, queries: Samples, row: Rows, pictures: Samples, column: Rows, copies: Mask | None = None
) -> Mask:
    """Which positive pairs, of a query `row` and a gallery picture `column`, do not count: (M,) each.

    copies: which pairs are files of the same bytes, (M,); without it the files are compared, where the protocol drops
    the query's own picture.
    Raises InputError where the rule needs clothes labels that are unknown.
    """
    drop = np.zeros(len(row), bool)
    if protocol.across_cameras:
        drop |= queries.camid[row] == pictures.camid[column]
    for asking, skipped in protocol.skips:
        drop |= (queries.camid[row] == asking) & (pictures.camid[column] == skipped)
    if protocol.not_itself:
        drop |= same_file(queries, row, pictures, column)
        if copies is None:
            copies = np.zeros(len(row), bool)
            copies[~drop] = same_content(queries, row[~drop], pictures, column[~drop])
        drop |= copies
    if protocol.clothes == "any":
        return drop
    require_clothes(protocol, queries, row, pictures, column)
    same = queries.clothes_id[row] == pictures.clothes_id[column]
    return drop | (same != (protocol.clothes == "same"))


def same_file(queries: Samples, row: Rows, pictures: Samples, column: Rows) -> Mask:
    """Which pairs, of a query `row` and a gallery picture `column`, are one file by its path: (M,) each."""
    if queries.root != pictures.root or queries.source is not pictures.source:
        return np.zeros(len(row), bool)
    return queries.path[row] == pictures.path[column]


def require_clothes(protocol: Protocol, queries: Samples, rows: Rows, pictures: Samples, columns: Rows) -> None:
    """Raise InputError where clothes are unknown for these rows of the queries or columns of the gallery."""
    unknown = [
        str(samples.path[k])
        for samples, looked_at in ((queries, rows), (pictures, columns))
        for k in np.unique(looked_at[samples.clothes_id[looked_at] == UNKNOWN])
    ]
    if unknown:
        more = ", ..." if len(unknown) > 3 else ""
        found = f"clothes unknown in {len(unknown)} pictures ({', '.join(unknown[:3])}{more})"
        then = "write them into labels.csv or the table you gave, or choose a protocol that is blind to clothes"
        raise InputError(found, f"a clothes_id for each picture, as protocol {protocol.name} wants", then)


def seen_by(cameras: tuple[int, ...], samples: Samples) -> Mask:
    """Which pictures (N,) these cameras took; all pictures where no camera is named."""
    return np.isin(samples.camid, cameras) if cameras else np.ones(len(samples), bool)
