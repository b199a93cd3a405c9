"""Our reader of .mat files, held against files that scipy writes."""

import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.io import savemat

from sameperson.checks import InputError
from sameperson.data.readers.matlab import matrix_in

TABLE = np.array([[1, 2, -1, 6], [3, 120, 0, 5], [121, 30000, 1500, 1]])


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("kind", ["int16", "int32", "uint32", "int64", "float32", "float64"])
def test_tables_are_read_as_they_were_written(tmp_path, kind, compressed):
    table = np.abs(TABLE) if kind[0] == "u" else TABLE
    savemat(tmp_path / "a.mat", {"a_long_name_of_a_table": table.astype(kind)}, do_compression=compressed)
    assert np.array_equal(matrix_in(tmp_path / "a.mat", 4), table)


@pytest.mark.parametrize("shape", [(1, 7), (7, 1), (1, 1), (1, 3)])
def test_a_row_or_a_column_is_one_column(tmp_path, shape):
    numbers = np.arange(1, 1 + np.prod(shape)).astype(np.uint8)
    savemat(tmp_path / "a.mat", {"q": numbers.reshape(shape)})
    assert matrix_in(tmp_path / "a.mat", 1).tolist() == [[number] for number in numbers]


def test_what_else_is_in_the_file_is_passed_over(tmp_path):
    more = {"words": "abc", "cell": np.array([[1, "a"]], object), "many": np.zeros((2, 2, 4)), "odd": TABLE * 1j}
    savemat(tmp_path / "a.mat", {"more": {"inner": TABLE}, **more, "wanted": TABLE})
    assert np.array_equal(matrix_in(tmp_path / "a.mat", 4), TABLE)


def test_a_file_of_the_other_byte_order_is_read(tmp_path):
    """Written by hand as the format's description has it: header, an array of doubles, big end first."""
    header = b"MATLAB 5.0 MAT-file".ljust(124) + b"\x01\x00MI"
    flags = struct.pack(">IIII", 6, 8, 6, 0)
    sizes = struct.pack(">IIii", 5, 8, 2, 2)
    name = struct.pack(">HH4s", 1, 1, b"a")
    numbers = struct.pack(">IIdddd", 9, 32, 1, 3, 2, 4)  # column by column
    body = flags + sizes + name + numbers
    (tmp_path / "a.mat").write_bytes(header + struct.pack(">II", 14, len(body)) + body)
    assert matrix_in(tmp_path / "a.mat", 2).tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"a": TABLE, "b": TABLE}, "2 tables of 4 columns"),
        ({"a": TABLE[:, :3]}, "0 tables of 4 columns"),
        ({"a": np.where(TABLE == 1, np.inf, TABLE)}, "what is no number, or too large a one"),
        ({"a": np.where(TABLE == 1, 2**40, TABLE)}, "what is no number, or too large a one"),
    ],
)
def test_other_tables_are_refused(tmp_path, content, said):
    savemat(tmp_path / "a.mat", content)
    with pytest.raises(InputError, match=said):
        matrix_in(tmp_path / "a.mat", 4)


def test_what_unpacks_to_too_much_is_refused(tmp_path):
    savemat(tmp_path / "a.mat", {"a": np.zeros((3 << 20, 4))}, do_compression=True)
    with pytest.raises(InputError, match="unpacks to too much"):
        matrix_in(tmp_path / "a.mat", 4)


@settings(max_examples=300)
@given(data=st.data(), compressed=st.booleans())
def test_damage_ends_in_a_table_or_in_one_line(data, compressed, tmp_path_factory):
    file = tmp_path_factory.getbasetemp() / "damaged.mat"
    savemat(file, {"a": TABLE}, do_compression=compressed)
    content = bytearray(file.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    del content[data.draw(st.integers(120, len(content))) :]
    file.write_bytes(content)
    try:
        assert matrix_in(file, 4).shape[1] == 4
    except InputError as error:
        assert str(error).startswith(str(file))
