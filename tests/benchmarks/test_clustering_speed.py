"""The benchmark of clustering runs, writes down what it says, and counts agreement as pairs do."""

import json
import runpy
import sys
from itertools import combinations
from pathlib import Path

import pytest
import torch

FOLDER = Path(__file__).parents[2] / "benchmarks"
SCRIPT = FOLDER / "clustering.py"


@pytest.fixture
def script(monkeypatch):
    """What the script defines."""
    monkeypatch.syspath_prepend(str(FOLDER))
    return runpy.run_path(str(SCRIPT))


def test_little_of_everything(tmp_path, monkeypatch, capsys):
    file = tmp_path / "out" / "clustering.json"
    monkeypatch.syspath_prepend(str(FOLDER))
    monkeypatch.setattr(sys, "argv", [str(SCRIPT), "--quick", "--no-peer", "--json", str(file)])
    runpy.run_path(str(SCRIPT), run_name="__main__")
    figures = json.loads(file.read_text())
    said = capsys.readouterr().out
    assert figures["peer_s"] is None
    assert set(figures["seconds"]) == {"ours", "ours, k-means alone", "floor", "20 iterations' products"}
    assert all(len(values) == figures["runs"] == 2 and min(values) > 0 for values in figures["seconds"].values())
    assert all(len(values) == 2 for values in figures["seconds_of_cores"].values())
    assert f"ours: {1e3 * figures['ours_s']:.1f} ms" in said
    assert {kind: set(of) for kind, of in figures["quality"].items()} == {"bands": {"ours"}, "world": {"ours"}}
    assert figures["quality"]["world"]["ours"]["agreement"] > 0  # better than by chance, before it learned anything
    assert list(figures["peak_extra_mb_of_data_sets"]) == ["4 people", "16 people", "5 people, one with 70 pictures"]


def test_bands_without_noise_are_found_by_everyone(script):
    maps, truth = script["bands"](2, 24, 0.0, 3)
    judged = script["judged"]([(maps, truth)], {"naive": lambda points: truth[truth > 0].long() - 1})
    for figures in judged.values():
        assert figures["agreement"] == 1.0
        assert figures["spread_over_best"] == pytest.approx(1.0, abs=1e-3)


def test_agreement_is_counted_over_pairs(script):
    draw = torch.Generator().manual_seed(0)
    for _ in range(5):
        one, other = (torch.randint(0, k, (40,), generator=draw) for k in (3, 4))
        pairs = list(combinations(range(40), 2))
        in_one = sum(bool(one[a] == one[b]) for a, b in pairs)
        in_other = sum(bool(other[a] == other[b]) for a, b in pairs)
        in_both = sum(bool(one[a] == one[b] and other[a] == other[b]) for a, b in pairs)
        chance = in_one * in_other / len(pairs)
        wanted = (in_both - chance) / ((in_one + in_other) / 2 - chance)
        assert script["agreement"](one, other) == pytest.approx(wanted)
    assert script["agreement"](torch.arange(40) % 3, (torch.arange(40) + 1) % 3) == 1.0


def test_spread_is_the_squared_distances_to_the_means(script):
    points = torch.nn.functional.normalize(torch.randn(30, 5, generator=torch.Generator().manual_seed(1)))
    labels = torch.arange(30) % 4
    wanted = sum(float((points[labels == c] - points[labels == c].mean(0)).square().sum()) for c in range(4))
    assert script["spread"](points, labels) == pytest.approx(wanted, rel=1e-5)
