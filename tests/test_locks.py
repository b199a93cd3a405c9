"""Of two processes that would write one output, the second is told who writes there, and changes nothing."""

import errno
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sameperson.checks import InputError
from sameperson.locks import locked

HOLD = """
import sys
from sameperson.locks import locked
with locked(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.readline()
"""


@contextmanager
def held_by_another(target: Path) -> Iterator[subprocess.Popen]:
    """A process that holds the lock until its input ends."""
    command = [sys.executable, "-c", HOLD, str(target)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        yield process


def test_the_second_is_told_who_is_there(tmp_path):
    out = tmp_path / "out"
    with held_by_another(out) as process:
        with pytest.raises(InputError) as told, locked(out):
            pytest.fail("both hold the lock")
        assert f"process {process.pid} on {socket.gethostname()} has been writing there since 20" in told.value.found
        assert [path.name for path in tmp_path.iterdir()] == [".out.lock"]
    assert process.returncode == 0 and not list(tmp_path.iterdir())


def test_a_lock_ends_with_its_killed_process(tmp_path):
    out = tmp_path / "out"
    with held_by_another(out) as process:
        process.send_signal(signal.SIGKILL)
    assert (tmp_path / ".out.lock").exists()
    with locked(out):
        assert json.loads((tmp_path / ".out.lock").read_text())["pid"] == os.getpid()
    assert not list(tmp_path.iterdir())


def test_a_link_is_the_folder_that_it_leads_to(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    held = held_by_another(tmp_path / "real")
    with held, pytest.raises(InputError, match="has been writing"), locked(tmp_path / "link"):
        pytest.fail("both hold the lock")


def test_what_begins_to_exist_while_it_is_locked(tmp_path):
    with held_by_another(tmp_path / "out"):
        (tmp_path / "out").mkdir()
        with pytest.raises(InputError, match="has been writing"), locked(tmp_path / "out"):
            pytest.fail("both hold the lock")


def test_a_thread_locks_again_what_it_holds_and_another_thread_does_not(tmp_path):
    said = []

    def second() -> None:
        try:
            with locked(tmp_path / "out"):
                said.append("held")
        except InputError as error:
            said.append(error.found)

    with locked(tmp_path / "out"):
        with locked(tmp_path / "out"):
            pass
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
    assert len(said) == 1 and f"process {os.getpid()}" in said[0]
    with locked(tmp_path / "out"):
        pass


def test_folders_made_for_a_lock_go_with_it_unless_they_are_used(tmp_path):
    with pytest.raises(RuntimeError), locked(tmp_path / "a" / "b" / "out"):
        raise RuntimeError
    assert not list(tmp_path.iterdir())
    with locked(tmp_path / "a" / "b" / "out"):
        (tmp_path / "a" / "kept").touch()
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["kept"]


def test_a_file_of_that_name_that_is_no_lock_stays(tmp_path):
    (tmp_path / ".out.lock").write_text("mine")
    with pytest.raises(InputError, match="no lock of ours"), locked(tmp_path / "out"):
        pytest.fail("locked")
    assert (tmp_path / ".out.lock").read_text() == "mine"


def test_a_file_system_without_locks_is_told_and_used(tmp_path, monkeypatch, caplog):
    fcntl = pytest.importorskip("fcntl")

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    ran = False
    with caplog.at_level(logging.WARNING), locked(tmp_path / "out"):
        ran = True
    assert ran and "no lock can be had there (No locks available)" in caplog.text and not list(tmp_path.iterdir())


RACE = """
import sys, time
from pathlib import Path
from sameperson.checks import InputError
from sameperson.locks import locked
out, inside = Path(sys.argv[1]), Path(sys.argv[2])
entered = 0
while entered < 40:
    try:
        with locked(out):
            inside.mkdir()  # fails where somebody else is inside
            time.sleep(0.0005)
            inside.rmdir()
            entered += 1
    except InputError:
        time.sleep(0.0005)
"""


def test_no_two_are_inside_however_often_the_lock_file_goes(tmp_path):
    command = [sys.executable, "-c", RACE, str(tmp_path / "a" / "out"), str(tmp_path / "inside")]
    processes = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    for process in processes:
        _, said = process.communicate()
        assert process.returncode == 0, said
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
