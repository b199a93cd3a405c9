"""Storage of embeddings: one Parquet file with a row for each picture, written chunk by chunk.

Columns: path (text, below the metadata's `root`), pid (int64), camid (int32), feature (fixed-size list of float32).
Metadata: fingerprint, network, size (HxW), root, names (JSON). The same pictures and network give the same bytes.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sameperson.checks import InputError, atomic, existing_file
from sameperson.types import Embeddings, Samples

SUFFIX = ".parquet"
COLUMNS = ("path", "pid", "camid", "feature")
ROW_GROUP = 4096
"""Rows that are written at once; fewer make a larger file."""
MAKE_IT = "make one with `sameperson embed PICTURES --out FILE.parquet`"


@dataclass(frozen=True)
class Store:
    """The content of a file of embeddings. network: as the user named it; size: (height, width) of its input."""

    samples: Samples
    embeddings: Embeddings
    network: str
    size: tuple[int, int]


def is_store(path: str | Path) -> bool:
    """Whether `path` has the suffix of a file of embeddings."""
    return Path(path).suffix.lower() == SUFFIX


def write_store(
    path: str | Path, chunks: Iterable[tuple[Samples, Embeddings]], network: str, size: tuple[int, int]
) -> int:
    """Write chunks of embeddings, a row group of them in memory at a time; returns how many pictures were written.

    `path` is written only if all chunks succeed. Raises InputError where there are no pictures.
    """
    tables = (_table(samples, embeddings, network, size) for samples, embeddings in chunks if len(samples))
    written = 0
    with atomic(path) as temporary, temporary.open("wb") as file, ExitStack() as last:
        writer: pq.ParquetWriter | None = None
        for table in row_groups(tables):
            writer = writer or last.enter_context(pq.ParquetWriter(file, table.schema))
            writer.write_table(table)
            written += len(table)
        if writer is None:
            raise InputError("no pictures to embed", "at least one readable picture", "check the folder")
    return written


def row_groups(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Join tables until they have ROW_GROUP rows; the last one may have fewer."""
    held: list[pa.Table] = []
    for table in tables:
        held.append(table)
        if sum(map(len, held)) >= ROW_GROUP:
            yield pa.concat_tables(held).combine_chunks()
            held = []
    if held:
        yield pa.concat_tables(held).combine_chunks()


def read_store(path: str | Path) -> Store:
    """Read a file of embeddings. Raises InputError for any other file, one that is cut, or one that contradicts itself.

    What the file says of its columns is looked at before they are read.
    """
    path = existing_file(path, "embeddings (.parquet)")
    try:
        with path.open("rb") as file:  # pyarrow opens no file whose name is not UTF-8
            about = _about(path, pq.read_schema(file))
            table = pq.read_table(file, columns=list(COLUMNS))
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{path}: not a whole Parquet file", "embeddings", MAKE_IT) from error
    if not len(table):
        raise _not_ours(path, "no embeddings in it")
    if empty := next((name for name in COLUMNS if table.column(name).null_count), None):
        raise _not_ours(path, f"column {empty} has empty cells")
    column = table.column("feature").combine_chunks()
    values = column.flatten()
    if values.null_count:
        raise _not_ours(path, "column feature has empty cells")
    features = values.to_numpy(zero_copy_only=False).reshape(len(table), -1)
    if not np.isfinite(features).all():
        raise _not_ours(path, "features that are not finite")
    names, (height, width) = about.pop("names"), about.pop("size")
    samples = Samples.of(
        table.column("path").to_pylist(),
        table.column("pid").to_numpy(),
        table.column("camid").to_numpy(),
        root=about["root"],
        names=names,
    )
    return Store(samples, Embeddings(features, about["fingerprint"]), about["network"], (height, width))


def _about(path: Path, schema: pa.Schema) -> dict[str, Any]:
    """Check the columns' types, and read the metadata: as text, but for names (a mapping) and size (two numbers)."""
    if any(schema.names.count(name) != 1 for name in COLUMNS):
        raise _not_ours(path, f"a Parquet of columns {', '.join(map(str, schema.names))}")
    for name, fits, kind in COLUMN_TYPES:
        if not fits(schema.field(name).type):
            raise _not_ours(path, f"column {name} is {schema.field(name).type}, not {kind}")
    raw = schema.metadata or {}
    if missing := next((key.decode() for key in _METADATA if key not in raw), None):
        raise _not_ours(path, f"no {missing} in its metadata")
    about: dict[str, Any] = {key.decode(): os.fsdecode(raw[key]) for key in _METADATA}
    size = re.fullmatch(r"([1-9]\d{0,4})x([1-9]\d{0,4})", about["size"], re.ASCII)
    if size is None:
        raise _not_ours(path, f"its metadata gives the size {about['size']!a}")
    about["size"] = int(size[1]), int(size[2])
    try:
        names = json.loads(about["names"])
        about["names"] = {int(pid): name for pid, name in names.items()}
    except (ValueError, AttributeError, RecursionError) as error:
        raise _not_ours(path, "its metadata holds no names of people") from error
    if not all(isinstance(name, str) for name in about["names"].values()):
        raise _not_ours(path, "its metadata holds no names of people")
    return about


def _not_ours(path: Path, why: str) -> InputError:
    return InputError(f"{path}: {why}", "embeddings", MAKE_IT)


def _is_feature(kind: pa.DataType) -> bool:
    return isinstance(kind, pa.FixedSizeListType) and kind.value_type == pa.float32() and 0 < kind.list_size <= LONGEST


LONGEST = 1 << 20
"""Numbers in the longest feature that is believed."""
COLUMN_TYPES = (
    ("path", pa.types.is_string, "text"),
    ("pid", pa.types.is_int64, "whole numbers"),
    ("camid", pa.types.is_int32, "whole numbers"),
    ("feature", _is_feature, "lists of one length of float32"),
)


def require_same_network(store: Store, fingerprint: str, path: str | Path) -> None:
    """Raise InputError unless the stored embeddings came from the network with this fingerprint."""
    theirs = store.embeddings.fingerprint
    if theirs != fingerprint:
        raise InputError(
            f"{path}: embeddings of another network or preprocessing ({store.network}, fingerprint {theirs})",
            f"fingerprint {fingerprint}",
            "embed the pictures again, or name the network they were embedded with",
        )


_METADATA = (b"fingerprint", b"network", b"size", b"root", b"names")


def _table(samples: Samples, embeddings: Embeddings, network: str, size: tuple[int, int]) -> pa.Table:
    """Convert one chunk to an Arrow table, whose schema is the same for every chunk."""
    if embeddings.parts is not None:
        raise InputError("a network that describes parts", "one feature a picture", "search with another network")
    features = np.ascontiguousarray(embeddings.features, np.float32)
    if not np.isfinite(features).all():
        wrong = samples.path[int(np.flatnonzero(~np.isfinite(features).all(axis=1))[0])]
        expected = "finite numbers, which alone can be compared"
        raise InputError(f"{network}: a feature of {wrong} that is not finite", expected, "use another network")
    columns: list[Any] = [
        pa.array([str(path) for path in samples.path], pa.string()),
        pa.array(samples.pid, pa.int64()),
        pa.array(samples.camid, pa.int32()),
        pa.FixedSizeListArray.from_arrays(pa.array(features.reshape(-1)), features.shape[1]),
    ]
    about = (
        embeddings.fingerprint,
        network,
        f"{size[0]}x{size[1]}",
        os.fsencode(samples.root.resolve()),
        json.dumps({str(pid): name for pid, name in sorted(samples.names.items())}, ensure_ascii=False),
    )
    return pa.Table.from_arrays(columns, names=list(COLUMNS)).replace_schema_metadata(dict(zip(_METADATA, about)))
