"""Temporary files of killed processes go with the next writing of the same file, and nothing else does."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sameperson.checks import atomic
from sameperson.leftovers import discard, sweep_tree
from sameperson.locks import locked
from sameperson.priors.label_sets import LIP
from sameperson.priors.resumable_writer import LabelMapWriter


@pytest.fixture(scope="module")
def dead() -> int:
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_next_writer_removes_what_a_dead_one_left(tmp_path, dead):
    lines = [f".a.txt.{dead}.part", f".a.txt.{os.getpid()}.part", f".a.txt.{os.getppid()}.part", f".b.txt.{dead}.part"]
    users = [".a.txt.part", f"a.txt.{dead}.part", f".a.txt.{dead}.part.txt", f".xa.txt.{dead}.part", ".a.txt.1x.part"]
    for name in lines + users:
        (tmp_path / name).touch()
    (tmp_path / f".a.txt.{dead}0.part").mkdir()
    with atomic(tmp_path / "a.txt") as temporary:
        temporary.write_text("whole")
    kept = [f".a.txt.{os.getppid()}.part", f".b.txt.{dead}.part", f".a.txt.{dead}0.part"]
    assert names(tmp_path) == sorted(["a.txt", *kept, *users])
    with atomic(tmp_path / "b.txt") as temporary:
        temporary.write_text("whole")
    assert f".b.txt.{dead}.part" not in names(tmp_path)


def test_whoever_holds_the_lock_removes_them_whoever_has_the_number_now(tmp_path, dead):
    for name in (f".out.{os.getppid()}.part", f".out.{dead}.part", f".other.{dead}.part"):
        (tmp_path / name).touch()
    with locked(tmp_path / "out"):
        assert names(tmp_path) == sorted([f".other.{dead}.part", ".out.lock"])


def test_a_tree_of_ours_is_swept_to_its_last_folder(tmp_path, dead):
    (tmp_path / "a" / "b").mkdir(parents=True)
    for name in (f".x.{dead}.part", f"a/b/..y.1.{dead}.part", "a/b/mine.part"):
        (tmp_path / name).touch()
    sweep_tree(tmp_path)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["mine.part"]


def test_the_note_of_a_tree_goes_first(tmp_path, monkeypatch):
    """A tree that is half removed must not look like one that can be gone on with."""
    (tmp_path / "tree").mkdir()
    note = tmp_path / "tree" / "note.json"
    note.touch()
    seen = []
    monkeypatch.setattr("shutil.rmtree", lambda folder: seen.append((folder, note.exists())))
    discard(tmp_path / "tree", note)
    assert seen == [(tmp_path / "tree", False)]


def test_a_hidden_folder_of_the_users_is_not_taken_for_an_unfinished_one(tmp_path):
    """As `.config` is, beside which someone writes label maps into `config`."""
    (tmp_path / ".config").mkdir()
    (tmp_path / ".config" / "settings").touch()
    writer = LabelMapWriter(tmp_path / "config", "key", ["a.jpg"])
    writer.add(0, np.zeros((2, 2), np.uint8), LIP)
    writer.finish()
    assert names(tmp_path) == [".config", "config"] and names(tmp_path / ".config") == ["settings"]
