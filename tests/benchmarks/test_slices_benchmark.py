"""The benchmark of the failure report: scores find what the world knows to be hard, and rank it as the truth does."""

import json
import runpy
import sys
from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"
SCRIPT = FOLDER / "slices.py"
AT_LEAST = 0.8
"""AUC of each score on a small world; on a larger one it is .85."""


def test_the_auc_is_the_share_of_pairs_in_the_right_order(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    script = runpy.run_path(str(SCRIPT))
    rng = np.random.default_rng(0)
    values, positive = rng.integers(0, 6, 40).astype(float), rng.random(40) < 0.4
    pairs = [(a > b) + 0.5 * (a == b) for a in values[positive] for b in values[~positive]]
    assert script["auc"](values, positive) == pytest.approx(np.mean(pairs))


@pytest.mark.slow
def test_true_priors_find_what_is_hard(tmp_path, monkeypatch, capsys):
    pytest.importorskip("warp")
    monkeypatch.syspath_prepend(str(FOLDER))
    file = tmp_path / "slices.json"
    monkeypatch.setattr(sys, "argv", [str(SCRIPT), "--people", "16", "--seed", "3", "--json", str(file)])
    runpy.run_path(str(SCRIPT), run_name="__main__")
    figures = json.loads(file.read_text())
    said = capsys.readouterr().out
    found = figures["auc"]["true keypoints and maps"]
    assert set(found) == {"hidden", "several", "resolution", "light"} and min(found.values()) >= AT_LEAST, found
    assert found["hidden"] > 0.95 and found["several"] > 0.95
    assert all(name in said for name in ("Hidden", "Several people", "true maps"))
    truth, ours = (figures["slices"][name] for name in ("truth", "true keypoints and maps"))
    for one in found:
        for other in found:
            # Where the truth is sure which of two causes costs more, the scores say the same.
            if truth[one]["difference"]["high"] < truth[other]["difference"]["low"]:
                assert ours[one]["place"] < ours[other]["place"], (one, other)
    kept = json.loads((FOLDER / "results" / "slices.json").read_text())
    assert min(kept["auc"]["true keypoints and maps"].values()) >= 0.85
