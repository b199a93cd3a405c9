"""Whatever lies in a tree, a table or a prior, opening it ends in a dataset or in one line that says what is wrong."""

import json
import os
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sameperson.checks import InputError
from sameperson.data.dataset import Dataset
from sameperson.data.miniatures import MINIATURES
from sameperson.data.miniatures.make import make_layout
from sameperson.data.readers import LAYOUTS
from sameperson.data.readers.csv_table import read_csv
from sameperson.data.readers.list_file import read_list
from sameperson.priors.load import open_priors
from sameperson.types import Samples
from sameperson.world.plan import WorldPlan

EASY = settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
PLAN = WorldPlan(people=6, test_people=3, cameras=3, shots=4, size=(32, 16))
READ_BY = {name: name for name in MINIATURES if name in LAYOUTS}
NAMES = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=40)
CELLS = st.one_of(
    st.text(max_size=12),
    st.integers(-(10**12), 10**12).map(str),
    st.sampled_from(
        ["", " ", "-1", "0", "1e3", "nan", "train", "val", "query", "gallery", "a.jpg", '"', "\0", "\ufeff"]
    ),
)
JSONS = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=5),
        st.dictionaries(
            st.sampled_from(
                ["images", "annotations", "image_id", "id", "file_name", "keypoints", "score", "box", "bbox"]
            )
            | st.text(max_size=4),
            inner,
            max_size=5,
        ),
    ),
    max_leaves=25,
)


def opens_or_says(open_it):
    """Run it; a refusal must be one line. Returns what it opened."""
    try:
        return open_it()
    except InputError as error:
        assert str(error).strip() and "\n" not in str(error)
        return None


@pytest.fixture(scope="session", params=sorted(READ_BY))
def tree(request, tmp_path_factory):
    place = tmp_path_factory.mktemp("fuzz") / "tree"
    make_layout(place, request.param, PLAN)
    return request.param, place


def linked(source: str, target: str) -> None:
    """Copy what a fault may write into; pictures are only ever renamed or removed."""
    (os.link if source.endswith((".jpg", ".png")) else shutil.copyfile)(source, target)


def damage(data: st.DataObject, place: Path) -> None:
    """One fault drawn by hypothesis: a name, the bytes of a label file, or a folder's or a file's absence."""
    files = sorted(path for path in place.rglob("*") if path.is_file())
    labels = [path for path in files if path.stat().st_nlink == 1]
    what = data.draw(st.sampled_from(["rename", "remove", "folder", "bytes", "lines", "surprise"]))
    if what == "rename":
        file = data.draw(st.sampled_from(files))
        name = data.draw(st.one_of(NAMES, NAMES.map(lambda text: text[:20] + file.suffix)))
        if name not in (".", "..") and len(os.fsencode(name)) < 200:
            file.rename(file.with_name(name))
    elif what == "remove":
        data.draw(st.sampled_from(files)).unlink()
    elif what == "folder":
        shutil.rmtree(data.draw(st.sampled_from(sorted(path for path in place.rglob("*") if path.is_dir()))))
    elif what == "surprise":
        name = data.draw(NAMES)
        if name not in (".", "..") and len(os.fsencode(name)) < 200:
            (data.draw(st.sampled_from(files)).parent / name).write_bytes(data.draw(st.binary(max_size=40)))
    elif labels:
        file = data.draw(st.sampled_from(labels))
        content = file.read_bytes()
        if what == "bytes":
            start = data.draw(st.integers(0, len(content)))
            stop = data.draw(st.integers(start, min(len(content), start + 30)))
            file.write_bytes(content[:start] + data.draw(st.binary(max_size=20)) + content[stop:])
        else:
            lines = content.split(b"\n")
            file.write_bytes(b"\n".join(data.draw(st.permutations(lines[:12])) + lines[12:]))


def check_tree(data: st.DataObject, tree: tuple[str, Path], tmp_path: Path) -> None:
    name, place = tree
    copy = tmp_path / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(place, copy, copy_function=linked)
    for _ in range(data.draw(st.integers(1, 3))):
        if any(path.is_file() for path in copy.rglob("*")) and any(path.is_dir() for path in copy.rglob("*")):
            damage(data, copy)
    dataset = opens_or_says(lambda: LAYOUTS[READ_BY[name]].read(copy, None))
    if dataset is not None:
        assert isinstance(dataset, Dataset)
        for samples in dataset.splits().values():
            opens_or_says(lambda samples=samples: open_priors(samples, tuple(samples.priors)))


@EASY
@given(data=st.data())
def test_a_damaged_tree_is_read_or_explained(data, tree, tmp_path):
    check_tree(data, tree, tmp_path)


@pytest.mark.slow
@settings(EASY, max_examples=400)
@given(data=st.data())
def test_many_damaged_trees_are_read_or_explained(data, tree, tmp_path):
    check_tree(data, tree, tmp_path)


def check_csv(tmp_path: Path, rows: list[list[str]], separator: str) -> None:
    file = tmp_path / "people.csv"
    file.write_text("\n".join(separator.join(row) for row in rows), encoding="utf-8", errors="surrogateescape")
    opens_or_says(lambda: read_csv(file))


HEADERS = st.lists(st.sampled_from(["path", "pid", "camid", "split", "clothes_id", "track_id", "frame"]), max_size=7)
TABLES = st.tuples(HEADERS, st.lists(st.lists(CELLS, max_size=7), max_size=8)).map(lambda pair: [pair[0], *pair[1]])
SHAPED = st.lists(st.tuples(NAMES, CELLS, CELLS, CELLS, CELLS, CELLS, CELLS).map(list), min_size=1, max_size=8).map(
    lambda rows: [["path", "pid", "camid", "split", "clothes_id", "track_id", "frame"], *rows]
)


@EASY
@given(rows=st.one_of(TABLES, SHAPED), separator=st.sampled_from(",;\t"))
def test_any_csv_is_read_or_explained(rows, separator, tmp_path):
    check_csv(tmp_path, rows, separator)


@pytest.mark.slow
@settings(EASY, max_examples=12000)
@given(rows=st.one_of(TABLES, SHAPED), separator=st.sampled_from(",;\t"))
def test_many_csvs_are_read_or_explained(rows, separator, tmp_path):
    check_csv(tmp_path, rows, separator)


@EASY
@given(content=st.one_of(st.binary(max_size=60), st.lists(st.tuples(NAMES, CELLS, CELLS)).map(
    lambda rows: "\n".join(" ".join(row) for row in rows).encode("utf-8", "surrogatepass"))))  # fmt: skip
def test_any_list_is_read_or_explained(content, tmp_path):
    (tmp_path / "list.txt").write_bytes(content)
    opens_or_says(lambda: read_list(tmp_path / "list.txt"))


def check_keypoints(tmp_path: Path, content: str) -> None:
    file = tmp_path / "keypoints.json"
    file.write_text(content)
    samples = Samples.of(["a.jpg", "b.jpg"], [1, 2], root=tmp_path, priors={"keypoints": file})
    opens_or_says(lambda: open_priors(samples, ("keypoints",)))


BODIES = st.lists(
    st.fixed_dictionaries(
        {"image_id": st.sampled_from(["a.jpg", "b.jpg", 3])},
        optional={
            "keypoints": st.one_of(st.lists(st.floats() | st.integers(), min_size=51, max_size=51), JSONS),
            "score": JSONS,
            "box": st.one_of(st.lists(st.floats(), min_size=4, max_size=4), JSONS),
        },
    ),
    max_size=4,
)


@EASY
@given(content=st.one_of(JSONS, BODIES).map(json.dumps))
def test_any_json_of_keypoints_is_read_or_explained(content, tmp_path):
    check_keypoints(tmp_path, content)


@pytest.mark.slow
@settings(EASY, max_examples=8000)
@given(content=st.one_of(JSONS, BODIES).map(json.dumps))
def test_much_json_of_keypoints_is_read_or_explained(content, tmp_path):
    check_keypoints(tmp_path, content)
