"""Reading a generated tree back gives the same partition of pictures into people and cameras as was written."""

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from sameperson.data.dataset import Dataset
from sameperson.data.readers.csv_table import read_csv
from sameperson.data.readers.folder import read_folder
from sameperson.data.readers.list_file import read_list
from sameperson.priors.locations import NOT_PICTURES

ODD = ["1_11", "11_1", "111", "007", "7", " 7", "7 ", "+7", "p-3", "八", "12.0", "12", "1e3", "1000", "٣", "3", "0"]
LETTERS = st.characters(exclude_characters="/\\\0@", exclude_categories=["Cs", "Cc"])
LABELS = st.sampled_from(ODD) | st.integers(0, 10**25).map(str) | st.text(LETTERS, min_size=1, max_size=12)
DIGITS = st.integers(0, 10**25).map(str) | st.sampled_from(["0", "00", "7", "007", "12"])
ROWS = st.one_of(
    st.lists(st.tuples(LABELS, LABELS), min_size=1, max_size=9),
    st.lists(st.tuples(DIGITS, LABELS), min_size=1, max_size=9),
    st.lists(st.tuples(DIGITS, DIGITS), min_size=1, max_size=9),
)
"""(person, camera) of each picture."""


def as_folder(place: Path, rows: list[tuple[str, str]]) -> Dataset:
    for row, (who, camera) in enumerate(rows):
        (place / who / camera).mkdir(parents=True, exist_ok=True)
        (place / who / camera / f"{row}.jpg").touch()
    return read_folder(place, "{pid}/{camid}/*")  # the form is said, because some names look like cameras on top


def as_plain_folder(place: Path, rows: list[tuple[str, str]]) -> Dataset:
    rows = [(f"who {who}", f"place {camera}") for who, camera in rows]
    as_folder(place, rows)
    return read_folder(place)


def as_pattern(place: Path, rows: list[tuple[str, str]]) -> Dataset:
    for row, (who, camera) in enumerate(rows):
        (place / f"{who}@{camera}@{row}.jpg").touch()
    return read_folder(place, "{pid}@{camid}@*.jpg")


def as_csv(place: Path, rows: list[tuple[str, str]]) -> Dataset:
    with (place / "a.csv").open("w", newline="", encoding="utf-8") as file:
        lines = [(f"{row}.jpg", who, camera) for row, (who, camera) in enumerate(rows)]
        csv.writer(file).writerows([("path", "pid", "camid"), *lines])
    return read_csv(place / "a.csv")


def as_list(place: Path, rows: list[tuple[str, str]]) -> Dataset:
    assume(not any(blank in label for row in rows for label in row for blank in " \t"))
    lines = "".join(f"a b/{row}.jpg {who} {camera}\n" for row, (who, camera) in enumerate(rows))
    (place / "a.txt").write_text(lines, encoding="utf-8")
    return read_list(place / "a.txt")


WRITERS = (as_folder, as_plain_folder, as_pattern, as_csv, as_list)


def keys(labels: list[str]) -> list[object]:
    """What tells the labels of a column apart, by the rule in words: numbers if all are digits, else their text."""
    if all(set(label) <= set("0123456789") for label in labels):
        return [int(label) for label in labels]
    return list(labels)


def partition(keys: list[object]) -> list[int]:
    """Each row's first row with the same label."""
    return [keys.index(key) for key in keys]


@pytest.mark.parametrize("write", WRITERS, ids=lambda one: one.__name__)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much])
@given(rows=ROWS)
def test_the_partition_comes_back(tmp_path: Path, write: Callable[..., Dataset], rows: list[tuple[str, str]]) -> None:
    labels = [label for row in rows for label in row]
    assume(all(label.strip() for label in labels))
    assume(not any(label.startswith(".") or label in NOT_PICTURES or len(label.encode()) > 60 for label in labels))
    place = tmp_path / "tree"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    train = write(place, rows).train
    order = [int(path.rpartition("/")[2].rpartition("@")[2][:-4]) for path in train.path.tolist()]
    assert sorted(order) == list(range(len(rows)))
    prefix = ("who ", "place ") if write is as_plain_folder else ("", "")
    for column, numbers in enumerate((train.pid.tolist(), train.camid.tolist())):
        wanted = keys([prefix[column] + rows[row][column] for row in order])
        assert partition(numbers) == partition(wanted)
        assert min(numbers) >= 0
    for row, pid in zip(order, train.pid.tolist(), strict=True):
        who = prefix[0] + rows[row][0]
        name = train.name_of(pid)
        assert name.strip() == who.strip() or int(name) == int(who)
