"""Hostile inputs: whatever a path, a file or a number is, a command answers with one line and exit code 2."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
import yaml
from PIL import Image

from sameperson.checks import InputError, apart, atomic, existing_file, existing_folder, kind_of, read_json, walk
from sameperson.cli.common.json_output import write_json
from sameperson.cli.main import main
from sameperson.config import Recipe
from sameperson.data.prepare.annotation import read_annotation
from sameperson.data.prepare.tracks import read_tracks
from sameperson.data.readers.files import pictures_below
from sameperson.data.readers.live import read_plan
from sameperson.data.readers.open_reid_json import json_in
from sameperson.images.decode import BrokenPicture, read_picture
from sameperson.methods.build import build_method
from sameperson.overrides import load_recipe
from sameperson.priors.pose_files import read_bodies
from sameperson.retrieval.calibrate import read_calibration
from sameperson.retrieval.store import read_store, write_store
from sameperson.training.checkpoint import FORMAT, TrainingState
from sameperson.training.distributed import Processes
from sameperson.training.learner import Learner
from sameperson.training.run_folder import last_checkpoint
from sameperson.types import Embeddings, Samples

Answer = Callable[..., str]
GUARD = 60
"""Seconds after which a command that waits for ever is ended."""


def a_picture(file: Path) -> Path:
    """Write a small picture."""
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.random.default_rng(1).integers(0, 256, (32, 16, 3), np.uint8)).save(file, "PNG")
    return file


@pytest.fixture
def answer(capsys) -> Answer:
    """Types a command that must be refused: the one line that it answers."""

    def typed(*words: object) -> str:
        started = time.monotonic()
        code = main([str(word) for word in words])
        error = capsys.readouterr().err
        lines = [line for line in error.splitlines() if line.startswith("sameperson: ")]
        assert code == 2, error
        assert len(lines) == 1 and "Traceback" not in error
        assert time.monotonic() - started < GUARD
        return lines[0]

    return typed


def answer_in_time(*words: object) -> str:
    """The same in a process of its own, which is ended if it waits."""
    command = [sys.executable, "-m", "sameperson", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=GUARD, stdin=subprocess.DEVNULL)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr.strip()


# Kind 11: only regular files are read, only regular files are replaced.


@pytest.fixture
def strange(tmp_path) -> dict[str, Path]:
    """Everything that has a picture's name and is no file."""
    folder = tmp_path / "strange"
    folder.mkdir()
    os.mkfifo(folder / "pipe.jpg")
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(folder / "socket.jpg"))
    (folder / "loop.jpg").symlink_to(folder / "loop.jpg")
    (folder / "zero.jpg").symlink_to("/dev/zero")
    (folder / "folder.jpg").mkdir()
    return {name: folder / f"{name}.jpg" for name in ("pipe", "socket", "loop", "zero", "folder")}


NO_FILES = {
    "pipe": "a pipe (FIFO)",
    "socket": "a socket",
    "loop": "a link that leads to itself",
    "zero": "a device",
    "folder": "a folder",
}


@pytest.mark.parametrize(("name", "says"), NO_FILES.items())
def test_what_is_no_file_is_named_and_not_opened(strange, name, says):
    path = strange[name]
    assert kind_of(path) == says
    with pytest.raises(InputError) as error:
        existing_file(path)
    assert f"{path}: {says}" in str(error.value)
    with pytest.raises(BrokenPicture) as error:
        read_picture(path)
    assert f"{path}: {'Is a directory' if name == 'folder' else says}" in str(error.value)
    with pytest.raises(InputError, match="choose another output"), atomic(path) as temporary:
        temporary.write_text("x")
    assert kind_of(path) == says


def test_a_pipe_is_never_waited_for(strange, tmp_path):
    a_picture(tmp_path / "a.png")
    assert "a pipe (FIFO)" in answer_in_time("compare", strange["pipe"], tmp_path / "a.png")


@pytest.mark.parametrize("name", ["pipe", "zero", "socket"])
def test_a_strange_file_among_pictures_is_a_broken_picture(strange, name, tmp_path, answer):
    folder = tmp_path / "people"
    a_picture(folder / "a.png")
    strange[name].rename(folder / "b.jpg")
    line = answer("embed", folder, "--out", tmp_path / "x.parquet")
    assert "b.jpg" in line and NO_FILES[name] in line
    assert not (tmp_path / "x.parquet").exists()


@pytest.mark.parametrize("place", ["/proc/self", "/proc/self/task", "/sys"])
def test_the_running_system_is_no_folder_of_pictures(place, answer, tmp_path):
    if not os.path.ismount("/proc" if place.startswith("/proc") else "/sys"):
        pytest.skip("no such file system here")
    with pytest.raises(InputError, match="folder of the running system"):
        existing_folder(place)
    assert "folder of the running system" in answer("embed", place, "--out", tmp_path / "x.parquet")
    assert "folder of the running system" in answer("doctor", place)
    assert "folder of the running system" in answer("evaluate", place)


@pytest.mark.skipif(not os.path.ismount("/proc"), reason="no such file system here")
@pytest.mark.parametrize("place", ["/proc/self/mem", "/proc/meminfo", "/proc/self/environ"])
def test_a_file_of_the_running_system_is_not_read(place, answer, tmp_path):
    """/proc/self/mem is a regular file whose first bytes are an input/output error."""
    with pytest.raises(InputError, match="a file of the running system"):
        existing_file(place)
    picture = a_picture(tmp_path / "a.png")
    line = answer("embed", picture, "--weights", place, "--out", tmp_path / "x.parquet")
    assert f"{place}: a file of the running system" in line


@pytest.mark.parametrize("option", ["--json", "--html"])
@pytest.mark.parametrize("target", ["device", "pipe", "folder"])
def test_an_output_replaces_files_alone(crowd, strange, tmp_path, answer, option, target):
    path = {"device": Path("/dev/full"), "pipe": strange["pipe"], "folder": tmp_path}[target]
    before = os.lstat(path)
    assert f"{path}: a" in answer("doctor", crowd, option, path)
    after = os.lstat(path)
    assert (before.st_ino, before.st_mode, before.st_rdev) == (after.st_ino, after.st_mode, after.st_rdev)


@pytest.mark.parametrize("words", [("search", "--out"), ("embed", "--out"), ("evaluate", "--report")])
def test_a_device_is_never_replaced(crowd, tmp_path, answer, words):
    command, option = words
    picture = a_picture(tmp_path / "q.png")
    asked = {"search": (picture, crowd), "embed": (crowd,), "evaluate": (crowd,)}[command]
    link = tmp_path / "full.png"
    link.symlink_to("/dev/full")
    assert "a device" in answer(command, *asked, option, link)
    assert link.is_symlink()


def test_links_in_a_circle_are_walked_once(tmp_path):
    a_picture(tmp_path / "a" / "1.png")
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    (tmp_path / "again").symlink_to(tmp_path)
    assert pictures_below(tmp_path) == ["a/1.png"]


def test_two_links_to_a_folder_are_both_walked(tmp_path):
    a_picture(tmp_path / "pictures" / "1.png")
    for name in ("x", "y"):
        (tmp_path / "tree" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "tree" / name).symlink_to(tmp_path / "pictures")
    assert pictures_below(tmp_path / "tree") == ["x/1.png", "y/1.png"]


def test_links_that_unfold_without_end_are_refused(tmp_path):
    for depth in range(30):
        (tmp_path / f"{depth}").mkdir()
        for name in ("a", "b"):
            (tmp_path / f"{depth}" / name).symlink_to(tmp_path / f"{depth + 1}")
    (tmp_path / "30").mkdir()
    with pytest.raises(InputError, match="over 100 ways"):
        list(walk(tmp_path / "0"))


def test_overlays_never_replace_the_pictures_or_their_labels(tmp_path, answer):
    pictures, labels = tmp_path / "people", tmp_path / "labels"
    a_picture(pictures / "deep" / "1.png")
    Image.fromarray(np.zeros((32, 16), np.uint8)).save(a_picture(labels / "deep" / "1.png"))
    before = [file.read_bytes() for file in (pictures / "deep" / "1.png", labels / "deep" / "1.png")]
    for out in (pictures, labels, pictures / "deep", labels / "deep", tmp_path / "people" / "." / "deep"):
        line = answer("parse", "overlay", pictures, "--labels", labels, "--out", out)
        assert "what is read lies there" in line
    line = answer("parse", "overlay", pictures, "--labels", labels, "--out", pictures / "deep" / "1.png")
    assert "an output apart from the inputs" in line
    assert before == [file.read_bytes() for file in (pictures / "deep" / "1.png", labels / "deep" / "1.png")]


def test_figures_never_replace_what_they_are_of(tmp_path, answer):
    table = tmp_path / "people.csv"
    table.write_text("path,pid,camid\n1.png,1,1\n")
    assert "what is read lies there" in answer("doctor", table, "--json", table)
    assert "what is read lies there" in answer("evaluate", table, "--report", tmp_path / "." / "people.csv")
    assert table.read_text().startswith("path")
    with pytest.raises(InputError):
        apart(table, [tmp_path, table])


def test_a_picture_that_is_larger_than_any_is_not_read(tmp_path):
    with (tmp_path / "huge.jpg").open("wb") as file:
        file.truncate(10**12)
    with pytest.raises(BrokenPicture, match="over the limit"):
        read_picture(tmp_path / "huge.jpg")


# Kind 12: sizes are checked before they are allocated.


DEEP = "[" * 100_000
UNFOLDING = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9)
)


@pytest.mark.parametrize(
    "words",
    [
        ("evaluate", "DATA", "--network", "x.onnx", "--input-size", "50000x50000"),
        ("evaluate", "DATA", "--network", "x.onnx", "--input-size", f"{'9' * 5000}x1"),
        ("evaluate", "DATA", "--resamples", "1000000000000"),
        ("cross", "DATA", "--resamples", "9" * 5000),
        ("embed", "DATA", "--out", "x.parquet", "--workers", "1000000000"),
        ("train", "baseline/world_small", "method.embedding=1000000000"),
        ("train", "baseline/world_small", "evaluate.resamples=1000000000000"),
        ("train", "baseline/world_small", "data.size=50000,50000"),
        ("train", "baseline/world_small", "sampler.pictures=1000000000"),
        ("train", "isp/market1501", "method.channels=1000000000"),
        ("train", "baseline/world_small", f"train.epochs={'9' * 5000}"),
    ],
)
def test_a_size_is_refused_before_anything_is_made(words, crowd, tmp_path, answer):
    out = ("--out", tmp_path / "run") if words[0] == "train" else ()
    started = time.monotonic()
    answer(*(crowd if word == "DATA" else word for word in words), *out)
    assert time.monotonic() - started < 20  # of which the imports take most
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (UNFOLDING, "aliases"),
        ("a: &a [*a]", "nested"),
        ("&a {b: *a}", "nested"),
        (DEEP, "nested too deeply"),
        ("{a: " * 200, "not YAML"),
        ("x" * 300_000, "300 kB"),
        ("a: !!timestamp soon", "not YAML"),
        ("a: 2024-13-45", "not YAML"),
        ("a: !!int ''", "not YAML"),
        ("a: !!python/object:os.system {}", "not YAML"),
        ("seed: \0", "not YAML"),
        ("[1, 2]", "a list"),
    ],
)
def test_a_recipe_that_unfolds_is_one_line(text, says, tmp_path, answer):
    file = tmp_path / "recipe.yaml"
    file.write_text(text)
    started = time.monotonic()
    assert says in answer("train", file, "--out", tmp_path / "run")
    assert time.monotonic() - started < 5


def test_a_recipe_may_still_use_aliases(tmp_path):
    file = tmp_path / "recipe.yaml"
    file.write_text("optim: {steps: &s [1.0, 2.0]}\ndata: &d {size: [64, 32]}\nevaluate: {<<: {batch: 3}}\n")
    recipe = load_recipe(file)
    assert (recipe.optim.steps, recipe.data.size, recipe.evaluate.batch) == ((1.0, 2.0), (64, 32), 3)
    file.write_text("method: {name: isp}\ndata: {face_size: &s [64, 32], size: *s}\n")
    assert load_recipe(file).data.size == load_recipe(file).data.face_size == (64, 32)


@pytest.mark.parametrize("content", [DEEP, DEEP + "]" * 100_000, "{", "9" * 5000, b"\xff\xfe{", ""])
def test_json_that_is_damaged_or_deep_is_one_line(content, tmp_path, answer, crowd):
    file = tmp_path / "x.json"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    for words in (
        ("report", file),
        ("evaluate", crowd, "--calibration", file, "--network", "x.onnx"),
        ("prepare", "dancereid", "-a", file, "--count"),
    ):
        assert str(file) in answer(*words) or words[0] == "evaluate"
    for read in (read_calibration, read_plan, read_annotation, read_tracks, lambda path: json_in(path, "x"), read_json):
        with pytest.raises(InputError, match=r"x\.json"):
            read(file)
    with pytest.raises(InputError, match=r"x\.json"):
        list(read_bodies(file))


# Kind 13: files of ours that are damaged.


def a_store(file: Path) -> pa.Table:
    """Write embeddings of three pictures; the table that the file holds."""
    samples = Samples.of([f"{n}.jpg" for n in range(3)], [0, 1, 2], [0, 0, 1], root=file.parent, names={0: "ann"})
    write_store(file, [(samples, Embeddings(np.eye(3, 4, dtype=np.float32), "f"))], "net.onnx", (64, 32))
    return pq.read_table(file)


def column(table: pa.Table, name: str, values: pa.Array | None) -> pa.Table:
    """The table with another column of that name, or without it."""
    at, about = table.schema.get_field_index(name), table.schema.metadata
    other = table.remove_column(at) if values is None else table.set_column(at, name, values)
    return other.replace_schema_metadata(about)


def noted(table: pa.Table, **about: str | None) -> pa.Table:
    """The table with other metadata; None takes an entry away."""
    kept = {**table.schema.metadata, **{name.encode(): value for name, value in about.items()}}
    return table.replace_schema_metadata({name: value for name, value in kept.items() if value is not None})


def features(values: object, width: int) -> pa.Array:
    """A column of features."""
    return pa.FixedSizeListArray.from_arrays(pa.array(values, pa.float32()), width)


STORES = {
    "text pids": lambda table: column(table, "pid", pa.array(["a", "b", "c"])),
    "no pids": lambda table: column(table, "pid", None),
    "empty pids": lambda table: column(table, "pid", pa.array([0, None, 2], pa.int64())),
    "numbers for paths": lambda table: column(table, "path", pa.array([1, 2, 3])),
    "text features": lambda table: column(table, "feature", pa.array(["x"] * 3)),
    "ragged features": lambda table: column(table, "feature", pa.array([[1.0], [1.0, 2.0], []])),
    "features of no number": lambda table: column(table, "feature", pa.array([[]] * 3, pa.list_(pa.float32(), 0))),
    "infinite features": lambda table: column(table, "feature", features([np.inf] * 3, 1)),
    "empty features": lambda table: column(table, "feature", features([None] * 3, 1)),
    "double features": lambda table: column(table, "feature", pa.array([[1.0]] * 3, pa.list_(pa.float64(), 1))),
    "no rows": lambda table: table.slice(0, 0),
    "size of text": lambda table: noted(table, size="axb"),
    "size of nothing": lambda table: noted(table, size="0x0"),
    "huge size": lambda table: noted(table, size="9" * 400 + "x1"),
    "no size": lambda table: noted(table, size=None),
    "names of a list": lambda table: noted(table, names="[1]"),
    "names of text": lambda table: noted(table, names='{"a": "b"}'),
    "names of numbers": lambda table: noted(table, names='{"1": 2}'),
    "names too deep": lambda table: noted(table, names=DEEP),
    "names of bytes": lambda table: noted(table, names=b"\xff\xfe"),
    "no metadata": lambda table: table.replace_schema_metadata(None),
}


@pytest.mark.parametrize("damage", STORES)
def test_a_damaged_file_of_embeddings_is_one_line(damage, tmp_path, answer):
    file = tmp_path / "e.parquet"
    pq.write_table(STORES[damage](a_store(file)), file)
    with pytest.raises(InputError, match=r"e\.parquet: .*make one with `sameperson embed"):
        read_store(file)
    if damage in ("text pids", "size of text"):
        assert "e.parquet" in answer("search", a_picture(tmp_path / "q.png"), file, "--out", tmp_path / "r.png")


def test_a_whole_file_of_embeddings_is_read(tmp_path):
    a_store(tmp_path / "e.parquet")
    store = read_store(tmp_path / "e.parquet")
    assert store.size == (64, 32) and store.samples.names[0] == "ann"
    assert np.array_equal(store.embeddings.features, np.eye(3, 4))


def test_a_feature_that_is_not_finite_is_never_written(tmp_path):
    wrong = np.array([[1.0, 2.0], [np.nan, 1.0]], np.float32)
    with pytest.raises(InputError, match=r"a feature of b\.jpg that is not finite"):
        write_store(
            tmp_path / "e.parquet", [(Samples.of(["a.jpg", "b.jpg"], [0, 1]), Embeddings(wrong, "f"))], "n", (2, 2)
        )
    assert not list(tmp_path.iterdir())


METRICS = '{"epoch": 1, "loss": 2.0, "loss/id": 2.0}\n'


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("result.json", b"[1]"),
        ("result.json", b"null"),
        ("result.json", b"\xff\xfe\x00"),
        ("result.json", DEEP.encode()),
        ("result.json", b'{"best_epoch": null}'),
        ("result.json", b'{"trained": []}'),
        ("result.json", None),
        ("metrics.jsonl", b"[1]\n"),
        ("metrics.jsonl", b"null\n"),
        ("metrics.jsonl", b'{"loss": 1}\n'),
        ("metrics.jsonl", b'{"epoch": "x"}\n'),
        ("metrics.jsonl", b'{"epoch": 1e400}\n'),
        ("metrics.jsonl", b'{"epoch": 1, "loss/id": [1]}\n'),
        ("metrics.jsonl", b'{"epoch": 1, "loss/id": null}\n'),
        ("metrics.jsonl", b'{"epoch": 1, "loss/id": "x"}\n'),
        ("metrics.jsonl", DEEP.encode()),
        ("metrics.jsonl", b"\xff\xfe\n"),
        ("metrics.jsonl", None),
        ("recipe.yaml", b"\xff\xfe\x00"),
        ("recipe.yaml", None),
        ("pictures.json", b"[1]"),
        ("pictures.json", b'{"examples": 3}'),
        ("pictures.json", None),
    ],
)
def test_a_damaged_file_of_a_run_is_one_line(name, content, tmp_path, answer):
    (tmp_path / "metrics.jsonl").write_text(METRICS)
    if content is None:
        (tmp_path / name).unlink(missing_ok=True)
        (tmp_path / name).mkdir()
    else:
        (tmp_path / name).write_bytes(content)
    assert name in answer("report", tmp_path)
    assert not (tmp_path / "report.html").exists()


@pytest.mark.parametrize("content", [b"[1, 2]", b"\xff\xfe\x00", b"seed: [", b"seed: nan", None])
@pytest.mark.parametrize("command", ["train", "parse"])
def test_a_damaged_recipe_of_a_run_is_one_line(command, content, tmp_path, answer, crowd):
    run, recipe = tmp_path / "run", tmp_path / "run" / "recipe.yaml"
    run.mkdir()
    if content is None:
        recipe.mkdir()
    else:
        recipe.write_bytes(content)
    if command == "train":
        line = answer("train", "baseline/world_small", f"data.root={crowd}", "--out", run, "--resume")
        assert "recipe.yaml" in line
    else:
        (run / "parts.npy").write_bytes(b"")
        answer("parse", "export", run, "--out", tmp_path / "parts")


def a_checkpoint(recipe: Recipe) -> dict[str, object]:
    """What a checkpoint of this recipe holds, with an empty network."""
    return {
        "format": FORMAT, "recipe": recipe.model_dump(mode="json"), "people": 1, "pictures": 2, "method": {},
        "average": {}, "optimizers": [], "scaler": {}, "standing": vars(TrainingState()),
    }  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {"standing": []},
        {"standing": {}},
        {"standing": {"surprise": 1}},
        {"standing": {**vars(TrainingState()), "epoch": "x"}},
        {"standing": {**vars(TrainingState()), "losses": {"id": 1}}},
        {"recipe": None},
        {"people": "x"},
        {"optimizers": {}},
        {"format": 99},
        None,
    ],
)
def test_a_damaged_checkpoint_is_one_line(change, tmp_path):
    file, recipe = tmp_path / "checkpoint.pt", load_recipe()
    if change is None:
        file.mkdir()
    else:
        torch.save({**a_checkpoint(recipe), **change}, file)
    with pytest.raises(InputError, match=r"checkpoint\.pt: .*a checkpoint that train wrote"):
        last_checkpoint(tmp_path, recipe)


def test_a_whole_checkpoint_is_read_and_one_of_another_network_refused(tmp_path):
    recipe = load_recipe()
    torch.save(a_checkpoint(recipe), tmp_path / "checkpoint.pt")
    checkpoint = last_checkpoint(tmp_path, recipe)
    assert checkpoint is not None and checkpoint.people == 1
    small = load_recipe(None, ["backbone.name=osnet_x0_25"])
    learner = Learner(build_method(small, 2), small, Processes(torch.device("cpu")))
    with pytest.raises(InputError, match="a checkpoint of another network"):
        learner.restore(checkpoint)


# Kind 14: numbers have their ranges where they are declared.


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("embed", "DATA", "--out", "x.parquet", "--workers", "-1"), "'-1' is no whole number from 0 to 1024"),
        (("search", "DATA", "DATA", "--workers", "-1"), "'-1' is no whole number from 0 to 1024"),
        (("evaluate", "DATA", "--workers", "-1"), "'-1' is no whole number from 0 to 1024"),
        (("priors", "make", "parsing", "DATA", "--workers", "-1"), "'-1' is no whole number from 0 to 1024"),
        (("world", "make", "x", "--workers", "-1"), "'-1' is no whole number from 0 to 1024"),
        (("evaluate", "DATA", "--seed", "-1"), "'-1' is no whole number from 0 to"),
        (("doctor", "DATA", "--seed", "-1"), "'-1' is no whole number from 0 to"),
        (("demo", "--seed", "-1"), "'-1' is no whole number from 0 to"),
        (("world", "make", "x", "--seed", "-1"), "'-1' is no whole number from 0 to"),
        (("world", "scene", "x", "--seed", "-1"), "'-1' is no whole number from 0 to"),
        (("world", "make", "x", "--degree", "nan"), "'nan' is no number from 0 to 1"),
        (("world", "scene", "x", "--seconds", "inf"), "'inf' is no number from 0"),
        (("embed", "DATA", "--out", "x.parquet", "--network", "x.onnx", "--scale", "1e400"), "'1e400' is no finite"),
        (("embed", "DATA", "--out", "x.parquet", "--network", "x.onnx", "--mean", "nan"), "'nan' is no finite"),
        (("search", "DATA", "DATA", "--top", "0"), "'0' is no whole number from 1"),
        (("search", "DATA", "DATA", "--top", "²"), "'²' is no whole number from 1"),
        (("search", "DATA", "DATA", "--false-matches", "nan"), "'nan' is no number from 0 to 1"),
        (("search", "DATA", "DATA", "--augment", "-1"), "'-1' is no whole number from 0"),
        (("search", "DATA", "DATA", "--expand", "5,nan"), "--expand 5,nan"),
        (("search", "DATA", "DATA", "--rerank", "20,6,inf"), "--rerank 20,6,inf"),
        (("evaluate", "DATA", "--resamples", "0"), "'0' is no whole number from 1"),
    ],
)
def test_every_command_says_the_same_of_a_number_out_of_range(words, says, crowd, tmp_path, monkeypatch, answer):
    monkeypatch.chdir(tmp_path)
    assert says in answer(*(crowd if word == "DATA" else word for word in words))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "word",
    [
        "data.augment.erase_area=nan,nan",
        "data.augment.erase_area=1,0",
        "data.augment.erase_area=5,9",
        "data.augment.erase_area=0.1,inf",
        "data.augment.erase_area=-1,0.5",
        "data.augment.flip=nan",
        "data.std=0,1,1",
        "data.mean=inf,0,0",
        "data.workers=-1",
        "seed=-1",
        f"seed={2**64}",
        "optim.lr=inf",
        "optim.lr=nan",
        "optim.lr=1e400",
        "optim.weight_decay=inf",
        "optim.steps=nan",
        "optim.final_lr=inf",
        "optim.clip=inf",
        "method.id_weight=nan",
        "method.triplet_weight=-inf",
        "method.triplet_margin=inf",
        "method.center_lr=inf",
        "train.epochs=0",
        "train.ema=nan",
    ],
)
def test_a_number_of_a_recipe_is_in_its_range(word, tmp_path, answer):
    key, _, value = word.partition("=")
    from_words = answer("train", "baseline/world_small", word, "--out", tmp_path / "run")
    assert key in from_words
    tree: dict[str, object] = {}
    *sections, leaf = key.split(".")
    inner = tree
    for section in sections:
        inner = inner.setdefault(section, {})
    numbers = [float(part) if "." in part or not part.lstrip("-").isdigit() else int(part) for part in value.split(",")]
    inner[leaf] = numbers if "," in value or leaf == "steps" else numbers[0]
    (tmp_path / "recipe.yaml").write_text(yaml.safe_dump(tree))
    assert key in answer("train", tmp_path / "recipe.yaml", "--out", tmp_path / "run")
    assert not (tmp_path / "run").exists()


# Kind 15: names.


@pytest.mark.parametrize("name", ["../../x", "/x", "", " ", "a\0b", "..", "a/../../b", "a\\..\\b", "x" * 300, "C:x"])
def test_the_name_of_a_recipe_stays_in_its_folder(name, tmp_path, monkeypatch, answer):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "recipe.yaml").write_text(yaml.safe_dump({"name": name}))
    assert ": name = " in answer("train", "recipe.yaml")
    assert [file.name for file in tmp_path.iterdir()] == ["recipe.yaml"]


@pytest.mark.parametrize("name", ["plain", "a b", "八", "group/run", "v1.2"])
def test_other_names_of_recipes_are_kept(name):
    assert load_recipe(None, [f"name={name}"]).name == name


def test_a_file_name_that_is_not_utf8_is_named(tmp_path, answer):
    strange = a_picture(tmp_path / os.fsdecode(b"caf\xe9.png"))
    plain = a_picture(tmp_path / "other" / "plain.png")
    write_json(tmp_path / "figures.json", {"a": str(strange)})
    assert "\\udce9.png" in (tmp_path / "figures.json").read_text()
    assert "caf\\udce9.png" in answer("compare", strange, plain)
    assert "caf\\udce9.png" in answer("embed", strange, "--out", tmp_path / "e.parquet")
    assert "caf\\udce9.png" in answer("embed", tmp_path, "--out", tmp_path / "e.parquet")
    assert "caf\\udce9" in answer("compare", tmp_path / os.fsdecode(b"caf\xe9.jpg"), plain)


def test_a_folder_name_that_is_not_utf8_is_kept_in_embeddings(tmp_path, capsys):
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    a_picture(folder / "a.png")
    out = folder / "e.parquet"
    assert main(["embed", str(folder / "a.png"), "--out", str(out), "--json", str(folder / "f.json")]) == 0
    assert read_store(out).samples.root == folder
    assert (folder / "f.json").exists()
    capsys.readouterr()


def test_a_name_of_255_bytes_is_written_and_a_longer_one_named(tmp_path, answer, capsys):
    picture = a_picture(tmp_path / ("x" * 251 + ".png"))
    out = tmp_path / ("y" * 247 + ".parquet")
    assert main(["embed", str(picture), "--out", str(out)]) == 0
    assert len(read_store(out).samples) == 1
    assert sorted(tmp_path.iterdir()) == sorted([picture, out])
    longer = "z" * 256
    for words in (
        ("compare", tmp_path / longer, picture),
        ("embed", picture, "--out", tmp_path / f"{longer}.parquet"),
        ("evaluate", tmp_path / longer),
        ("doctor", tmp_path / longer),
        ("train", longer, "--out", tmp_path / "run"),
        ("embed", picture, "--out", out, "--json", tmp_path / longer),
    ):
        assert longer in answer(*words)
