"""Errors teach, and files appear whole or not at all."""

import errno
import pickle

import pytest

from sameperson.checks import InputError, atomic, choose, existing_file, existing_folder, nearest, writing


def test_the_message_is_one_line():
    assert "\n" not in str(InputError("two\nlines", "one", "join them"))


def test_an_error_crosses_processes():
    error = InputError("found", "expected", "then")
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again)) == (InputError, str(error))


def test_nearest_falls_back_to_the_list():
    assert nearest("zzz", ["a", "b"]) == "known: a, b"
    assert nearest("zzz", [f"{i:04}" for i in range(1000)]).endswith("0018, 0019 and 980 more")


def test_choose_names_the_nearest():
    with pytest.raises(InputError, match="did you mean resnet50"):
        choose("backbone", "resnet5", {"resnet50": 1, "osnet": 2})


def test_atomic_leaves_the_old_file_when_the_block_fails(tmp_path):
    target = tmp_path / "deep" / "file.txt"
    with atomic(target) as temporary:
        temporary.write_text("old")
    with pytest.raises(RuntimeError), atomic(target) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert target.read_text() == "old"
    assert [p.name for p in target.parent.iterdir()] == ["file.txt"]


def test_a_full_disk_is_one_line(tmp_path):
    with pytest.raises(InputError, match="No space left"), atomic(tmp_path / "f"):
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_read_only_file_system_is_one_line(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr("pathlib.Path.unlink", refuse)
    with pytest.raises(InputError, match="Read-only file system"), atomic(tmp_path / "f") as temporary:
        refuse(temporary)


def test_a_missing_input_is_not_called_a_full_disk(tmp_path):
    with pytest.raises(FileNotFoundError), writing(tmp_path / "out"):
        (tmp_path / "absent").read_text()


def test_an_output_below_a_file_is_refused(tmp_path):
    (tmp_path / "f").write_text("")
    with pytest.raises(InputError, match="cannot be written"), atomic(tmp_path / "f" / "g"):
        pass


def test_files_and_folders_are_told_apart(tmp_path):
    (tmp_path / "f").write_text("")
    with pytest.raises(InputError, match="no such folder"):
        existing_folder(tmp_path / "absent")
    with pytest.raises(InputError, match="a file"):
        existing_folder(tmp_path / "f")
    with pytest.raises(InputError, match="a folder"):
        existing_file(tmp_path)
