"""Malformed inputs and kills, drawn from a seed, over all commands: each is answered in one line, nothing is half done.

`tests/hostile/run_cases.py` and `tests/hostile/run_kills.py` do the work, in processes of their own; started by hand,
they draw other cases and show a single one.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HOSTILE = Path(__file__).parent / "hostile"
CASES, KILLS = (int(os.environ.get(f"HOSTILE_{what}", most)) for what, most in (("CASES", 2000), ("KILLS", 100)))
"""How many the slow tests draw; `.ci/run` asks for fewer, since it has 40 minutes for all."""


def results_of(program: str, tmp_path: Path, *words: str) -> dict:
    """Run a program of the folder to its end and return what it found."""
    out = tmp_path / "results.json"
    command = [sys.executable, str(HOSTILE / program), "--out", str(out), "--work", str(tmp_path / "work"), *words]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert out.exists(), done.stdout[-3000:] + done.stderr[-3000:]
    return json.loads(out.read_text(encoding="utf-8"))


@pytest.mark.slow
def test_malformed_inputs_are_answered_in_one_line(tmp_path):
    found = results_of("run_cases.py", tmp_path, "--cases", str(CASES))
    assert not found["faults"], "\n".join(map(json.dumps, found["faults"]))
    assert sum(found["codes"].values()) == CASES
    assert set(found["codes"]) == {"0", "2"}  # some are sound after all, so that sound ones are not refused


@pytest.mark.slow
def test_kills_lose_nothing_and_leave_nothing(tmp_path):
    found = results_of("run_kills.py", tmp_path, "--kills", str(KILLS))
    assert not found["faults"], "\n".join(map(json.dumps, found["faults"]))
    assert sum(found["kills"].values()) == KILLS


def test_a_few_malformed_inputs_and_kills(tmp_path):
    """The same with other draws, few enough for every day."""
    found = results_of("run_cases.py", tmp_path, "--cases", "40", "--seed", "1", "--jobs", "1")
    assert not found["faults"], "\n".join(map(json.dumps, found["faults"]))
    found = results_of("run_kills.py", tmp_path, "--kills", "3", "--only", "embed")
    assert not found["faults"], "\n".join(map(json.dumps, found["faults"]))
