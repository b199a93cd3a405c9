"""docs/ranking.md says what is so: its commands work as written."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[1] / "docs" / "ranking.md").read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_commands_work_as_written(tmp_path):
    pytest.importorskip("warp")
    (code,) = re.findall(r"```sh\n(.*?)```", PAGE, flags=re.S)
    scripts = str(Path(sys.executable).parent)
    done = subprocess.run(
        ["bash", "-euc", code],
        cwd=tmp_path, env={**os.environ, "PATH": f"{scripts}:/usr/bin:/bin", "OMP_NUM_THREADS": "1"},
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert figures["rerank"] == {"k1": 20, "k2": 6, "weight": 0.3}
    assert figures["open_set"]["verification"][0]["TPR"]["value"] > 0
    assert "no sure difference" in done.stdout
    assert json.loads((tmp_path / "calibration.json").read_text())["thresholds"]


def test_it_names_options_that_there_are():
    from sameperson.cli.comparing import add_comparing
    from sameperson.cli.main import Parser

    parser = Parser()
    add_comparing(parser)
    known = parser.format_help()
    assert all(word in known for word in re.findall(r"^\| `(--[a-z]+)", PAGE, flags=re.M))
