"""The film probe counts the pairs that it says, and prints figures that a hand can check."""

import csv
import json
import subprocess
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


def probe(*words: object) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, str(PROBE), *map(str, words)], capture_output=True, text=True)


def test_easy_people_are_told_apart_and_the_probabilities_are_judged(film, tmp_path):
    done = probe(film, "--json", tmp_path / "figures.json")
    assert done.returncode == 0, done.stderr
    figures = json.loads((tmp_path / "figures.json").read_text())
    ours = figures["shipped weights"]
    assert ours["AUC"] == ours["mAP"] == ours["rank-1"] == 1 and ours["queries"] == 5
    assert 0 <= ours["calibration error where fitted"] < 0.05 and 0 <= ours["calibration error"] <= 1
    assert "calibration error" not in figures["raw pixels"]
    assert "calibration error" in done.stdout


def test_frames_too_near_are_no_pair(film):
    """Without frame 60, frames 10 and 15 of the second person have no partner, and do not ask."""
    lines = film.read_text().splitlines()
    film.write_text("\n".join(lines[:-1]) + "\n")
    done = probe(film)
    assert done.returncode == 0 and done.stdout.count("(2 queries)") == 2


def test_a_missing_list_is_one_line(tmp_path):
    done = probe(tmp_path / "absent.csv")
    assert done.returncode == 2 and "absent.csv" in done.stderr and "Traceback" not in done.stderr
