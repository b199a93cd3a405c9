"""The benchmark of the world runs, and writes down what it says."""

import json
import runpy
import sys
from pathlib import Path

import cv2
import pytest
import torch

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "world.py"


@pytest.fixture
def threads():
    """The script leaves itself one thread; give the others back."""
    kept = torch.get_num_threads(), cv2.getNumThreads()
    yield
    torch.set_num_threads(kept[0])
    cv2.setNumThreads(kept[1])


def test_little_of_everything(tmp_path, monkeypatch, capsys, threads):
    file = tmp_path / "out" / "world.json"
    monkeypatch.setattr(sys, "argv", [str(SCRIPT), "--quick", "--json", str(file)])
    runpy.run_path(str(SCRIPT), run_name="__main__")
    figures = json.loads(file.read_text())
    said = capsys.readouterr().out
    (case,) = figures["cases"]
    assert (case["size"], case["supersample"]) == ([256, 128], 2)
    assert figures["sizes"] == {"shots": 16, "people": 2, "film": [640, 360]}
    assert figures["crops_per_s"] == pytest.approx(16 / figures["ours_s"])
    assert f"{figures['crops_per_s']:.1f} crops/s of one core" in said
    assert min(figures["ours_s"], figures["floor_s"], figures["tree_crops_per_s"]) > 0
    assert figures["ours_over_floor"] == pytest.approx(figures["ours_s"] / figures["floor_s"])
    assert [film["frames"] for film in figures["films"]] == [3, 3]  # one moment through three cameras
    assert figures["peer_s"] is None
