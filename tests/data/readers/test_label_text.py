"""Labels are text: what is one person, what are two, and what the doctor says of numbers written in two ways."""

from pathlib import Path

import numpy as np
import pytest

from sameperson.data.dataset import Dataset
from sameperson.data.doctor.examine import examine
from sameperson.data.doctor.layouts import open_tree
from sameperson.data.readers.csv_table import read_csv
from sameperson.data.readers.folder import read_folder
from sameperson.data.readers.label_text import number_labels, several_spellings
from sameperson.data.readers.list_file import read_list
from sameperson.evaluation.protocols.catalogue import PROTOCOLS
from sameperson.evaluation.protocols.doctor_rule import ProtocolRule
from sameperson.report.ranked_lists import ranked_lists
from sameperson.types import Ranking, Samples, strings


def numbered(*labels: str) -> tuple[list[int], dict[int, str]]:
    found = number_labels(strings(labels), first=1)
    return found.numbers.tolist(), found.names


@pytest.mark.parametrize(
    ("labels", "numbers", "names"),
    [
        (["7", "12", "7"], [7, 12, 7], {}),
        (["007", "012"], [7, 12], {7: "007", 12: "012"}),
        (["007", "7"], [7, 7], {}),
        (["1_11", "11_1", "111"], [3, 2, 1], {1: "111", 2: "11_1", 3: "1_11"}),
        (["+7", "7"], [1, 2], {1: "+7", 2: "7"}),
        ([" 7", "7"], [1, 2], {1: " 7", 2: "7"}),
        ([" 7", " 8"], [7, 8], {}),
        (["٣", "3"], [2, 1], {1: "3", 2: "٣"}),
        (["12.0", "12"], [2, 1], {1: "12", 2: "12.0"}),
        (["1e3", "1000"], [2, 1], {1: "1000", 2: "1e3"}),
        (["八", "p-3", "-1", ""], [2, 1, -1, -1], {1: "p-3", 2: "八"}),
        (["007", "7", "anna"], [1, 2, 3], {1: "007", 2: "7", 3: "anna"}),
        (["9" * 5000, "0" + "9" * 5000, "10"], [2, 2, 1], {1: "10", 2: "9" * 5000}),
        (["-1", ""], [-1, -1], {}),
        (["-2", "2"], [1, 2], {1: "-2", 2: "2"}),
        ([], [], {}),
    ],
)
def test_a_column_of_labels(labels: list[str], numbers: list[int], names: dict[int, str]) -> None:
    assert numbered(*labels) == (numbers, names)


def test_numbers_written_in_several_ways() -> None:
    assert several_spellings(strings(["7", "007", "07", "12", "-1", ""])) == [("007", "07", "7")]
    assert several_spellings(strings(["7", "007", "p7"])) == []
    assert several_spellings(strings(["0", "00"])) == [("0", "00")]
    assert several_spellings(None) == []


PEOPLE = ("1_11", "11_1", "007", "7", "p-3", "八", "12.0", "1e3", "٣", "+7")
CAMERAS = ("c_1", "c1")


@pytest.fixture
def trees(tmp_path: Path, picture) -> dict[str, Dataset]:
    """The same people and cameras as a folder, by a pattern, as a CSV and as a list."""
    rows = [(f"{who}/{camera}/{k}.jpg", who, camera) for who in PEOPLE for camera in CAMERAS for k in range(2)]
    for path, who, camera in rows:
        picture(f"folder/{path}")
        picture(f"named/{who}@{camera}@{path[-5:]}")
    (tmp_path / "a.csv").write_text("path,pid,camid\n" + "".join(f"{','.join(row)}\n" for row in rows), "utf-8")
    (tmp_path / "a.txt").write_text("".join(f"{' '.join(row)}\n" for row in rows), "utf-8")
    return {
        "folder": read_folder(tmp_path / "folder"),
        "pattern": read_folder(tmp_path / "named", "{pid}@{camid}@*.jpg"),
        "csv": read_csv(tmp_path / "a.csv"),
        "list": read_list(tmp_path / "a.txt"),
    }


@pytest.mark.parametrize("how", ["folder", "pattern", "csv", "list"])
def test_every_reader_keeps_names_apart(trees: dict[str, Dataset], how: str) -> None:
    train = trees[how].train
    assert train.people == len(PEOPLE) and len(np.unique(train.camid)) == len(CAMERAS)
    for path, pid in zip(train.path.tolist(), train.pid.tolist(), strict=True):
        assert train.name_of(pid) == path.replace("@", "/").split("/")[0]


def findings(path: Path) -> dict[str, str]:
    opened = open_tree(path)
    assert opened.dataset is not None
    found = examine(opened, ProtocolRule.of(PROTOCOLS[opened.dataset.protocol], opened.dataset)).findings
    return {one.kind: f"{one.says} {' '.join(one.where)}" for one in found}


def test_the_doctor_finds_two_spellings_of_a_number(tmp_path: Path, picture) -> None:
    for place in ("7/1", "007/2", "8/01", "8/1", "9/2"):
        picture(f"set/{place}/a.jpg")
    told = findings(tmp_path / "set")
    assert told["person-spellings"].endswith("007 and 7")
    assert told["camera-spellings"].endswith("01 and 1")


def test_the_doctor_takes_tracks_and_videos_for_no_misspelling(tmp_path: Path, picture) -> None:
    for who in ("1_11", "11_1", "2_12", "21_2"):
        picture(f"set/{who}/1/a.jpg")
        picture(f"set/{who}/2/a.jpg")
    assert "names-alike" not in findings(tmp_path / "set")
    for who in ("p_3", "p3", "x", "12.0", "12", "Bob", "bob-"):
        picture(f"other/{who}/1/a.jpg")
        picture(f"other/{who}/2/a.jpg")
    told = findings(tmp_path / "other")["names-alike"]
    assert "'p3' and 'p_3'" in told and "'12' and '12.0'" in told and "'Bob' and 'bob-'" in told


def test_a_split_of_odd_names_reads_back(tmp_path: Path, picture) -> None:
    from sameperson.data.doctor.all_splits import AllSplits
    from sameperson.data.doctor.propose_split import propose_split, write_split

    for who in ("1_11", "11_1", "007", "7", " 7", "x", "y", "z"):
        for camera in "12":
            picture(f"set/{who}/{camera}/a.jpg")
            picture(f"set/{who}/{camera}/b.jpg")
    proposed = propose_split(AllSplits.of(read_folder(tmp_path / "set")), None, 0.4, 0, 0)
    write_split(tmp_path / "split.csv", proposed.splits)
    again = read_csv(tmp_path / "split.csv").splits()
    for samples in again.values():
        for path, pid in zip(samples.path.tolist(), samples.pid.tolist(), strict=True):
            assert samples.name_of(pid) == path.split("/")[1]
    assert sum(samples.people for samples in (again["train"], again["query"])) == 8


@pytest.mark.parametrize(
    ("query", "gallery", "same"),
    [
        ({7: "007"}, {}, [True, False]),
        ({1: "007"}, {7: "anna"}, [False, False]),
        ({1: "1_11"}, {7: "111", 8: "1_11"}, [False, True]),
    ],
)
def test_two_readings_are_compared_by_text_unless_all_are_digits(query, gallery, same) -> None:
    queries = Samples.of(["q.jpg"], [next(iter(query))], names=query)
    pictures = Samples.of(["a.jpg", "b.jpg"], [7, 8], names=gallery)
    ranking = Ranking(np.array([[0, 1]]), np.array([[0.1, 0.2]], "f4"), "all")
    (one,) = ranked_lists(queries, pictures, ranking)
    assert [tile.same for tile in one.results] == same
    assert one.query.person == next(iter(query.values()))
