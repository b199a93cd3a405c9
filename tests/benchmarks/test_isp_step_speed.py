"""The benchmark of ISP's step runs, and writes down what it says."""

import json
import runpy
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"
SCRIPT = FOLDER / "isp_step.py"


def test_a_small_step(tmp_path, monkeypatch, capsys):
    file = tmp_path / "out" / "isp_step.json"
    monkeypatch.syspath_prepend(str(FOLDER))
    monkeypatch.setattr(sys, "argv", [str(SCRIPT), "--quick", "--device", "cpu", "--json", str(file)])
    runpy.run_path(str(SCRIPT), run_name="__main__")
    figures = json.loads(file.read_text())
    said = capsys.readouterr().out
    assert "osnet_ain_x0_25, 8 pictures of 64x32 a step, on CPU" in said
    assert set(figures["seconds"]) == {"isp, fp32", "baseline, fp32", "backbone alone, fp32"}
    assert figures["images_per_s"]["isp, fp32"] == pytest.approx(8 / figures["ours_s"])
    assert figures["ours_over_floor"] == pytest.approx(figures["ours_s"] / figures["floor_s"])
    assert figures["bf16_over_fp32"] is None
