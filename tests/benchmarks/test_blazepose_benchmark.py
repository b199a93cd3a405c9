"""The benchmark of BlazePose runs, where the package index holds it, and writes down what it says."""

import json
import runpy
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "blazepose.py"


@pytest.mark.slow
def test_a_few_people(tmp_path, monkeypatch, capsys, fetched):
    pytest.importorskip("openvino")
    pytest.importorskip("warp")
    fetched("blazepose")
    file = tmp_path / "blazepose.json"
    monkeypatch.setattr(sys, "argv", [str(SCRIPT), "--people", "4", "--seconds", "1", "--json", str(file)])
    runpy.run_path(str(SCRIPT), run_name="__main__")
    figures = json.loads(file.read_text())
    said = capsys.readouterr().out
    assert len(figures) == 9 and all(f"{name}: " in said for name in figures)
    kept = json.loads((SCRIPT.parent / "results" / "blazepose.json").read_text())
    assert list(kept) == list(figures)
    for name, values in figures.items():
        assert values["pictures"] == (8 if name.startswith("crops") else figures["film, tight, edge"]["pictures"])
        assert 0 <= values["pck"] <= values["pck_seen"] <= values["either_seen"] <= 1
        assert 0 <= values["iou"] <= values["iou_seen"] <= 1
    # Boxes cut with their surroundings hold the people where the truth says.
    assert figures["film, with surroundings"]["iou_seen"] > 0.5
