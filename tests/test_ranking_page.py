"""docs/ranking.md says what is so: its commands work as written."""

import json
import re
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[1] / "docs" / "ranking.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_commands_work_as_written(tmp_path, typed):
    pytest.importorskip("warp")
    (code,) = re.findall(r"```sh\n(.*?)```", PAGE, flags=re.S)
    out = typed(code)
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert figures["rerank"] == {"k1": 20, "k2": 6, "weight": 0.3}
    assert figures["open_set"]["verification"][0]["TPR"]["value"] > 0
    assert "no sure difference" in out
    stored = json.loads((tmp_path / "stored.json").read_text())
    assert (stored["mAP"], stored["fingerprint"]) == (figures["mAP"], figures["fingerprint"])
    assert json.loads((tmp_path / "calibration.json").read_text())["thresholds"]


def test_it_names_options_that_there_are():
    from sameperson.cli.common.similarity_args import add_similarity
    from sameperson.cli.main import Parser

    parser = Parser()
    add_similarity(parser)
    known = parser.format_help()
    assert all(word in known for word in re.findall(r"^\| `(--[a-z]+)", PAGE, flags=re.M))
