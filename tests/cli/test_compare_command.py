"""`compare` from the command line: a distance, and a probability where a calibration says how."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sameperson.cli.main import main


def calibration(folder: Path) -> list[str]:
    """Undecided at a distance of .5."""
    (folder / "c.json").write_text(json.dumps({"slope": -8.0, "intercept": 4.0}))
    return ["--calibration", str(folder / "c.json")]


def cosine_distance(a: Path, b: Path) -> float:
    one, two = (np.asarray(Image.open(path), np.float64).mean(axis=(0, 1)) / 255 - 0.5 for path in (a, b))
    return float(1 - one @ two / np.linalg.norm(one) / np.linalg.norm(two))


def test_two_pictures_of_one_person(
    shots: Path, network: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a, b = shots / "ann/cam1/ann_10.png", shots / "ann/cam2/ann_20.png"
    words = ["compare", str(a), str(b), "--json", str(tmp_path / "f.json"), *calibration(tmp_path), *network]
    assert main(words) == 0
    assert capsys.readouterr().out.startswith("same person")
    figures = json.loads((tmp_path / "f.json").read_text())
    assert figures["distance"] == pytest.approx(cosine_distance(a, b), abs=1e-4)
    assert figures["probability"] == pytest.approx(1 / (1 + np.exp(8 * figures["distance"] - 4)))
    assert figures["same"] is True


def test_two_people(shots: Path, network: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, b = shots / "ann/cam1/ann_10.png", shots / "bob/cam1/bob_10.png"
    assert main(["compare", str(a), str(b), *calibration(tmp_path), *network]) == 0
    assert capsys.readouterr().out.startswith("different people")


def test_without_a_calibration_nothing_is_claimed(
    shots: Path, network: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a, b = shots / "ann/cam1/ann_10.png", shots / "bob/cam1/bob_10.png"
    assert main(["compare", str(a), str(b), "--json", str(tmp_path / "f.json"), *network]) == 0
    said = capsys.readouterr().out
    assert f"distance {cosine_distance(a, b):.3f}" in said and "no calibration" in said
    figures = json.loads((tmp_path / "f.json").read_text())
    assert (figures["probability"], figures["same"]) == (None, None)


def test_bad_input_is_one_line(
    shots: Path, network: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, text = str(shots / "ann/cam1/ann_10.png"), tmp_path / "text.jpg"
    text.write_text("hello")
    (tmp_path / "c.json").write_text("{}")
    for words, said in (
        ([good, str(tmp_path / "gone.jpg")], "gone.jpg: no such file"),
        ([good, str(shots)], "shots: a folder"),
        ([good, str(text)], "text.jpg"),
        ([good, good, "--calibration", str(tmp_path / "c.json")], "c.json: no calibration"),
    ):
        assert main(["compare", *words, *network]) == 2
        caught = capsys.readouterr().err
        assert said in caught and caught.count("\n") == 1
