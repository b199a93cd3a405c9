"""The benchmark of the parser's memory runs the whole loop for a few steps, and writes down what it saw."""

import json
import runpy
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "parser_memory.py"


def test_a_few_steps(tmp_path, monkeypatch, capsys):
    file = tmp_path / "out" / "memory.json"
    words = ["--steps", "40", "--warm-up", "20", "--size", "32", "16", "--batch", "2", "--json", str(file)]
    monkeypatch.setattr(sys, "argv", [str(SCRIPT), *words])
    runpy.run_path(str(SCRIPT), run_name="__main__")
    figures = json.loads(file.read_text())
    assert 40 <= figures["steps"] <= 80 and figures["warm_up"] == 20
    resident = figures["resident_mb"]
    assert figures["grown_mb"] == resident["highest"] - resident["warm"] >= 0 < resident["first"]
    assert f"{figures['steps']} steps of light_parser" in capsys.readouterr().out
