"""Storage of embeddings: one Parquet file with a row for each picture, written chunk by chunk.

Columns: path (text, below the metadata's `root`), pid (int64), camid (int32), feature (fixed-size list of float32).
Metadata: fingerprint, network, size (HxW), root, names (JSON). The same pictures and network give the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
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
    """Write chunks of embeddings, one in memory at a time; returns how many pictures were written.

    `path` is written only if all chunks succeed. Raises InputError where there are no pictures.
    """
    written = 0
    with atomic(path) as temporary, temporary.open("wb") as file, ExitStack() as last:
        writer: pq.ParquetWriter | None = None
        for samples, embeddings in chunks:
            if not len(samples):
                continue
            table = _table(samples, embeddings, network, size)
            writer = writer or last.enter_context(pq.ParquetWriter(file, table.schema))
            writer.write_table(table)
            written += len(samples)
        if writer is None:
            raise InputError("no pictures to embed", "at least one readable picture", "check the folder")
    return written


def read_store(path: str | Path) -> Store:
    """Read a file of embeddings. Raises InputError for any other file, or one that is cut."""
    path = existing_file(path, "embeddings (.parquet)")
    try:
        table = pq.read_table(path)
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{path}: not a whole Parquet file", "embeddings", MAKE_IT) from error
    about = {key.decode(): value.decode() for key, value in (table.schema.metadata or {}).items() if key in _METADATA}
    if any(name not in table.column_names for name in COLUMNS) or len(about) < len(_METADATA):
        raise InputError(f"{path}: a Parquet of columns {', '.join(table.column_names)}", "embeddings", MAKE_IT)
    column = table.column("feature").combine_chunks()
    features = column.flatten().to_numpy(zero_copy_only=False).reshape(len(table), -1)
    names = {int(pid): name for pid, name in json.loads(about["names"]).items()}
    samples = Samples.of(
        table.column("path").to_pylist(),
        table.column("pid").to_numpy(),
        table.column("camid").to_numpy(),
        root=about["root"],
        names=names,
    )
    height, width = (int(side) for side in about["size"].split("x"))
    return Store(samples, Embeddings(features, about["fingerprint"]), about["network"], (height, width))


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
        str(samples.root.resolve()),
        json.dumps({str(pid): name for pid, name in sorted(samples.names.items())}, ensure_ascii=False),
    )
    return pa.Table.from_arrays(columns, names=list(COLUMNS)).replace_schema_metadata(dict(zip(_METADATA, about)))
