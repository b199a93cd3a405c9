"""Every layout from end to end: drawn, read, examined, evaluated; and each fault in it is named with its path."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from sameperson.cli.main import main
from sameperson.data.layout import counts_of, differences, expected_counts
from sameperson.data.miniatures import MINIATURES
from sameperson.data.readers import LAYOUTS, recognised

READERS = {name: name for name in MINIATURES if name in LAYOUTS}
NOBODY = ("lip",)
"""Layouts whose pictures are of nobody in particular: for parsing, not to find anyone by."""
PEOPLE = ["--people", "6", "--test-people", "3", "--cameras", "3", "--shots", "4", "--size", "64x32", "--workers", "1"]
LISTS = {
    "msmt17": "**/list_query.txt",
    "lists-3dsl": "list/query.txt",
    "fgpr": "**/query.txt",
    "list": "**/query.txt",
    "ccvid": "query.txt",
    "regdb": "idx/test_visible_1.txt",
}
"""Layouts whose text files say who is on a picture that says so itself."""
ANY_NAME = ("folder", "ccvid")
"""Layouts in which the folder says who it is, and any name of a file will do."""


@pytest.fixture(scope="session", params=sorted(READERS))
def tree(request, tmp_path_factory):
    place = tmp_path_factory.mktemp("layouts") / request.param
    assert main(["world", "make", str(place), "--layout", request.param, *PEOPLE]) == 0
    return request.param, place


def data_of(name: str, place: Path) -> Path:
    """What a user points at: a folder, or the table in it."""
    return next(place.glob("*.csv")) if name == "csv" else place


def examined(name: str, place: Path, tmp_path: Path) -> list[dict]:
    """The doctor's findings."""
    file = tmp_path / "doctor.json"
    assert main(["doctor", str(data_of(name, place)), "--reader", READERS[name], "--json", str(file)]) == 0
    return json.loads(file.read_text())["findings"]


def test_drawn_read_examined_and_evaluated(tree, tmp_path, capsys):
    name, place = tree
    data = data_of(name, place)
    assert recognised(data)[0].name == name, "the doctor would take it for something else"
    dataset = LAYOUTS[READERS[name]].read(data, None)
    _, expected = expected_counts(place, LAYOUTS[READERS[name]])
    assert expected and differences(counts_of(dataset), expected) == []
    assert set(LAYOUTS[name].priors) <= set(dataset.train.priors)
    errors = [one for one in examined(name, place, tmp_path) if one["severity"] == "error"]
    assert not errors
    code = main(["evaluate", str(data), "--json", str(tmp_path / "figures.json"), "--resamples", "20"])
    if name in NOBODY:
        said = capsys.readouterr().err
        assert code == 2 and len(said.strip().splitlines()) == 1 and "nobody" in said
        return
    assert code == 0
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert figures["protocol"] == dataset.protocol and figures["queries"] > 0
    # Three people who are asked for among one another, in one layout dressed alike: better than chance.
    assert figures["rank1"]["value"] > 1 / 3 and figures["rules"]


Fault = Callable[[str, Path, object], str | None]


def asked_file(dataset) -> Path:
    """A picture that the layout must have: a query, else one to learn from."""
    samples = dataset.query if len(dataset.query) else dataset.train
    return samples.file(0)


def missing_folder(name, place, dataset):
    """The folder of the pictures that are asked for, or of those to learn from."""
    first = asked_file(dataset).relative_to(place).parts[0]
    if not (place / first).is_dir():
        return None
    shutil.rmtree(place / first)
    return ("fewer than", first) if name == "folder" else first


def renamed_file(name, place, dataset):
    file = asked_file(dataset)
    target = place / "strange name.jpg" if name in ANY_NAME else file.with_name(f"strange name{file.suffix}")
    file.rename(target)
    return ("strange name", file.name, "fewer than")


def wrong_count(name, place, dataset):
    file = (dataset.train if len(dataset.train) else dataset.gallery).file(0)
    file.unlink()
    return ("fewer than", file.name)


def unreadable_picture(name, place, dataset):
    file = asked_file(dataset)
    content = file.read_bytes()
    file.unlink()
    file.write_bytes(content[: len(content) // 3])
    return file.name


def absent_prior(name, place, dataset):
    """One picture's own, or a whole file of them."""
    for prior, where in sorted(dataset.train.priors.items()):
        files = [where] if where.is_file() else sorted(path for path in where.rglob("*") if path.is_file())
        stem = Path(str(dataset.train.path[0])).stem
        chosen = next((file for file in files if file.stem == stem), files[0])
        chosen.unlink()
        return (prior, chosen.name)
    return None


def shuffled_list(name, place, dataset):
    """Two lines that change their people."""
    if name not in LISTS:
        return None
    file = next(place.glob(LISTS[name]))
    lines = [line.split() for line in file.read_text().splitlines()]
    other = next(line for line in lines if line[1] != lines[0][1])
    lines[0][1], other[1] = other[1], lines[0][1]
    file.write_text("".join(" ".join(line) + "\n" for line in lines))
    return (file.name, Path(lines[0][0]).name)


FAULTS = (missing_folder, renamed_file, wrong_count, unreadable_picture, absent_prior, shuffled_list)


def test_each_fault_is_named_with_its_path(tree, tmp_path):
    name, place = tree
    unnamed = []
    for fault in FAULTS:
        copy = tmp_path / fault.__name__
        shutil.copytree(place, copy)
        dataset = LAYOUTS[READERS[name]].read(data_of(name, copy), None)
        wanted = fault(name, copy, dataset)
        if wanted is None:
            continue
        said = json.dumps(examined(name, copy, tmp_path))
        if not any(word in said for word in ([wanted] if isinstance(wanted, str) else wanted)):
            unnamed.append((fault.__name__, wanted, said[:600]))
    assert not unnamed
