"""A demo's folder: kept for the same arguments, begun anew for others, and nobody else's work is ever removed."""

import json

import pytest

from sameperson.checks import InputError
from sameperson.demo_folder import HOLDS, NOTE, open_demo

PLAN = {"seed": 0}


def finished(path):
    """What a demo leaves."""
    demo = open_demo(path, PLAN)
    with demo.stage("world"):
        (path / "world").mkdir()
        (path / "world" / "a.jpg").write_text("a")
    (path / "result.json").write_text("{}")
    return demo


def test_the_same_arguments_go_on_with_what_is_there(tmp_path):
    first = finished(tmp_path / "demo")
    again = open_demo(tmp_path / "demo", dict(PLAN))
    assert "going on" in again.found
    assert again.seconds == first.seconds
    assert list(again.seconds) == ["world"]
    assert (tmp_path / "demo" / "world" / "a.jpg").exists()


def test_other_arguments_start_anew_and_leave_nothing_behind(tmp_path):
    finished(tmp_path / "demo")
    other = open_demo(tmp_path / "demo", {"seed": 1})
    assert "anew" in other.found
    assert other.seconds == {}
    assert [path.name for path in (tmp_path / "demo").iterdir()] == [NOTE]


def test_only_what_a_demo_makes_is_removed(tmp_path):
    finished(tmp_path / "demo")
    (tmp_path / "demo" / "thesis.txt").write_text("mine")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "weights").write_text("mine")
    (tmp_path / "demo" / "train").symlink_to(tmp_path / "elsewhere")
    open_demo(tmp_path / "demo", {"seed": 1})
    assert (tmp_path / "demo" / "thesis.txt").read_text() == "mine"
    assert (tmp_path / "elsewhere" / "weights").read_text() == "mine"
    assert not (tmp_path / "demo" / "train").exists()


@pytest.mark.parametrize("name", ["thesis.txt", "world"])
def test_a_folder_of_something_else_is_refused(tmp_path, name):
    (tmp_path / name).write_text("mine")
    with pytest.raises(InputError, match="no demo"):
        open_demo(tmp_path, PLAN)
    assert (tmp_path / name).read_text() == "mine"


def test_a_file_and_a_damaged_note_are_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="a file"):
        open_demo(tmp_path / "file", PLAN)
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / NOTE).write_text("{")
    with pytest.raises(InputError, match="damaged"):
        open_demo(tmp_path / "demo", PLAN)


def test_a_killed_stage_is_timed_over_both_calls(tmp_path):
    demo = open_demo(tmp_path, PLAN)
    with pytest.raises(KeyboardInterrupt), demo.stage("train", again=False):
        demo.note()
        raise KeyboardInterrupt
    (tmp_path / NOTE).write_text(json.dumps({"arguments": PLAN, "seconds": {"train": 100.0}}))
    for again, least, most in ((False, 100, 101), (True, 0, 1)):
        demo = open_demo(tmp_path, PLAN)
        demo.seconds["train"] = 100.0
        with demo.stage("train", again=again):
            pass
        assert least <= demo.seconds["train"] < most


def test_the_note_is_removed_last():
    assert HOLDS[-1] == NOTE
