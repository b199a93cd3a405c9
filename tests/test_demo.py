"""The whole story in little, from an empty folder to a page, and again from what it left."""

import json
import shlex

import pytest

from sameperson.cli.main import main

pytestmark = pytest.mark.slow
pytest.importorskip("warp", reason="the renderer is not installed")


def test_the_whole_story(tmp_path, capsys):
    out = tmp_path / "demo"
    words = ["demo", "--quick", "--out", str(out), "--json", str(tmp_path / "figures.json")]
    assert main(words) == 0
    result = json.loads((out / "result.json").read_text())
    assert json.loads((tmp_path / "figures.json").read_text()) == result
    for system in ("raw_pixels", "untrained", "trained"):
        for metric in ("rank1", "rank5", "rank10", "mAP", "mINP"):
            figure = result[system][metric]
            assert 0 <= figure["low"] <= figure["value"] <= figure["high"] <= 1
    assert (result["test_identities"], result["queries"], result["gallery"]) == (6, 18, 18)
    assert (result["skipped_queries"], result["reused"]) == (0, [])
    stages = {"world", "train", "evaluate", "calibrate", "search", "report"}
    assert result["seconds"].keys() == stages | {"total"}
    assert result["seconds"]["total"] == pytest.approx(sum(result["seconds"][stage] for stage in stages), abs=0.05)
    page = (out / "report.html").read_text()
    assert page.count("data:image/jpeg") > 50
    assert "picture gone" not in page

    # The weights know people's probabilities, so the command that the report names answers with them.
    search = json.loads((out / "pictures.json").read_text())["search"]
    words = [
        *shlex.split(search["command"])[1:],
        "--out",
        str(tmp_path / "ranked.png"),
        "--json",
        str(tmp_path / "s.json"),
    ]
    assert main(words) == 0
    found = json.loads((tmp_path / "s.json").read_text())["queries"][0]["results"]
    assert [one["distance"] for one in found] == pytest.approx([one["distance"] for one in search["answers"]], abs=1e-5)
    assert [one["probability"] for one in found] == pytest.approx(
        [one["probability"] for one in search["answers"]], abs=1e-5
    )

    # Again: nothing is made twice, and the figures are the same.
    capsys.readouterr()
    assert main(["demo", "--quick", "--out", str(out)]) == 0
    assert "kept from before" in capsys.readouterr().out
    again = json.loads((out / "result.json").read_text())
    assert again["reused"] == ["world", "train"]
    assert {key: again[key] for key in ("trained", "untrained", "raw_pixels")} == {
        key: result[key] for key in ("trained", "untrained", "raw_pixels")
    }
    assert again["seconds"]["train"] == result["seconds"]["train"]
