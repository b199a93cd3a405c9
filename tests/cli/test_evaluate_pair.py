"""`evaluate A B DATA --compare`: one network against itself and against another, seeds with commas, bad words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from sameperson.cli.main import main
from sameperson.config import Backbone, Data, Recipe
from sameperson.methods.baseline.options import Options as Baseline
from sameperson.methods.build import build_method
from sameperson.methods.load import export_weights


@pytest.fixture
def weights(tmp_path: Path) -> list[str]:
    """Three untrained networks."""
    recipe = Recipe(
        data=Data(size=(32, 16)),
        backbone=Backbone(name="osnet_x0_25", last_stride=2),
        method=Baseline(center_weight=0.0),
    )
    paths = []
    for seed in range(3):
        torch.manual_seed(seed)
        paths.append(tmp_path / f"{seed}.safetensors")
        export_weights(paths[-1], build_method(recipe, 3), recipe, people=3)
    return [str(path) for path in paths]


def test_two_networks_are_compared_on_the_same_queries(
    market: Path, weights: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--compare", "--json", str(tmp_path / "f.json")]
    assert main(["evaluate", f"{weights[0]},{weights[1]}", weights[2], str(market), *words]) == 0
    said = capsys.readouterr().out
    figures = json.loads((tmp_path / "f.json").read_text())
    assert figures["seeds"] == [2, 1] and figures["queries"] == 6 and figures["query_identities"] == 3
    of = {path: figures["runs"][path]["mAP"]["value"] for path in weights}
    expected = (of[weights[0]] + of[weights[1]]) / 2 - of[weights[2]]
    assert figures["difference"]["mAP"]["value"] == pytest.approx(expected)
    assert "(2 runs)" in said and "(1 run)" in said and "A - B" in said


def test_a_network_is_as_good_as_itself(market: Path, weights: list[str], tmp_path: Path) -> None:
    words = ["--compare", "--rerank", "3,2,0.3", "--json", str(tmp_path / "f.json")]
    assert main(["evaluate", weights[0], weights[0], str(market), *words]) == 0
    figures = json.loads((tmp_path / "f.json").read_text())
    assert figures["difference"]["mAP"] == {"value": 0.0, "low": 0.0, "high": 0.0}
    assert figures["runs"][weights[0]]["rerank"] is not None


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["{0}", "{1}", "{data}"], "2 networks"),
        (["{0}", "{data}", "--compare"], "--compare with 1 networks"),
        (["{0}", "{1}", "{data}", "--compare", "--protocol", "market1501,camera_blind"], "one protocol"),
        (["{0}", "gone.safetensors", "{data}", "--compare"], "gone.safetensors"),
    ],
)
def test_what_cannot_be_compared_is_one_line(
    market: Path, weights: list[str], words: list[str], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", *(word.format(*weights, data=market) for word in words)]) == 2
    said = capsys.readouterr().err
    assert named in said and len(said.strip().splitlines()) == 1


def test_a_page_shows_two_models_side_by_side(
    market: Path, weights: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page, file = tmp_path / "two.html", tmp_path / "two.json"
    words = ["--compare", "--report", str(page), "--json", str(file), "--resamples", "50"]
    assert main(["evaluate", f"{weights[0]},{weights[1]}", weights[2], str(market), *words]) == 0
    assert capsys.readouterr().out.strip().endswith(str(page))
    figures = json.loads(file.read_text())
    beside = figures["failures"]["beside"]
    # The page's B less A is the table's A less B, the other way round, over the same seeds.
    assert beside["mAP"]["value"] == pytest.approx(-figures["difference"]["mAP"]["value"])
    assert figures["mAP"] == figures["runs"][weights[0]]["mAP"]
    text = page.read_text()
    assert "Two models side by side" in text and f"A is {figures['a']}" in text and f"B is {weights[2]}" in text
    assert main(["report", str(file), "--out", str(tmp_path / "again.html")]) == 0
    assert (tmp_path / "again.html").read_text() == text
