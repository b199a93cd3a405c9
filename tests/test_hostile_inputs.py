"""Hostile inputs: whatever a path, a file or a number is, a command answers with one line and exit code 2."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sameperson.checks import InputError, apart, atomic, existing_file, existing_folder, kind_of, read_json, walk
from sameperson.cli.main import main
from sameperson.data.prepare.annotation import read_annotation
from sameperson.data.prepare.tracks import read_tracks
from sameperson.data.readers.files import pictures_below
from sameperson.data.readers.live import read_plan
from sameperson.data.readers.open_reid_json import json_in
from sameperson.images.decode import BrokenPicture, read_picture
from sameperson.overrides import load_recipe
from sameperson.priors.pose_files import read_bodies
from sameperson.retrieval.calibrate import read_calibration

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
