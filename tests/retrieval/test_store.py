"""What is written comes back, byte for byte the same twice, whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sameperson.checks import InputError
from sameperson.retrieval.store import read_store, require_same_network, write_store
from sameperson.types import Embeddings, Samples


def rows(start: int, stop: int) -> tuple[Samples, Embeddings]:
    names = {1: "Zoë", 2: "李"}
    paths = [f"cam/{i}_é.jpg" for i in range(start, stop)]
    samples = Samples.of(paths, [i % 3 for i in range(start, stop)], range(start, stop), root="shots", names=names)
    features = np.arange(start * 4, stop * 4, dtype=np.float32).reshape(-1, 4) / 7
    return samples, Embeddings(features, "abc123")


def chunks() -> Iterator[tuple[Samples, Embeddings]]:
    yield rows(0, 3)
    yield rows(3, 3)
    yield rows(3, 5)


def write(path: Path) -> Path:
    assert write_store(path, chunks(), "net.onnx", (256, 128)) == 5
    return path


def test_everything_comes_back(tmp_path: Path) -> None:
    store = read_store(write(tmp_path / "e.parquet"))
    samples, embeddings = rows(0, 5)
    assert store.samples.path.tolist() == samples.path.tolist()
    assert store.samples.pid.tolist() == samples.pid.tolist()
    assert store.samples.camid.tolist() == samples.camid.tolist()
    assert store.samples.names == samples.names
    assert store.samples.file(0) == Path("shots").resolve() / "cam/0_é.jpg"
    assert np.array_equal(store.embeddings.features, embeddings.features)
    assert (store.embeddings.fingerprint, store.network, store.size) == ("abc123", "net.onnx", (256, 128))


def test_any_parquet_reader_sees_the_promised_columns(tmp_path: Path) -> None:
    table = pq.read_table(write(tmp_path / "e.parquet"))
    kinds = {field.name: str(field.type) for field in table.schema}
    assert list(kinds) == ["path", "pid", "camid", "feature"]
    assert pa.types.is_fixed_size_list(table.schema.field("feature").type)
    assert table.schema.field("feature").type.list_size == 4
    assert table.schema.field("feature").type.value_type == pa.float32()
    assert table.schema.metadata[b"fingerprint"] == b"abc123"
    assert table.schema.metadata[b"size"] == b"256x128"


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    assert write(tmp_path / "a.parquet").read_bytes() == write(tmp_path / "b.parquet").read_bytes()


def test_small_chunks_make_the_file_that_large_ones_make(tmp_path: Path) -> None:
    counts = []
    for size in (512, 1024, 4096):
        parts = (rows(start, min(start + size, 9000)) for start in range(0, 9000, size))
        assert write_store(tmp_path / f"{size}.parquet", parts, "net.onnx", (256, 128)) == 9000
        about = pq.ParquetFile(tmp_path / f"{size}.parquet").metadata
        counts.append([about.row_group(number).num_rows for number in range(about.num_row_groups)])
    assert counts == [[4096, 4096, 808]] * 3
    first, *others = [(tmp_path / f"{size}.parquet").read_bytes() for size in (512, 1024, 4096)]
    assert others == [first, first]


def test_a_failure_half_way_leaves_the_old_file(tmp_path: Path) -> None:
    before = write(tmp_path / "e.parquet").read_bytes()

    def failing() -> Iterator[tuple[Samples, Embeddings]]:
        yield rows(0, 3)
        raise InputError("3.jpg: cut short", "a whole picture", "remove it")

    with pytest.raises(InputError, match="cut short"):
        write_store(tmp_path / "e.parquet", failing(), "net.onnx", (256, 128))
    assert (tmp_path / "e.parquet").read_bytes() == before
    assert list(tmp_path.iterdir()) == [tmp_path / "e.parquet"]


def test_nothing_to_write_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no pictures"):
        write_store(tmp_path / "e.parquet", iter([rows(2, 2)]), "net.onnx", (256, 128))
    assert not list(tmp_path.iterdir())


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"e\.parquet: cannot be written"):
        write(tmp_path / "file" / "e.parquet")


def test_half_a_file_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "e.parquet")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(InputError, match=r"e\.parquet: not a whole Parquet"):
        read_store(path)


def test_another_parquet_is_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"path": ["a.jpg"], "size": [3]}), tmp_path / "other.parquet")
    with pytest.raises(InputError, match="columns path, size"):
        read_store(tmp_path / "other.parquet")


def test_another_network_is_refused(tmp_path: Path) -> None:
    store = read_store(write(tmp_path / "e.parquet"))
    require_same_network(store, "abc123", "e.parquet")
    with pytest.raises(InputError, match=r"net\.onnx, fingerprint abc123.*expected fingerprint def456"):
        require_same_network(store, "def456", "e.parquet")
