"""DanceReID's labels: numbers come from the table, the split has no leak, and every contradiction is named."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sameperson.checks import InputError
from sameperson.cli.main import main
from sameperson.data.prepare.annotation import Film, read_films
from sameperson.data.prepare.dance_counts import count, explained
from sameperson.data.prepare.dance_split import read_split, split_of

LAST_PIDS = (4, 11, 16, 19, 22, 27, 30, 34, 39, 42, 47, 52, 59, 66, 70, 78, 82, 87, 91, 96, 99)
"""Column PID of the published table: the last person of each of its 21 films."""
HEADER = "PID,File_name,Youtube_id,Num_person,Song_name\n"


def write_labels(root: Path, frames=lambda pid: [0, 1, 5], last_pids=LAST_PIDS) -> tuple[Path, Path]:
    """Annotation and table of the published form; frames: of each person."""
    lines, annotation, first = [HEADER], {}, 0
    for number, last in enumerate(last_pids):
        lines.append(f'{last},{number:03d}_film{number:02d}.mp4,film{number:02d},{last - first + 1},"a, b"\n')
        annotation[f"film{number:02d}"] = {str(pid - first): frames(pid) for pid in range(first, last + 1)}
        first = last + 1
    (root / "annotation.json").write_text(json.dumps(annotation))
    (root / "video_data.csv").write_text("".join(lines))
    return root / "annotation.json", root / "video_data.csv"


def test_the_published_numbers_give_71_and_29_people_with_nobody_in_both(tmp_path):
    films = read_films(*write_labels(tmp_path))
    split = split_of(films)
    test = [*range(12), 35, 36, 37, 38, 39, *range(88, 100)]
    assert split == {"trainval": [*range(12, 35), *range(40, 88)], "query": test, "gallery": test}
    counted = count(films, split, 5)
    assert (counted["trainval"].people, counted["test"].people) == (71, 29)
    assert (counted["trainval"].films, counted["test"].films) == (15, 6)
    assert [film.number for film in films if film.pids[0] in test] == [0, 1, 8, 18, 19, 20]
    # frames 0 and 5 of everyone
    assert (counted["trainval"].pictures, counted["test"].pictures) == (142, 58)
    assert count(films, split, 1)["test"].pictures == 87


def test_the_paper_counted_the_people_its_generator_trains_on(tmp_path, capsys):
    """1,000 pictures of person 12, 200 of 35, the rest of 17 to 87 are of person 50, of the test people of 0."""
    many = {12: 1000, 35: 200, 50: 31_643 - 200, 0: 19_526 - 200}
    annotation, _ = write_labels(tmp_path, lambda pid: list(range(0, 5 * many.get(pid, 0), 5)))
    assert main(["prepare", "dancereid", "-a", str(annotation), "--count", "--json", str(tmp_path / "n.json")]) == 0
    said = capsys.readouterr().out
    assert "the paper's 31,643 are those of its generator's trainval, people 17-87" in said
    assert "leaves out people 12-16 (1,000 pictures) and trains on test people 35-39 (200)" in said
    assert "32,443 - 1,000 + 200 = 31,643" in said
    figures = json.loads((tmp_path / "n.json").read_text())["splits"]
    assert figures["trainval"] == {"people": 71, "films": 15, "pictures": 32_443, "paper": 31_643}
    assert figures["test"] == {"people": 29, "films": 6, "pictures": 19_526, "paper": 19_526}


def test_another_difference_is_told_without_an_explanation(tmp_path):
    films = read_films(*write_labels(tmp_path))
    sentences = explained(films, split_of(films), 5)
    assert sentences[:2] == ["trainval: -31,501 pictures against the paper", "test: -19,468 pictures against the paper"]
    assert sentences[2] == "no split that is known gives the paper's number from this annotation"
    assert explained(films, split_of(films), 1) == []


def test_a_film_is_known_by_its_file_where_the_table_gives_another_id(tmp_path):
    annotation, table = write_labels(tmp_path, last_pids=(1, 4))
    table.write_text(HEADER + "1,000_film00.mp4,other,2\n4,001_nothing.mp4,film01,3\n")
    first, second = read_films(annotation, table)
    assert (first.key, first.other, list(first.pids)) == ("film00", "other", [0, 1])
    assert (second.key, list(second.pids)) == ("film01", [2, 3, 4])


def test_without_a_table_all_annotated_films_count_in_their_order(tmp_path):
    annotation, _ = write_labels(tmp_path, last_pids=(1, 4))
    films = read_films(annotation, None)
    assert [(film.key, list(film.pids)) for film in films] == [("film00", [0, 1]), ("film01", [2, 3, 4])]
    with pytest.raises(InputError, match="2 films with 5 people; expected the paper's 21 films"):
        split_of(films)


def test_a_split_of_ones_own_is_held_against_the_films(tmp_path):
    films = read_films(*write_labels(tmp_path, last_pids=(1, 4)))
    file = tmp_path / "splits.json"

    def split(**parts):
        file.write_text(json.dumps([parts]))
        return split_of(films, file)

    assert split(trainval=[2, 3, 4], query=[1, 0], gallery=[0, 1])["query"] == [0, 1]
    with pytest.raises(InputError, match=r"trains on 2 of its test people \(2, 3\).*17-87"):
        split(trainval=[2, 3, 4], query=[0, 2], gallery=[3])
    with pytest.raises(InputError, match="query names person 5"):
        split(trainval=[2], query=[5], gallery=[3])
    with pytest.raises(InputError, match="trainval is no list of numbers"):
        split(trainval=["2"], query=[1], gallery=[3])
    with pytest.raises(InputError, match="no split"):
        split(train=[2], query=[1], gallery=[3])
    file.unlink()
    with pytest.raises(InputError, match=r"splits\.json: no such file"):
        split_of(films, file)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("2,000_film00.mp4,film00,2\n", "line 2: PID 2 after -1 makes 3 people, not 2"),
        ("x,000_film00.mp4,film00,2\n", "line 2: PID 'x'; expected a whole number"),
        ("1,000_film0.mp4,film0,2\n", "line 2: 000_film0.mp4 is not annotated.*did you mean film0"),
        ("0,000_film00.mp4,film00,1\n", "film00 has a person 1; expected 1 people"),
        ("1,000_film00.mp4,film00,2\n3,001_film00.mp4,film00,2\n", "line 3: film00 for the second time"),
        ("", "no films"),
    ],
)
def test_a_table_that_contradicts_itself_is_named_by_its_line(tmp_path, line, said):
    annotation, table = write_labels(tmp_path, last_pids=(1, 4))
    table.write_text(HEADER + line)
    with pytest.raises(InputError, match=said):
        read_films(annotation, table)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[]", "list; expected film -> person -> frames"),
        ("{", "no JSON"),
        ("[" * 100_000, "no JSON"),
        ('{"film00": [1]}', "film00 is list"),
        ('{"film00": {"-1": [1]}}', "a person '-1'"),
        ('{"film00": {"0": [1.5]}}', "the frames of person 0 in film00"),
        ('{"film00": {"0": [true]}}', "the frames of person 0 in film00"),
        ('{"film00": {"0": [99999999999]}}', "the frames of person 0 in film00"),
    ],
)
def test_an_annotation_of_another_form_is_named(tmp_path, content, said):
    annotation, table = write_labels(tmp_path, last_pids=(1, 4))
    annotation.write_text(content)
    with pytest.raises(InputError, match=said):
        read_films(annotation, table)


def test_frames_are_kept_by_their_number_from_0():
    film = Film(0, "film", "", 3, 2, {1: np.array([0, 4, 5, 9, 10]), 0: np.array([1, 15])})
    assert [(local, kept.tolist()) for local, kept in film.kept(5)] == [(0, [15]), (1, [0, 5, 10])]
    assert film.folder == "000_film"


@given(cells=st.lists(st.text(max_size=12), max_size=12), content=st.binary(max_size=60))
def test_any_cells_and_bytes_end_in_films_or_one_line(tmp_path_factory, cells, content):
    root = tmp_path_factory.mktemp("fuzz")
    annotation, table = write_labels(root, last_pids=(1, 4))
    table.write_bytes(HEADER.encode() + ",".join(cells).encode("utf-8", "surrogateescape") + b"\n" + content)
    for path in (table, annotation):
        try:
            read_films(annotation, table)
            read_split(path, {0})
        except InputError as error:
            assert "\n" not in str(error)
