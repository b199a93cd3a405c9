"""The film probe counts the pairs that it says, and prints figures that a hand can check."""

import csv
import json
import runpy
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

PROBE = Path(__file__).parents[2] / "benchmarks" / "film_crops.py"


@pytest.fixture
def film(tmp_path):
    """Two people of one colour each; the second is seen three times, but twice within 12 frames."""
    rows = [("red", 1, 10), ("red", 1, 40), ("blue", 2, 10), ("blue", 2, 15), ("blue", 2, 60)]
    rng = np.random.default_rng(0)
    with (tmp_path / "crops.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["path", "pid", "camid", "frame"])
        for number, (colour, pid, frame) in enumerate(rows):
            pixels = np.zeros((128, 64, 3))
            pixels[:64] = (200, 30, 30) if colour == "red" else (30, 30, 200)
            Image.fromarray((pixels + rng.normal(0, 4, pixels.shape)).clip(0, 255).astype(np.uint8)).save(
                tmp_path / f"{number}.png"
            )
            writer.writerow([f"{number}.png", pid, 1, frame])
    return tmp_path / "crops.csv"


@pytest.fixture
def probe(monkeypatch, capsys):
    """Types the probe with words in this process; returns its exit code, what it printed and its errors."""

    def run(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", [str(PROBE), *map(str, words)])
        code = 0
        try:
            runpy.run_path(str(PROBE), run_name="__main__")
        except SystemExit as end:
            code = int(end.code or 0)
        return code, *capsys.readouterr()

    return run


def test_easy_people_are_told_apart_and_the_probabilities_are_judged(film, tmp_path, probe):
    code, said, errors = probe(film, "--json", tmp_path / "figures.json")
    assert code == 0, errors
    figures = json.loads((tmp_path / "figures.json").read_text())
    ours = figures["shipped weights"]
    assert ours["AUC"] == ours["mAP"] == ours["rank-1"] == 1 and ours["queries"] == 5
    assert 0 <= ours["calibration error where fitted"] < 0.05 and 0 <= ours["calibration error"] <= 1
    assert "calibration error" not in figures["raw pixels"]
    assert "calibration error" in said


def test_frames_too_near_are_no_pair(film, probe):
    """Without frame 60, frames 10 and 15 of the second person have no partner, and do not ask."""
    lines = film.read_text().splitlines()
    film.write_text("\n".join(lines[:-1]) + "\n")
    code, said, _ = probe(film)
    assert code == 0 and said.count("(2 queries)") == 2


def test_a_missing_list_is_one_line(tmp_path, probe):
    code, _, errors = probe(tmp_path / "absent.csv")
    assert code == 2 and "absent.csv" in errors
